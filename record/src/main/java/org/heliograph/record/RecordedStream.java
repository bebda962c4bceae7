package org.heliograph.record;

import org.heliograph.peer.MediaKind;

/** What a recording may hold; each is a track of its own. */
public enum RecordedStream {
  REMOTE_PICTURE(1, MediaKind.VIDEO, "Remote picture"),
  REMOTE_SOUND(2, MediaKind.AUDIO, "Remote sound"),
  OWN_PICTURE(3, MediaKind.VIDEO, "Own picture"),
  OWN_SOUND(4, MediaKind.AUDIO, "Own sound");

  /** How many there are; their track numbers go from 1 to that. */
  static final int COUNT = 4;

  private final int trackNumber;
  private final MediaKind kind;
  private final String title;

  RecordedStream(int trackNumber, MediaKind kind, String title) {
    this.trackNumber = trackNumber;
    this.kind = kind;
    this.title = title;
  }

  /** What the other side sends of a kind. */
  public static RecordedStream remote(MediaKind kind) {
    return kind == MediaKind.VIDEO ? REMOTE_PICTURE : REMOTE_SOUND;
  }

  /** What this side sends of a kind. */
  public static RecordedStream own(MediaKind kind) {
    return kind == MediaKind.VIDEO ? OWN_PICTURE : OWN_SOUND;
  }

  MediaKind kind() {
    return kind;
  }

  /** Whether it is what this side sends; what the other side does must cost it nothing. */
  boolean isOwn() {
    return this == OWN_PICTURE || this == OWN_SOUND;
  }

  boolean isPicture() {
    return kind == MediaKind.VIDEO;
  }

  /** The track's name in the file. */
  String title() {
    return title;
  }

  int trackNumber() {
    return trackNumber;
  }
}
