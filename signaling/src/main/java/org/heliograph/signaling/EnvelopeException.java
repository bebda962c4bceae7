package org.heliograph.signaling;

import java.io.Serial;
import org.heliograph.text.ForeignText;

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
    TOO_MANY,
    PEER_UNREACHABLE
  }

  private final Code code;

  /**
   * @param message in a sentence or two; what it repeats of others is made fit to be shown
   */
  public EnvelopeException(Code code, String message) {
    super(ForeignText.line(message, 4 * ForeignText.LINE_LIMIT));
    this.code = code;
  }

  public Code code() {
    return code;
  }
}
