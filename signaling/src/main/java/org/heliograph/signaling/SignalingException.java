package org.heliograph.signaling;

import java.io.Serial;

/** An envelope cannot be sent now; the message says why. */
public final class SignalingException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public SignalingException(String message) {
    super(message);
  }
}
