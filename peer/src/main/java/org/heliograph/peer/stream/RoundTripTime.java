package org.heliograph.peer.stream;

/** The time of a round trip and how much it varies, smoothed as RFC 6298 2 smooths them. */
final class RoundTripTime {
  /** What is assumed of the network before the first measurement. */
  static final long ASSUMED_NANOS = 100_000_000;

  private static final long MAX_NANOS = 30_000_000_000L;

  private boolean measured;
  private long smoothedNanos = ASSUMED_NANOS;
  private long variationNanos = ASSUMED_NANOS / 4;

  /** Takes a measurement in; what cannot be one is left out. */
  void onSample(long nanos) {
    if (nanos < 0 || nanos > MAX_NANOS) {
      return;
    }
    if (measured) {
      variationNanos += (Math.abs(smoothedNanos - nanos) - variationNanos) / 4;
      smoothedNanos += (nanos - smoothedNanos) / 8;
    } else {
      measured = true;
      variationNanos = nanos / 2;
      smoothedNanos = nanos;
    }
  }

  boolean measured() {
    return measured;
  }

  /** The time now, or what is assumed of it. */
  long smoothedNanos() {
    return smoothedNanos;
  }

  /** How far measurements are from it on average. */
  long variationNanos() {
    return variationNanos;
  }
}
