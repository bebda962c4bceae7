package org.heliograph.peer.ice;

/** Where an {@link IceAgent} stands (W3C {@code RTCIceTransportState}). */
public enum IceState {
  /** The remote credentials are not known; nothing is checked. */
  NEW,
  /** Pairs are being checked and none is usable. */
  CHECKING,
  /** A pair is usable; a better one may still be found. */
  CONNECTED,
  /** A pair is nominated, and both sides have named all their candidates. */
  COMPLETED,
  /** The selected pair has stopped answering; it may come back, or another may take its place. */
  DISCONNECTED,
  /** No pair was found, or consent to send has expired; only a restart leads out. */
  FAILED,
  /** The agent was closed. */
  CLOSED
}
