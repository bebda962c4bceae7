package org.heliograph.record;

import java.util.Objects;
import java.util.Optional;
import org.heliograph.peer.MediaKind;
import org.heliograph.session.TrackId;

/**
 * One of the streams that a recording holds, a track of its own in the file: the first picture and
 * the first sound of each side, and any that come beside them.
 *
 * @param trackNumber its number in each file, 1 to {@value #MAX_NUMBER}
 * @param own whether it is what this side sends; what the other side does must cost it nothing
 * @param title the track's name in the file
 * @param track which of the call's tracks it is; empty for the first of its kind and side,
 *     whichever that is
 */
public record RecordedStream(
    int trackNumber, MediaKind kind, boolean own, String title, Optional<TrackId> track) {
  /** The largest number that a track can have here, as the muxer has it. */
  public static final int MAX_NUMBER = 126;

  public static final RecordedStream REMOTE_PICTURE =
      first(1, MediaKind.VIDEO, false, "Remote picture");
  public static final RecordedStream REMOTE_SOUND =
      first(2, MediaKind.AUDIO, false, "Remote sound");
  public static final RecordedStream OWN_PICTURE = first(3, MediaKind.VIDEO, true, "Own picture");
  public static final RecordedStream OWN_SOUND = first(4, MediaKind.AUDIO, true, "Own sound");

  /** How many of these there are; the others' numbers begin after it. */
  public static final int FIRSTS = 4;

  /**
   * @throws IllegalArgumentException if there is no such number
   */
  public RecordedStream {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(track, "track");
    if (trackNumber < 1 || trackNumber > MAX_NUMBER) {
      throw new IllegalArgumentException("a track's number is 1 to " + MAX_NUMBER);
    }
  }

  private static RecordedStream first(int number, MediaKind kind, boolean own, String title) {
    return new RecordedStream(number, kind, own, title, Optional.empty());
  }

  /** The first of what the other side sends of a kind. */
  public static RecordedStream remote(MediaKind kind) {
    return kind == MediaKind.VIDEO ? REMOTE_PICTURE : REMOTE_SOUND;
  }

  /** The first of what this side sends of a kind. */
  public static RecordedStream own(MediaKind kind) {
    return kind == MediaKind.VIDEO ? OWN_PICTURE : OWN_SOUND;
  }

  @Override
  public String toString() {
    return title;
  }

  boolean isPicture() {
    return kind == MediaKind.VIDEO;
  }

  /** Whether it came beside the first of its kind. */
  boolean isFurther() {
    return track.isPresent();
  }
}
