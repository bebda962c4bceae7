package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.WebmMuxer;

/**
 * The sound. Where packets are missing some are made, however long that lasts: because packets were
 * lost, because a sender leaves silence out (RFC 6716 2.1.9), or because one that is muted sends
 * nothing at all. A player would stop at the gap.
 */
final class WebmAudioLane extends WebmLane {
  /** How late a packet may come before its place is filled. */
  private static final long PATIENCE_NANOS = Duration.ofMillis(100).toNanos();

  /** How late on a network that has shown to need it. */
  private static final long MAX_PATIENCE_NANOS = Duration.ofMillis(300).toNanos();

  /** Packets may overlap so much: the sender's clock is not quite the call's. */
  private static final long OVERLAP_NANOS = Duration.ofMillis(5).toNanos();

  private static final long USUAL_PACKET_NANOS = Duration.ofMillis(20).toNanos();

  /**
   * For so long a decoder is left to make up what is missing: it fades a lost sound out, and goes
   * on with the comfort noise of a sender that speaks now and then to renew it. After that there is
   * silence.
   */
  private static final long MADE_UP_NANOS = Duration.ofSeconds(1).toNanos();

  private ByteBuffer missing = OpusPacket.silence();
  private long missingNanos = OpusPacket.SILENCE_NANOS;
  private long startNanos;
  private long endNanos;

  /** Where the last packet that came ends. */
  private long heardNanos;

  private long patienceNanos = PATIENCE_NANOS;

  /** The sender gives sound, though perhaps none just now. */
  private boolean known;

  WebmAudioLane(WebmMuxer muxer) {
    super(muxer);
  }

  @Override
  void begin(long startNanos) {
    this.startNanos = startNanos;
    endNanos = startNanos;
    heardNanos = startNanos;
  }

  /** Whether the sender gives sound, though perhaps none just now. */
  boolean isKnown() {
    return known;
  }

  /** The sender gives sound: it has been heard before this lane was there. */
  void becomeKnown() {
    known = true;
  }

  @Override
  void forget() {
    super.forget();
    known = false;
  }

  /** Pauses are filled; only a leap of the sender's clock beyond what is filled is too long. */
  @Override
  boolean isBrokenBy(MediaFrame frame, long nowNanos) {
    return isTooLongToFill(frame.timeNanos() - endNanos);
  }

  @Override
  boolean write(MediaFrame frame) {
    known = true;
    missing = OpusPacket.missing(frame.payload());
    missingNanos = OpusPacket.frameNanos(frame.payload());
    long duration = frame.durationNanos() > 0 ? frame.durationNanos() : USUAL_PACKET_NANOS;
    if (frame.timeNanos() + duration / 2 < endNanos) {
      beMorePatient(endNanos - frame.timeNanos());
      return false;
    }
    fillUpTo(frame.timeNanos());
    boolean fits = frame.timeNanos() >= Math.max(startNanos, endNanos - OVERLAP_NANOS);
    long nanos = fits ? frame.timeNanos() : endNanos;
    muxer.write(RelayMessage.AUDIO_ID, nanos, true, frame.payload());
    endNanos = nanos + duration;
    heardNanos = endNanos;
    return true;
  }

  /** A packet found its place filled: the network holds packets up for longer than was thought. */
  private void beMorePatient(long latenessNanos) {
    if (endNanos - heardNanos < MADE_UP_NANOS && endNanos > startNanos) {
      patienceNanos = Math.min(MAX_PATIENCE_NANOS, patienceNanos + latenessNanos);
    }
  }

  @Override
  void fill(long senderNanos) {
    fillUpTo(senderNanos - patienceNanos);
  }

  private void fillUpTo(long nanos) {
    if (isTooLongToFill(nanos - endNanos)) {
      return;
    }
    while (nanos - endNanos >= fillerNanos()) {
      long nanosOfIt = fillerNanos();
      muxer.write(RelayMessage.AUDIO_ID, endNanos, true, filler());
      endNanos += nanosOfIt;
    }
  }

  private boolean isMadeUp() {
    return endNanos - heardNanos < MADE_UP_NANOS;
  }

  private ByteBuffer filler() {
    return isMadeUp() ? missing : OpusPacket.silence();
  }

  private long fillerNanos() {
    return isMadeUp() ? missingNanos : OpusPacket.SILENCE_NANOS;
  }
}
