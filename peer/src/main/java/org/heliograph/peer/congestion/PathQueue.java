package org.heliograph.peer.congestion;

/**
 * How long packets wait in queues on the path: the shortest one-way delay that a feedback packet
 * tells of, less the shortest of the last half minute. Jitter only ever lengthens a packet's way,
 * so that little of it shows here, and what drifts comes back by itself: a queue that this side has
 * made is one that stands for a while. How much the path's own delay varies is measured, too.
 */
final class PathQueue {
  private static final long WINDOW_NANOS = 15_000_000_000L;

  /** What has not been shorter for so long stands. */
  private static final long STANDING_NANOS = 400_000_000;

  private static final double SUDDEN_NANOS = 75_000_000;
  private static final double LEAST_NANOS = 10_000_000;

  private boolean started;
  private long windowStartNanos;
  private long leastBefore;
  private long least;
  private boolean reported;
  private long reportedLeast;
  private long queueNanos;
  private final SlidingLeast recent = new SlidingLeast(STANDING_NANOS);
  private final Usual usual = new Usual();
  private final Usual usualStanding = new Usual();
  private boolean unusual;
  private boolean sudden;

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
  void endOfFeedback(long nowNanos) {
    if (!reported) {
      return;
    }
    reported = false;
    long base = Math.min(least, leastBefore);
    queueNanos = reportedLeast - base;
    long standing = recent.add(reportedLeast, nowNanos) - base;
    unusual = standing > Math.max(LEAST_NANOS, usualStanding.most());
    sudden = queueNanos > usual.most() + SUDDEN_NANOS;
    usual.add((double) queueNanos);
    usualStanding.add((double) standing);
  }

  /** Nothing has been under way for a while: what waited has arrived. */
  void onIdle() {
    queueNanos = 0;
  }

  /** The wait by the last feedback, or none if nothing has been under way since. */
  long nanos() {
    return queueNanos;
  }

  /** Whether one stands that is longer than this path's jitter makes it appear now and then. */
  boolean isUnusual() {
    return unusual;
  }

  /** Whether it is so much longer that no trend need be waited for: the path has become narrow. */
  boolean isSudden() {
    return sudden;
  }

  /** What a value that varies by itself hardly ever exceeds: its mean and 2.5 mean deviations. */
  private static final class Usual {
    private static final double WEIGHT = 1.0 / 32;
    private static final double DEVIATIONS = 2.5;
    private static final double MOST_NANOS = 100_000_000;

    /** What is longer than usual by more counts as if it were this: it is an event of its own. */
    private static final double SURPRISE_NANOS = 20_000_000;

    private double samples;
    private double meanNanos;
    private double deviationNanos;

    void add(double nanos) {
      double weight = Math.max(WEIGHT, 1 / ++samples);
      double off = Math.min(nanos, most() + SURPRISE_NANOS) - meanNanos;
      meanNanos += weight * off;
      deviationNanos += weight * (Math.abs(off) - deviationNanos);
    }

    double most() {
      return Math.min(MOST_NANOS, meanNanos + DEVIATIONS * deviationNanos);
    }
  }
}
