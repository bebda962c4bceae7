package org.heliograph.agent.call;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.peer.MediaKind;
import org.heliograph.session.RemoteTrack;
import org.heliograph.signaling.CallMedia;

/** Between the kinds of a connection's tracks and what is signalled of them. */
final class Kinds {
  private Kinds() {}

  /** The kinds that the media has. */
  static Set<MediaKind> of(CallMedia media) {
    Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
    if (media.audio()) {
      kinds.add(MediaKind.AUDIO);
    }
    if (media.video()) {
      kinds.add(MediaKind.VIDEO);
    }
    return kinds;
  }

  /** The media that has these kinds. */
  static CallMedia media(Set<MediaKind> kinds) {
    return new CallMedia(kinds.contains(MediaKind.AUDIO), kinds.contains(MediaKind.VIDEO));
  }

  /** The kinds of these tracks. */
  static CallMedia of(List<RemoteTrack> tracks) {
    return media(
        tracks.stream()
            .map(RemoteTrack::kind)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(MediaKind.class))));
  }

  static boolean has(CallMedia media, MediaKind kind) {
    return kind == MediaKind.AUDIO ? media.audio() : media.video();
  }
}
