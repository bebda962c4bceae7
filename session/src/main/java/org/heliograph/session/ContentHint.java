package org.heliograph.session;

import java.util.Locale;
import org.heliograph.peer.MediaKind;

/** What a track shows or says, so that it is encoded accordingly (W3C MST Content Hints 3). */
public enum ContentHint {
  /** Nothing is known. */
  NONE(null),
  /** A picture that moves, such as a film: it gets smaller rather than slower. */
  MOTION(MediaKind.VIDEO),
  /** A picture of details, such as a drawing or a window: it gets slower rather than smaller. */
  DETAIL(MediaKind.VIDEO),
  /** The same, of text. */
  TEXT(MediaKind.VIDEO),
  /** A voice, for people. */
  SPEECH(MediaKind.AUDIO),
  /** A voice, for machines. */
  SPEECH_RECOGNITION(MediaKind.AUDIO),
  /** Music: encoded as it sounds, and not as a voice would be understood best. */
  MUSIC(MediaKind.AUDIO);

  private final MediaKind kind;

  ContentHint(MediaKind kind) {
    this.kind = kind;
  }

  /**
   * Reads a hint.
   *
   * @param name as W3C writes it, such as {@code speech-recognition}; empty for none
   * @throws IllegalArgumentException in words, if a track of that kind has no such hint
   */
  public static ContentHint parse(String name, MediaKind of) {
    for (ContentHint hint : values()) {
      if (hint.wireName().equals(name) && (hint.kind == null || hint.kind == of)) {
        return hint;
      }
    }
    throw new IllegalArgumentException(
        of == MediaKind.VIDEO
            ? "of a picture it is motion, detail or text"
            : "of a sound it is speech, speech-recognition or music");
  }

  private String wireName() {
    return this == NONE ? "" : name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a picture keeps its size where the network has little room. */
  public boolean keepsSize() {
    return this == DETAIL || this == TEXT;
  }
}
