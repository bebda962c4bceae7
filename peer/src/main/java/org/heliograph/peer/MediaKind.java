package org.heliograph.peer;

import java.util.Optional;

/**
 * The kind of a media section (W3C webrtc-pc {@code kind}; the SDP media type of RFC 8866 5.14).
 */
public enum MediaKind {
  AUDIO("audio"),
  VIDEO("video");

  private final String token;

  MediaKind(String token) {
    this.token = token;
  }

  /** The kind as SDP and W3C write it. */
  public String token() {
    return token;
  }

  /** The kind of a media section; empty for what is neither sound nor picture. */
  static Optional<MediaKind> of(String token) {
    return switch (token) {
      case "audio" -> Optional.of(AUDIO);
      case "video" -> Optional.of(VIDEO);
      default -> Optional.empty();
    };
  }
}
