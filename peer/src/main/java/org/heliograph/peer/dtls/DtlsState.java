package org.heliograph.peer.dtls;

/** Where an association stands (W3C {@code RTCDtlsTransportState}). */
public enum DtlsState {
  NEW,
  CONNECTING,
  CONNECTED,
  CLOSED,
  FAILED
}
