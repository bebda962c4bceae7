package org.heliograph.agent.relay;

/** What a subscriber's binary messages are (docs/media-protocol.md). */
public enum MediaFormat {
  /** Live WebM, for MediaSource. */
  WEBM,
  /** Single encoded frames with a small header, for WebCodecs. */
  FRAMES;

  /**
   * The format that a request's {@code format} parameter names.
   *
   * @param parameter the parameter's value, or null where the request has none: WebM
   * @throws IllegalArgumentException if there is no such format
   */
  public static MediaFormat parse(String parameter) {
    return switch (parameter) {
      case null -> WEBM;
      case "webm" -> WEBM;
      case "frames" -> FRAMES;
      default ->
          throw new IllegalArgumentException(
              "unknown media format \"" + parameter + "\": expected webm or frames");
    };
  }
}
