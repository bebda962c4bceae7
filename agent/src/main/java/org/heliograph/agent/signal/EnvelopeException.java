package org.heliograph.agent.signal;

import java.io.Serial;

/** An envelope is refused; the call, if there is one, goes on. */
public final class EnvelopeException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Why an envelope is refused; the wire code is the name in lower case. */
  public enum Code {
    MALFORMED,
    TOO_LARGE,
    WRONG_SENDER,
    WRONG_RECEIVER,
    UNKNOWN_CALL,
    CHANNEL_USED,
    UNEXPECTED,
    BAD_DESCRIPTION,
    BAD_CANDIDATE,
    TOO_MANY,
    PEER_UNREACHABLE
  }

  private final Code code;

  public EnvelopeException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
