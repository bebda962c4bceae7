package org.heliograph.session;

import java.io.Serial;

/** An encoder cannot be had or failed; the message says why and which package to install. */
public final class CodecException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public CodecException(String message) {
    super(message);
  }

  public CodecException(String message, Throwable cause) {
    super(message, cause);
  }
}
