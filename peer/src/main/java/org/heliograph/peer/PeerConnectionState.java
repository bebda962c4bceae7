package org.heliograph.peer;

/** The state of ICE and DTLS together (W3C {@code RTCPeerConnectionState}). */
public enum PeerConnectionState {
  NEW,
  CONNECTING,
  CONNECTED,
  DISCONNECTED,
  FAILED,
  /** This side has closed the connection, or the other side has. */
  CLOSED
}
