package org.heliograph.relay;

import java.util.Objects;

/**
 * Why a subscriber's connection ends (docs/media-protocol.md).
 *
 * @param code the WebSocket close code
 * @param text the close reason, in words
 */
public record CloseReason(int code, String text) {
  public static final CloseReason ENDED = new CloseReason(1000, "the call is over");
  static final CloseReason FAILED = new CloseReason(1011, "the agent could not go on");
  static final CloseReason TOO_SLOW = new CloseReason(1013, "too slow for too long");
  static final CloseReason TOO_MANY = new CloseReason(1013, "too many subscribers");
  public static final CloseReason NO_BINARY =
      new CloseReason(1003, "binary messages go to the page only");
  public static final CloseReason BAD_FORMAT =
      new CloseReason(4400, "no such format: there are webm, frames, and frames with sound=pcm");
  public static final CloseReason NO_CALL = new CloseReason(4404, "no such call");
  public static final CloseReason NO_TRACK = new CloseReason(4404, "no such track in this call");

  public CloseReason {
    Objects.requireNonNull(text, "text");
  }
}
