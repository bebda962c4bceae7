package org.heliograph.agent.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.WebmMuxer;

/**
 * The sound. Where packets are missing, because they were lost or there is silence, some are made.
 */
final class WebmAudioLane extends WebmLane {
  /** How late a packet may come before its place is filled. */
  private static final long PATIENCE_NANOS = Duration.ofMillis(100).toNanos();

  /** Packets may overlap so much: the sender's clock is not quite the call's. */
  private static final long OVERLAP_NANOS = Duration.ofMillis(5).toNanos();

  private static final long USUAL_PACKET_NANOS = Duration.ofMillis(20).toNanos();

  private ByteBuffer missing;
  private long missingNanos;
  private long startNanos;
  private long endNanos;

  WebmAudioLane(WebmMuxer muxer) {
    super(muxer);
  }

  @Override
  void begin(long startNanos) {
    this.startNanos = startNanos;
    endNanos = startNanos;
  }

  @Override
  boolean write(MediaFrame frame) {
    missing = OpusPacket.missing(frame.payload());
    missingNanos = OpusPacket.frameNanos(frame.payload());
    long duration = frame.durationNanos() > 0 ? frame.durationNanos() : USUAL_PACKET_NANOS;
    if (frame.timeNanos() + duration / 2 < endNanos) {
      return false;
    }
    fillUpTo(frame.timeNanos());
    boolean fits = frame.timeNanos() >= Math.max(startNanos, endNanos - OVERLAP_NANOS);
    long nanos = fits ? frame.timeNanos() : endNanos;
    muxer.write(RelayMessage.AUDIO_ID, nanos, true, frame.payload());
    endNanos = nanos + duration;
    return true;
  }

  @Override
  void fill(long senderNanos) {
    if (missing != null) {
      fillUpTo(senderNanos - PATIENCE_NANOS);
    }
  }

  private void fillUpTo(long nanos) {
    if (isTooLongToFill(nanos - endNanos)) {
      return;
    }
    while (nanos - endNanos >= missingNanos) {
      muxer.write(RelayMessage.AUDIO_ID, endNanos, true, missing);
      endNanos += missingNanos;
    }
  }
}
