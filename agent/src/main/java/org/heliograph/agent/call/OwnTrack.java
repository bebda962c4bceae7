package org.heliograph.agent.call;

import java.util.Optional;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.MediaKind;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.TrackId;

/**
 * One of a call's own tracks: where it comes from, what has become of that, and who sees it here.
 *
 * @param name what the user calls it, if anything
 * @param view the own picture for pages; nothing is ever handed to it where the track is sound
 */
record OwnTrack(
    TrackId id, TrackSource source, Optional<String> name, OwnDevice device, MediaRelay view) {
  MediaKind kind() {
    return source.kind();
  }
}
