package org.heliograph.peer.congestion;

/**
 * Decides when to probe, and for how much: at 3 and 6 times the first rate when the call begins,
 * and on from there as long as it succeeds; while less is sent than is allowed, since nothing else
 * would show that there is more; after a large drop, when the path has recovered; and when the
 * estimate has long risen without a queue. A probe that shows nothing new makes the next one wait
 * longer.
 */
final class ProbeController {
  private static final double FIRST_SCALE = 3;
  private static final double SECOND_SCALE = 6;
  private static final double FURTHER_SCALE = 2;

  /** A probe that reached this share of its rate is followed by a larger one. */
  private static final double FURTHER_FROM = 0.7;

  private static final double LARGE_DROP = 0.66;
  private static final double SHARE_OF_RATE_BEFORE_DROP = 0.85;
  private static final long DROP_MEMORY_NANOS = 30_000_000_000L;
  private static final long RESULT_NANOS = 1_000_000_000L;
  private static final long CALM_NANOS = 3_000_000_000L;

  /**
   * The same at a rate that leaves hardly a picture, after a large drop; and when such a probe was
   * held back by what had caused the drop, the next one does not wait as long as others, but twice
   * as long each time.
   */
  private static final long CALM_AT_LITTLE_NANOS = 1_000_000_000L;

  private static final double LITTLE = 60_000;
  private static final long MIN_INTERVAL_NANOS = 5_000_000_000L;
  private static final long MAX_INTERVAL_NANOS = 15_000_000_000L;
  private static final double WORTH_WHILE = 1.15;
  private static final double PROBE_SECONDS = 0.015;
  private static final int MIN_BYTES = Probe.MIN_PACKETS * 200;

  private double maximum;
  private int nextId;
  private Probe pending;
  private Probe second;
  private double lastProbed;
  private double estimateBefore;
  private boolean awaitingResult;
  private long lastProbeNanos;
  private long lastDecreaseNanos = Long.MIN_VALUE / 2;
  private long interval = MIN_INTERVAL_NANOS;
  private long intervalAtLittle = MIN_INTERVAL_NANOS;
  private boolean started;
  private double rateBeforeDrop;
  private long dropNanos;

  ProbeController(double maximum) {
    this.maximum = maximum;
  }

  /** No probe goes beyond this. */
  void setMaximum(double bitsPerSecond) {
    maximum = bitsPerSecond;
  }

  /** The first packets are about to be sent. */
  void start(double startRate, long nowNanos) {
    if (!started) {
      started = true;
      probe(FIRST_SCALE * startRate, startRate, nowNanos);
      second = make(SECOND_SCALE * startRate);
    }
  }

  /** The next probe to send, or null; each is given once. */
  Probe poll() {
    Probe next = pending;
    pending = null;
    if (next == null) {
      next = second;
      second = null;
    }
    if (next != null) {
      lastProbed = Math.max(lastProbed, (double) next.bitsPerSecond());
    }
    return next;
  }

  boolean isDue() {
    return pending != null || second != null;
  }

  /** A probe has measured this much. */
  void onResult(double measured, double estimate, long nowNanos) {
    if (!awaitingResult || measured < WORTH_WHILE * estimateBefore) {
      return;
    }
    interval = MIN_INTERVAL_NANOS;
    boolean further = Math.min(FURTHER_SCALE * measured, maximum) > WORTH_WHILE * lastProbed;
    if (measured > FURTHER_FROM * lastProbed && further && !isDue()) {
      probe(FURTHER_SCALE * measured, estimate, nowNanos);
    }
  }

  /** The estimate was lowered because of a queue or of loss. */
  void onDecrease(double before, double after, long nowNanos) {
    if (rateBeforeDrop == 0 || before > rateBeforeDrop) {
      rateBeforeDrop = before;
    }
    if (after < LARGE_DROP * rateBeforeDrop && nowNanos - dropNanos > DROP_MEMORY_NANOS) {
      dropNanos = nowNanos;
      interval = MIN_INTERVAL_NANOS;
      intervalAtLittle = CALM_AT_LITTLE_NANOS;
    }
    lastDecreaseNanos = nowNanos;
    pending = null;
    second = null;
    awaitingResult = false;
  }

  /** More arrives than the path seemed to carry: how much more it carries is to be seen at once. */
  void onCapacityExceeded() {
    interval = 0;
  }

  /** Looks whether it is time for a probe. */
  void update(double estimate, boolean applicationLimited, BandwidthUsage usage, long nowNanos) {
    if (!started || isDue() || usage != BandwidthUsage.NORMAL) {
      return;
    }
    if (awaitingResult) {
      if (nowNanos - lastProbeNanos < RESULT_NANOS) {
        return;
      }
      awaitingResult = false;
      boolean useful = estimate >= WORTH_WHILE * estimateBefore;
      interval =
          useful
              ? MIN_INTERVAL_NANOS
              : Math.clamp(interval * 3 / 2, MIN_INTERVAL_NANOS, MAX_INTERVAL_NANOS);
    }
    boolean dropped = nowNanos - dropNanos < DROP_MEMORY_NANOS;
    boolean little = dropped && estimate < LITTLE;
    long wait =
        little
            ? intervalAtLittle
            : applicationLimited ? Math.min(interval, MIN_INTERVAL_NANOS) : interval;
    if (estimate * WORTH_WHILE > maximum
        || nowNanos - lastDecreaseNanos < (little ? CALM_AT_LITTLE_NANOS : CALM_NANOS)
        || nowNanos - lastProbeNanos < wait) {
      return;
    }
    double target = FURTHER_SCALE * estimate;
    if (dropped) {
      target = Math.max(target, SHARE_OF_RATE_BEFORE_DROP * rateBeforeDrop);
    } else {
      rateBeforeDrop = 0;
    }
    if (little) {
      intervalAtLittle = Math.min(2 * intervalAtLittle, MIN_INTERVAL_NANOS);
    }
    probe(target, estimate, nowNanos);
  }

  private void probe(double bitsPerSecond, double estimate, long nowNanos) {
    if (Math.min(bitsPerSecond, maximum) < WORTH_WHILE * estimate) {
      return;
    }
    pending = make(bitsPerSecond);
    awaitingResult = true;
    estimateBefore = estimate;
    lastProbed = 0;
    lastProbeNanos = nowNanos;
  }

  private Probe make(double bitsPerSecond) {
    double rate = Math.min(bitsPerSecond, maximum);
    return new Probe(nextId++, (long) rate, (int) Math.max(MIN_BYTES, rate * PROBE_SECONDS / 8));
  }
}
