package org.heliograph.agent.loopback;

import java.io.Serial;

/** A page's connection cannot do what the page has asked for; nothing has changed. */
public final class LoopbackException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Code {
    /** The description is malformed, or does not fit the exchange. */
    BAD_DESCRIPTION,
    /** The candidate is malformed. */
    BAD_CANDIDATE,
    /** The offer asks for nothing that this side sends. */
    NOTHING_WANTED,
    /** There is no such connection, or it has ended. */
    UNKNOWN_CONNECTION,
    /** The call has as many connections as it may have. */
    TOO_MANY_CONNECTIONS
  }

  private final Code code;

  LoopbackException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
