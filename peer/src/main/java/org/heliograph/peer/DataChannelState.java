package org.heliograph.peer;

/** W3C {@code RTCDataChannelState}. */
public enum DataChannelState {
  CONNECTING,
  OPEN,
  CLOSING,
  CLOSED
}
