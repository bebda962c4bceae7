package org.heliograph.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.webm.WebmMuxer;

/**
 * One track on its way into a WebM stream. It sees to it that the track's time has neither a step
 * back nor a gap that a player would stop at.
 */
abstract sealed class WebmLane permits WebmVideoLane, WebmAudioLane {
  /** How long a lane may give nothing before it no longer counts as one that flows. */
  static final Duration SILENCE = Duration.ofSeconds(2);

  final WebmMuxer muxer;
  final List<MediaFrame> held = new ArrayList<>();
  private boolean heard;
  private long lastTimeNanos;
  private long lastArrivalNanos;

  WebmLane(WebmMuxer muxer) {
    this.muxer = muxer;
  }

  /** The stream begins; its time 0 is {@code startNanos} on the sender's clock. */
  abstract void begin(long startNanos);

  /**
   * Writes a frame.
   *
   * @return false if its time has been filled already, and it is dropped
   */
  abstract boolean write(MediaFrame frame);

  /** Makes up what is missing, given what time it is on the sender's clock. */
  abstract void fill(long senderNanos);

  /** Whether a gap is so long that something must be wrong with the sender's clock. */
  static boolean isTooLongToFill(long nanos) {
    return nanos > SILENCE.toNanos();
  }

  /** Whether the frame is not older than the one before. */
  final boolean inOrder(MediaFrame frame) {
    return !heard || frame.timeNanos() >= lastTimeNanos;
  }

  /** Whether a frame comes after a pause that is too long to be filled. */
  boolean isBrokenBy(MediaFrame frame, long nowNanos) {
    return heard
        && (isSilent(nowNanos, SILENCE) || isTooLongToFill(frame.timeNanos() - lastTimeNanos));
  }

  /** A frame has come. */
  final void note(MediaFrame frame, long nowNanos) {
    heard = true;
    lastTimeNanos = frame.timeNanos();
    lastArrivalNanos = nowNanos;
  }

  /** Forgets everything: the sender gives this track no longer. */
  void forget() {
    heard = false;
    held.clear();
  }

  /** Whether anything has come. */
  final boolean heard() {
    return heard;
  }

  /** Whether nothing has come for longer than that. */
  final boolean isSilent(long nowNanos, Duration limit) {
    return !heard || nowNanos - lastArrivalNanos > limit.toNanos();
  }

  /** What time it is on the sender's clock, judged by the last frame that came. */
  final long senderNanos(long nowNanos) {
    return lastTimeNanos + (nowNanos - lastArrivalNanos);
  }
}
