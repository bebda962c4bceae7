package org.heliograph.peer.sctp;

/** Where an association stands (RFC 9260 4). */
public enum SctpState {
  /** It was not opened, or has ended. */
  CLOSED,
  /** INIT was sent. */
  COOKIE_WAIT,
  /** COOKIE ECHO was sent. */
  COOKIE_ECHOED,
  /** Messages go both ways. */
  ESTABLISHED,
  /** The other side ends the association, and waits for what is still under way. */
  SHUTDOWN_RECEIVED,
  /** SHUTDOWN ACK was sent. */
  SHUTDOWN_ACK_SENT
}
