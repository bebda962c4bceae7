package org.heliograph.peer.sctp;

/** The other side did what no correct peer does; the association ends. It costs no stack trace. */
final class ProtocolViolation extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolViolation(String message) {
    super(message, null, false, false);
  }
}
