package org.heliograph.peer.congestion;

/**
 * Estimates the bandwidth from how the delay changes (draft-ietf-rmcat-gcc-02 5), before a queue
 * overflows and packets are lost. Used for what is sent, with the arrival times of transport-wide
 * feedback, and for what is received, with the sender's own send times.
 */
final class DelayBasedEstimator {
  /** After such a pause the old delays mean nothing. */
  private static final long PAUSE_NANOS = 2_000_000_000L;

  /** What was measured so soon after a probe's success comes from before it. */
  private static final long PROBE_SHADOW_NANOS = 700_000_000;

  /** Of the estimate so little arrives when the path has suddenly become narrow. */
  private static final double SUDDEN = 0.8;

  /** A delay that drifts by itself hardly ever looks like so long a queue. */
  private static final long CERTAIN_NANOS = 200_000_000;

  private final PacketGroups groups = new PacketGroups();
  private final TrendlineFilter trendline = new TrendlineFilter();
  private final OveruseDetector detector = new OveruseDetector();
  private final AimdRateControl rateControl;
  private boolean started;
  private long seenNanos;
  private BandwidthUsage usage = BandwidthUsage.NORMAL;
  private boolean probed;
  private long probedNanos;
  private double beforeProbe;

  DelayBasedEstimator(double minimum, double start, double maximum) {
    rateControl = new AimdRateControl(minimum, start, maximum);
  }

  /** Takes a packet, in the order of arrival; the two clocks may differ. */
  void add(long sentNanos, long arrivalNanos, long nowNanos) {
    if (started && nowNanos - seenNanos > PAUSE_NANOS) {
      groups.reset();
      trendline.reset();
      detector.reset();
    }
    started = true;
    seenNanos = nowNanos;
    if (groups.add(sentNanos, arrivalNanos)) {
      double sendDelta = groups.sendDeltaNanos() / 1e6;
      double arrivalMillis = arrivalNanos / 1e6;
      trendline.add(groups.arrivalDeltaNanos() / 1e6 - sendDelta, arrivalMillis);
      detector.detect(trendline.slope(), sendDelta, trendline.groups(), arrivalMillis);
    }
  }

  /**
   * Draws the conclusion from what was added.
   *
   * @param acknowledged what arrives
   * @param queue what there is of a queue: without one, the trend came from jitter; a sudden one
   *     makes up for a trend
   */
  void update(
      AcknowledgedRate acknowledged,
      PathQueue queue,
      boolean applicationLimited,
      long roundTripNanos,
      long nowNanos) {
    usage = detector.usage();
    if (queue.isSudden() && acknowledged.whileQueueGrows() < SUDDEN * rateControl.bitsPerSecond()) {
      usage = BandwidthUsage.OVERUSING;
    } else if (usage == BandwidthUsage.OVERUSING && !queue.isUnusual()) {
      usage = BandwidthUsage.NORMAL;
    }
    double received =
        usage == BandwidthUsage.OVERUSING
            ? acknowledged.whileQueueGrows()
            : acknowledged.bitsPerSecond();
    boolean certain = queue.nanos() > CERTAIN_NANOS;
    rateControl.update(usage, received, applicationLimited, certain, roundTripNanos, nowNanos);
    boolean inShadow = probed && nowNanos - probedNanos < PROBE_SHADOW_NANOS + roundTripNanos;
    if (inShadow && rateControl.bitsPerSecond() < beforeProbe) {
      rateControl.set(beforeProbe, nowNanos);
    }
  }

  /** Nothing has been under way for a while: what was concluded last is over. */
  void onIdle() {
    usage = BandwidthUsage.NORMAL;
  }

  /** A probe has shown that the path carries this much. */
  void onProbeResult(double bitsPerSecond, long nowNanos) {
    if (bitsPerSecond > rateControl.bitsPerSecond()) {
      probed = true;
      probedNanos = nowNanos;
      beforeProbe = rateControl.bitsPerSecond();
      rateControl.capacity().onProbe(bitsPerSecond);
      rateControl.set(bitsPerSecond, nowNanos);
    }
  }

  /** Whether more has arrived than the path seemed to carry: it has become wider. */
  boolean capacityExceeded() {
    return rateControl.capacityExceeded();
  }

  /** Goes to a rate that was found otherwise. */
  void set(double bitsPerSecond, long nowNanos) {
    rateControl.set(bitsPerSecond, nowNanos);
  }

  /** The conclusion that was drawn last. */
  BandwidthUsage usage() {
    return usage;
  }

  double bitsPerSecond() {
    return rateControl.bitsPerSecond();
  }
}
