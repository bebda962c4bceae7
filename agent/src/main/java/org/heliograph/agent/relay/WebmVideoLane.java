package org.heliograph.agent.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.Vp8FrameHeader;
import org.heliograph.webm.Vp8RepeatFrame;
import org.heliograph.webm.WebmMuxer;

/** The picture. Where the sender gives none for a while, its last one is repeated. */
final class WebmVideoLane extends WebmLane {
  /** Chromium drops what comes more than 126 ms after the frame before (Vp8RepeatFrame). */
  private static final long LARGEST_GAP_NANOS = Duration.ofMillis(120).toNanos();

  private static final long REPEAT_INTERVAL_NANOS = Duration.ofMillis(80).toNanos();

  /** Two frames of one time would replace each other in the player. */
  private static final long SMALLEST_GAP_NANOS = Duration.ofMillis(1).toNanos();

  private Vp8FrameHeader header;
  private ByteBuffer repeat;
  private long lastNanos;

  WebmVideoLane(WebmMuxer muxer) {
    super(muxer);
  }

  /** The header of the key frame that the stream begins with. */
  Vp8FrameHeader header() {
    return header;
  }

  /** Takes a key frame's header, for the stream that begins with it. */
  void describe(Vp8FrameHeader keyFrame) {
    header = keyFrame;
    repeat = Vp8RepeatFrame.of(keyFrame);
  }

  @Override
  void begin(long startNanos) {
    lastNanos = startNanos - SMALLEST_GAP_NANOS;
  }

  @Override
  boolean write(MediaFrame frame) {
    long nanos = Math.max(frame.timeNanos(), lastNanos + SMALLEST_GAP_NANOS);
    fillUpTo(nanos - LARGEST_GAP_NANOS);
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
      muxer.write(RelayMessage.VIDEO_ID, lastNanos, false, repeat);
    }
  }
}
