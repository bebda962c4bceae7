package org.heliograph.peer.stream;

/**
 * The time of a round trip and how much it varies, smoothed as RFC 6298 2 smooths them; and how
 * long what is asked for now will take, which a queue that has just grown on its way holds up.
 */
public final class RoundTripTime {
  /** What is assumed of the network before the first measurement. */
  static final long ASSUMED_NANOS = 100_000_000;

  private static final long MAX_NANOS = 30_000_000_000L;

  private boolean measured;
  private long smoothedNanos = ASSUMED_NANOS;
  private long variationNanos = ASSUMED_NANOS / 4;
  private long leastNanos = Long.MAX_VALUE;
  private long queueNanos;

  /** Takes a measurement in; what cannot be one is left out. */
  public void onSample(long nanos) {
    if (nanos < 0 || nanos > MAX_NANOS) {
      return;
    }
    leastNanos = Math.min(leastNanos, nanos);
    if (measured) {
      variationNanos += (Math.abs(smoothedNanos - nanos) - variationNanos) / 4;
      smoothedNanos += (nanos - smoothedNanos) / 8;
    } else {
      measured = true;
      variationNanos = nanos / 2;
      smoothedNanos = nanos;
    }
  }

  /**
   * Packets go another way from now on, or there is a way for the first time.
   *
   * @param nanos what a check of it took; negative if that is not known
   */
  public void onPathChange(long nanos) {
    queueNanos = 0;
    leastNanos = measured ? smoothedNanos : Long.MAX_VALUE;
    if (nanos >= 0) {
      measured = false;
      leastNanos = Long.MAX_VALUE;
      onSample(nanos);
    }
  }

  /** So long packets that come now have waited in queues on their way. */
  void onQueue(long nanos) {
    queueNanos = nanos;
  }

  /** How long packets that come now have waited in queues on their way. */
  public long queueNanos() {
    return queueNanos;
  }

  boolean measured() {
    return measured;
  }

  /** The time now, or what is assumed of it. */
  public long smoothedNanos() {
    return smoothedNanos;
  }

  /** What a round trip takes that begins now: the queue is not yet in what was measured. */
  public long expectedNanos() {
    return measured ? Math.max(smoothedNanos, leastNanos + queueNanos) : smoothedNanos;
  }

  /** How far measurements are from it on average. */
  public long variationNanos() {
    return variationNanos;
  }
}
