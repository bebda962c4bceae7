package org.heliograph.peer.congestion;

/**
 * Estimates the bandwidth from receiver reports and REMB alone, for a receiver that gives no
 * transport-wide feedback (draft-ietf-rmcat-gcc-02 6): up by 8 % a second while less than 2 % is
 * lost, down by half of the loss when more than 10 % is, as it is between. In the first seconds it
 * goes to what the receiver allows at once.
 */
final class ReportBasedEstimator {
  private static final double LOW_LOSS = 0.02;
  private static final double HIGH_LOSS = 0.10;
  private static final double INCREASE_PER_SECOND = 0.08;

  /** So little is tried without proof, as in {@link AimdRateControl}. */
  private static final double LITTLE = 100_000;

  private static final double LITTLE_PER_SECOND = 8_000;
  private static final long MIN_DECREASE_INTERVAL_NANOS = 500_000_000;
  private static final long START_NANOS = 3_000_000_000L;

  private final double minimum;
  private final double maximum;
  private double estimate;
  private boolean reported;
  private boolean updated;
  private long firstNanos;
  private long updatedNanos;
  private boolean decreased;
  private long decreasedNanos;

  ReportBasedEstimator(double minimum, double start, double maximum) {
    this.minimum = minimum;
    this.maximum = maximum;
    estimate = start;
  }

  /**
   * Takes a report.
   *
   * @param loss the share of packets that was lost since the report before, 0 to 1
   * @param receiverLimit what the receiver allows; infinite where it says nothing
   * @param provesLittle whether hardly anything was sent that it could be about: then it proves no
   *     more than the little that is tried without proof
   */
  void onReport(double loss, double receiverLimit, boolean provesLittle, long nowNanos) {
    double most = provesLittle ? Math.max(estimate, LITTLE) : maximum;
    double seconds = updated ? Math.min(1.5, (nowNanos - updatedNanos) / 1e9) : 0;
    firstNanos = reported ? firstNanos : nowNanos;
    reported = true;
    updated = true;
    updatedNanos = nowNanos;
    if (loss < LOW_LOSS) {
      double little = Math.min(LITTLE, estimate + LITTLE_PER_SECOND * seconds);
      estimate = Math.max(estimate * (1 + INCREASE_PER_SECOND * seconds), little);
      if (nowNanos - firstNanos < START_NANOS && receiverLimit != Double.POSITIVE_INFINITY) {
        estimate = Math.max(estimate, receiverLimit);
      }
    } else if (loss > HIGH_LOSS
        && (!decreased || nowNanos - decreasedNanos >= MIN_DECREASE_INTERVAL_NANOS)) {
      decreased = true;
      decreasedNanos = nowNanos;
      estimate *= 1 - loss / 2;
    }
    // Not above what the receiver allows, so that a limit which is lifted is not jumped over.
    estimate = Math.clamp(Math.min(estimate, receiverLimit), minimum, most);
  }

  /** Goes to a rate that was found otherwise; it rises from now on. */
  void set(double bitsPerSecond, long nowNanos) {
    updated = true;
    updatedNanos = nowNanos;
    estimate = Math.clamp(bitsPerSecond, minimum, maximum);
  }

  double bitsPerSecond() {
    return estimate;
  }
}
