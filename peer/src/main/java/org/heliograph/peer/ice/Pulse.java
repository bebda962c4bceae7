package org.heliograph.peer.ice;

import java.time.Duration;

/**
 * How regularly something authentic comes over a pair, and from when on its absence is remarkable:
 * after eight times the usual gap, within bounds. Media comes every 20 ms, RTCP every second.
 */
final class Pulse {
  /** What jitter and a retransmission explain. */
  private static final Duration SHORTEST_SILENCE = Duration.ofMillis(300);

  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(1);

  private static final int GAPS = 8;

  private boolean begun;
  private long heardNanos;
  private long usualGapNanos = LONGEST_SILENCE.toNanos() / GAPS;

  /** Something has come; called for every packet. */
  void beat(long nowNanos) {
    if (begun) {
      long gap = Math.min(nowNanos - heardNanos, LONGEST_SILENCE.toNanos());
      usualGapNanos += (gap - usualGapNanos) / GAPS;
    }
    begun = true;
    heardNanos = nowNanos;
  }

  /** From when on the pair is silent, if nothing comes until then. */
  long silentNanos() {
    long silence = GAPS * usualGapNanos;
    return heardNanos + Math.clamp(silence, SHORTEST_SILENCE.toNanos(), LONGEST_SILENCE.toNanos());
  }
}
