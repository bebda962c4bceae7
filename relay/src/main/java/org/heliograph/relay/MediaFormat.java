package org.heliograph.relay;

import java.util.Objects;
import java.util.Optional;

/** What a subscriber's binary messages are (docs/media-protocol.md). */
public enum MediaFormat {
  /** Live WebM, for MediaSource. */
  WEBM,
  /** Single encoded frames with a small header, for WebCodecs. */
  FRAMES,
  /** The same with the sound decoded. */
  FRAMES_PCM;

  /**
   * The format that a request's parameters name.
   *
   * @param format the parameter {@code format}, or null where the request has none: webm
   * @param sound the parameter {@code sound}, or null where the request has none: opus
   * @return empty if there is no such format
   */
  public static Optional<MediaFormat> of(String format, String sound) {
    String container = Objects.requireNonNullElse(format, "webm");
    return switch (container + " " + Objects.requireNonNullElse(sound, "opus")) {
      case "webm opus" -> Optional.of(WEBM);
      case "frames opus" -> Optional.of(FRAMES);
      case "frames pcm" -> Optional.of(FRAMES_PCM);
      default -> Optional.empty();
    };
  }
}
