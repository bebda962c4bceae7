package org.heliograph.signaling;

import java.util.EnumSet;
import java.util.Set;
import org.heliograph.peer.MediaKind;

/** Which kinds of media a call, or one side of it, has. */
public record CallMedia(boolean audio, boolean video) {
  public static final CallMedia AUDIO_AND_VIDEO = new CallMedia(true, true);

  /** The media of a set of kinds. */
  public static CallMedia of(Set<MediaKind> kinds) {
    return new CallMedia(kinds.contains(MediaKind.AUDIO), kinds.contains(MediaKind.VIDEO));
  }

  /** What both have. */
  public CallMedia and(CallMedia other) {
    return new CallMedia(audio && other.audio, video && other.video);
  }

  /** The kinds, as a set. */
  public Set<MediaKind> kinds() {
    Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
    if (audio) {
      kinds.add(MediaKind.AUDIO);
    }
    if (video) {
      kinds.add(MediaKind.VIDEO);
    }
    return kinds;
  }
}
