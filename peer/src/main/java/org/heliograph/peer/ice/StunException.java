package org.heliograph.peer.ice;

/** A packet is not a STUN message; the message says what is wrong with it. */
public final class StunException extends Exception {
  private static final long serialVersionUID = 1;

  StunException(String message) {
    // Anyone can send garbage: a stack trace for each packet would cost more than parsing it.
    super(message, null, false, false);
  }
}
