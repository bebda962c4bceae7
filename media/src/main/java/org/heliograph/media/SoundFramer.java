package org.heliograph.media;

import java.util.ArrayDeque;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Sound;

/**
 * Cuts sound that comes in pieces of any length into pieces of 20 ms. Where the pieces leave a gap,
 * what is left before it is filled up with silence; where they overlap, the later loses its
 * beginning.
 */
final class SoundFramer {
  private static final long SECOND_NANOS = 1_000_000_000;

  /** Time stamps jitter; a gap or an overlap is what is longer than this. */
  private static final long TOLERANCE_NANOS = 10_000_000;

  private final int channels;
  private final ArrayDeque<Sound> ready = new ArrayDeque<>();
  private short[] collecting;
  private int collected;
  private long originNanos;
  private long originSamples;
  private boolean started;

  SoundFramer(int channels) {
    this.channels = channels;
    this.collecting = new short[OpusEncoder.FRAME_SAMPLES * channels];
  }

  /**
   * Takes a piece.
   *
   * @param timeNanos when its first sample was captured
   * @param samples interleaved
   */
  void add(long timeNanos, short[] samples) {
    if (!started) {
      startAt(timeNanos);
    }
    long offNanos = timeNanos - endNanos();
    int skip = 0;
    if (offNanos > TOLERANCE_NANOS) {
      if (collected > 0) {
        flush();
      }
      startAt(timeNanos);
    } else if (offNanos < -TOLERANCE_NANOS) {
      long tooEarly = -offNanos * OpusEncoder.SAMPLE_RATE / SECOND_NANOS * channels;
      skip = (int) Math.min(samples.length, tooEarly);
    }
    append(samples, skip);
  }

  /** The next 20 ms; null when there are not so many samples. */
  Sound peek() {
    return ready.peekFirst();
  }

  /** Takes away what {@link #peek()} showed. */
  void remove() {
    ready.removeFirst();
  }

  /** When the sample after the last one is due. */
  long endNanos() {
    return timeOf(originSamples + collected / channels);
  }

  private void startAt(long timeNanos) {
    started = true;
    originNanos = timeNanos;
    originSamples = 0;
  }

  private long timeOf(long sample) {
    return originNanos + sample * SECOND_NANOS / OpusEncoder.SAMPLE_RATE;
  }

  private void append(short[] samples, int from) {
    int next = from;
    while (next < samples.length) {
      int count = Math.min(samples.length - next, collecting.length - collected);
      System.arraycopy(samples, next, collecting, collected, count);
      next += count;
      collected += count;
      if (collected == collecting.length) {
        flush();
      }
    }
  }

  private void flush() {
    ready.addLast(new Sound(timeOf(originSamples), collecting));
    originSamples += OpusEncoder.FRAME_SAMPLES;
    collecting = new short[OpusEncoder.FRAME_SAMPLES * channels];
    collected = 0;
  }
}
