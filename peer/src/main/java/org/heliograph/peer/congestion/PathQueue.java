package org.heliograph.peer.congestion;

/**
 * How long packets wait in queues on the path: the shortest one-way delay that a feedback packet
 * tells of, less the shortest of the last half minute. Jitter only ever lengthens a packet's way,
 * so that little of it shows here; how much, is measured, too.
 */
final class PathQueue {
  private static final long WINDOW_NANOS = 15_000_000_000L;
  private static final double WEIGHT = 1.0 / 32;
  private static final double DEVIATIONS = 2.5;
  private static final double LEAST_NANOS = 10_000_000;
  private static final double MOST_NANOS = 100_000_000;
  private static final double SUDDEN_NANOS = 75_000_000;

  private boolean started;
  private long windowStartNanos;
  private long leastBefore;
  private long least;
  private boolean reported;
  private long reportedLeast;
  private long queueNanos;
  private boolean unusual;
  private boolean sudden;
  private double meanNanos;
  private double deviationNanos;

  /** Takes a packet that has arrived; the two clocks may differ. */
  void add(long sentNanos, long arrivalNanos, long nowNanos) {
    long delay = arrivalNanos - sentNanos;
    if (!started || nowNanos - windowStartNanos >= WINDOW_NANOS) {
      leastBefore = started ? least : delay;
      least = delay;
      windowStartNanos = nowNanos;
      started = true;
    }
    least = Math.min(least, delay);
    reportedLeast = reported ? Math.min(reportedLeast, delay) : delay;
    reported = true;
  }

  /** All packets that one feedback packet tells of were added. */
  void endOfFeedback() {
    if (!reported) {
      return;
    }
    reported = false;
    queueNanos = reportedLeast - Math.min(least, leastBefore);
    double usual = Math.min(MOST_NANOS, meanNanos + DEVIATIONS * deviationNanos);
    unusual = queueNanos > Math.max(LEAST_NANOS, usual);
    sudden = queueNanos > usual + SUDDEN_NANOS;
    double off = queueNanos - meanNanos;
    meanNanos += WEIGHT * off;
    deviationNanos += WEIGHT * (Math.abs(off) - deviationNanos);
  }

  /** The wait by the last feedback. */
  long nanos() {
    return queueNanos;
  }

  /** Whether it is longer than this path's jitter makes it appear now and then. */
  boolean isUnusual() {
    return unusual;
  }

  /** Whether it is so much longer that no trend need be waited for: the path has become narrow. */
  boolean isSudden() {
    return sudden;
  }
}
