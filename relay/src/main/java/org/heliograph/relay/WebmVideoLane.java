package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.MalformedFrameException;
import org.heliograph.webm.VideoTrack;
import org.heliograph.webm.Vp8FrameHeader;
import org.heliograph.webm.Vp8RepeatFrame;
import org.heliograph.webm.Vp9FrameHeader;
import org.heliograph.webm.Vp9RepeatFrame;
import org.heliograph.webm.WebmMuxer;

/** The picture. Where the sender gives none for a while, its last one is repeated. */
final class WebmVideoLane extends WebmLane {
  /** Chromium drops what comes more than 126 ms after the frame before (Vp8RepeatFrame). */
  private static final long LARGEST_GAP_NANOS = Duration.ofMillis(120).toNanos();

  private static final long REPEAT_INTERVAL_NANOS = Duration.ofMillis(80).toNanos();

  /** Two frames of one time would replace each other in the player. */
  private static final long SMALLEST_GAP_NANOS = Duration.ofMillis(1).toNanos();

  private Optional<VideoTrack> track = Optional.empty();

  /**
   * The frame that shows the last one again; null until it is needed, where it can be made then.
   */
  private ByteBuffer repeat;

  /** The last key frame, which says how VP8 is repeated. */
  private MediaFrame keyFrame;

  private long lastNanos;

  WebmVideoLane(WebmMuxer muxer) {
    super(muxer);
  }

  /** What the key frame says that the stream begins with. */
  Optional<VideoTrack> track() {
    return track;
  }

  /** Takes what a key frame says, for the stream that begins with it. */
  void describe(VideoTrack described) {
    track = Optional.of(described);
  }

  /** Finds the frame that shows this one again. */
  private void findRepeat(MediaFrame frame) {
    switch (frame.format()) {
      case VP8 -> {
        if (frame.key()) {
          keyFrame = frame;
          repeat = null;
        }
      }
      case VP9 -> {
        try {
          Vp9FrameHeader shown = Vp9FrameHeader.parseLast(frame.payload());
          if (shown.filledSlots() != 0) {
            repeat = Vp9RepeatFrame.of(shown);
          }
        } catch (MalformedFrameException e) {
          // The decoder will complain of the frame; a frame before it can still be repeated.
        }
      }
      case OPUS -> throw new IllegalArgumentException("sound in the picture's lane");
    }
  }

  @Override
  void begin(long startNanos) {
    lastNanos = startNanos - SMALLEST_GAP_NANOS;
  }

  @Override
  boolean write(MediaFrame frame) {
    long nanos = Math.max(frame.timeNanos(), lastNanos + SMALLEST_GAP_NANOS);
    fillUpTo(nanos - LARGEST_GAP_NANOS);
    findRepeat(frame);
    muxer.write(RelayMessage.VIDEO_ID, nanos, frame.key(), frame.payload());
    lastNanos = nanos;
    return true;
  }

  @Override
  void fill(long senderNanos) {
    fillUpTo(senderNanos - LARGEST_GAP_NANOS);
  }

  private void fillUpTo(long nanos) {
    if (isTooLongToFill(nanos - lastNanos)) {
      return;
    }
    while (lastNanos < nanos) {
      lastNanos += REPEAT_INTERVAL_NANOS;
      muxer.write(RelayMessage.VIDEO_ID, lastNanos, false, repeat());
    }
  }

  /** A VP8 frame takes as long to make as the picture is large, and most pictures never pause. */
  private ByteBuffer repeat() {
    if (repeat == null) {
      repeat = Vp8RepeatFrame.of(Vp8FrameHeader.parse(keyFrame.payload()));
    }
    return repeat;
  }
}
