package org.heliograph.peer.congestion;

/**
 * Estimates as the receiver how much the path carries (REMB, draft-alvestrand-rmcat-remb-03), for a
 * sender that takes no transport-wide feedback: the {@link DelayBasedEstimator}, fed with the
 * sender's own send times. It says nothing before it knows something: that a queue has grown, or
 * that for some seconds none has.
 */
public final class ReceivedRateEstimator {
  private static final double MINIMUM = 30_000;
  private static final double MAXIMUM = 30_000_000;
  private static final long UPDATE_NANOS = 50_000_000;
  private static final long REPORT_NANOS = 1_000_000_000;
  private static final long QUIET_START_NANOS = 5_000_000_000L;

  /** After so long, what was sent over another path has come. */
  private static final long OLD_PATH_NANOS = 1_000_000_000;

  private static final double ABOVE_RECEIVED = 1.5;
  private static final double FALL = 0.97;

  private final SendTimes sendTimes = new SendTimes();
  private final DelayBasedEstimator delayBased = new DelayBasedEstimator(MINIMUM, MAXIMUM, MAXIMUM);
  private final AcknowledgedRate received = new AcknowledgedRate();
  private final PathQueue queue = new PathQueue();
  private final long sinceNanos;
  private boolean started;
  private boolean known;
  private boolean arrived;
  private long startedNanos;
  private long updateNanos = Long.MAX_VALUE;
  private long reportNanos = Long.MAX_VALUE;
  private double reported = Double.POSITIVE_INFINITY;

  /** Nothing has arrived yet. */
  public ReceivedRateEstimator() {
    this(Long.MIN_VALUE);
  }

  private ReceivedRateEstimator(long sinceNanos) {
    this.sinceNanos = sinceNanos;
  }

  /** One for another path, over which packets come from now on, and still some over the old one. */
  public static ReceivedRateEstimator ofPathSince(long nowNanos) {
    return new ReceivedRateEstimator(nowNanos + OLD_PATH_NANOS);
  }

  /**
   * A packet has arrived.
   *
   * @param absSendTime when it was sent: 24 bits in 2^-18 seconds
   */
  public void onPacket(int absSendTime, int bytes, long nowNanos) {
    if (nowNanos < sinceNanos) {
      return;
    }
    if (!started) {
      started = true;
      startedNanos = nowNanos;
      updateNanos = nowNanos + UPDATE_NANOS;
    }
    received.add(nowNanos, bytes, false);
    arrived = true;
    if (known && reportNanos == Long.MAX_VALUE) {
      reportNanos = nowNanos;
    }
    long sentNanos = sendTimes.nanos(absSendTime);
    queue.add(sentNanos, nowNanos, nowNanos);
    delayBased.add(sentNanos, nowNanos, nowNanos);
    if (nowNanos >= updateNanos) {
      update(nowNanos);
    }
  }

  private void update(long nowNanos) {
    updateNanos = nowNanos + UPDATE_NANOS;
    queue.endOfFeedback(nowNanos);
    delayBased.update(received, queue, false, UPDATE_NANOS, nowNanos);
    boolean quiet = nowNanos - startedNanos > QUIET_START_NANOS && received.bitsPerSecond() > 0;
    if (!known && (delayBased.bitsPerSecond() < MAXIMUM || quiet)) {
      known = true;
      reportNanos = nowNanos;
      double most = ABOVE_RECEIVED * received.bitsPerSecond();
      delayBased.set(Math.min(delayBased.bitsPerSecond(), most), nowNanos);
    }
    if (known && delayBased.bitsPerSecond() < FALL * reported) {
      reportNanos = nowNanos;
    }
  }

  /** When a report is due; {@link Long#MAX_VALUE} while nothing is known. */
  public long nextTimeoutNanos() {
    return reportNanos;
  }

  /** What to report now, in bits per second, or -1 if nothing is due. */
  public long poll(long nowNanos) {
    if (nowNanos < reportNanos) {
      return -1;
    }
    if (!arrived) {
      reportNanos = Long.MAX_VALUE; // what is not seen any more is not renewed
      return -1;
    }
    arrived = false;
    reportNanos = nowNanos + REPORT_NANOS;
    reported = delayBased.bitsPerSecond();
    return (long) reported;
  }
}
