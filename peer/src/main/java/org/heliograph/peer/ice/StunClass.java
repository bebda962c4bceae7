package org.heliograph.peer.ice;

/** The class of a STUN message (RFC 8489 5). */
public enum StunClass {
  REQUEST,
  INDICATION,
  SUCCESS_RESPONSE,
  ERROR_RESPONSE
}
