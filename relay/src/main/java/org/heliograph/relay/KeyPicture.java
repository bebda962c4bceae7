package org.heliograph.relay;

import java.util.Optional;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.MalformedFrameException;
import org.heliograph.webm.VideoCodec;
import org.heliograph.webm.VideoTrack;

/** What a key frame says of the pictures from it on. */
final class KeyPicture {
  private KeyPicture() {}

  /** The track that a key frame begins; empty if its header is damaged. */
  static Optional<VideoTrack> describe(MediaFrame keyFrame) {
    VideoCodec codec =
        switch (keyFrame.format()) {
          case VP8 -> VideoCodec.VP8;
          case VP9 -> VideoCodec.VP9;
          case OPUS -> throw new IllegalArgumentException("sound has no key picture");
        };
    try {
      return Optional.of(VideoTrack.of(RelayMessage.VIDEO_ID, codec, keyFrame.payload()));
    } catch (MalformedFrameException e) {
      return Optional.empty();
    }
  }
}
