package org.heliograph.webm;

import java.io.Serial;

/** An encoded frame is not what its codec's specification says; the message tells where. */
public final class MalformedFrameException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1L;

  MalformedFrameException(String message) {
    super(message);
  }
}
