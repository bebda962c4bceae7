package org.heliograph.peer.sctp;

import java.util.concurrent.TimeUnit;

/**
 * How long packets wait in the queues of the path: by how much a round trip is longer than the
 * shortest one of late (after RFC 6817 3.4.2, "base delay").
 */
final class QueueingDelay {
  /** A path that has become longer is known to be so after one to two of these. */
  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long NONE = Long.MAX_VALUE;

  private long shortestBefore = NONE;
  private long shortest = NONE;
  private long periodEndNanos;
  private long lastNanos;

  /** Takes a round trip. */
  void measured(long nowNanos, long roundTripNanos) {
    if (shortest == NONE) {
      periodEndNanos = nowNanos + PERIOD_NANOS;
    } else if (nowNanos >= periodEndNanos) {
      periodEndNanos = nowNanos + PERIOD_NANOS;
      shortestBefore = shortest;
      shortest = NONE;
    }
    shortest = Math.min(shortest, roundTripNanos);
    lastNanos = roundTripNanos - Math.min(shortest, shortestBefore);
  }

  /** That of the round trip that was measured last; 0 before the first. */
  long nanos() {
    return lastNanos;
  }
}
