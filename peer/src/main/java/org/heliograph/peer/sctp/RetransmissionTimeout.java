package org.heliograph.peer.sctp;

import java.util.concurrent.TimeUnit;

/**
 * How long to wait for an acknowledgement (RTO, RFC 9260 6.3.1, which follows RFC 6298).
 *
 * <p>The bounds are those of libwebrtc: the least is longer than the 200 ms for which the other
 * side may hold an acknowledgement back, and the most is short, because whether the path lives is
 * for ICE to find out, and data is to flow again soon after it does.
 */
final class RetransmissionTimeout {
  static final long INITIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  static final long MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(400);
  static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(3);

  private boolean measured;
  private long smoothedNanos;
  private long variationNanos;
  private long timeoutNanos = INITIAL_NANOS;

  /** Takes a round trip that was measured on something sent only once (Karn's rule). */
  void measured(long roundTripNanos) {
    long roundTrip = Math.max(1, roundTripNanos);
    if (measured) {
      variationNanos += (Math.abs(smoothedNanos - roundTrip) - variationNanos) / 4;
      smoothedNanos += (roundTrip - smoothedNanos) / 8;
    } else {
      measured = true;
      smoothedNanos = roundTrip;
      variationNanos = roundTrip / 2;
    }
    timeoutNanos =
        Math.clamp(smoothedNanos + Math.max(1, 4 * variationNanos), MIN_NANOS, MAX_NANOS);
  }

  /** Nothing came in time: the next wait is twice as long. */
  void backOff() {
    timeoutNanos = Math.min(2 * timeoutNanos, MAX_NANOS);
  }

  long nanos() {
    return timeoutNanos;
  }

  /** The smoothed round trip; 0 before the first measurement. */
  long smoothedRoundTripNanos() {
    return smoothedNanos;
  }
}
