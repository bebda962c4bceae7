package org.heliograph.peer.dtls;

/** Which side of the handshake this is (RFC 8842 5.2). */
public enum DtlsRole {
  /** Sends the first message; {@code a=setup:active}. */
  CLIENT,
  /** Waits for it; {@code a=setup:passive}. */
  SERVER
}
