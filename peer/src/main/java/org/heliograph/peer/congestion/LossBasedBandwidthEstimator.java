package org.heliograph.peer.congestion;

import java.util.List;

/**
 * Estimates the bandwidth from loss alone, after the loss-based part of draft-ietf-rmcat-gcc-02 6:
 * up by 8 % a second while less than 2 % is lost, down by half of the loss when more than 10 % is,
 * as it is between. Delay, which would tell of a queue before it overflows, is not looked at.
 */
public final class LossBasedBandwidthEstimator implements BandwidthEstimator {
  private static final double LOW_LOSS = 0.02;
  private static final double HIGH_LOSS = 0.10;
  private static final double INCREASE_PER_SECOND = 0.08;
  private static final long MIN_DECREASE_INTERVAL_NANOS = 500_000_000;

  /** Loss is judged over so many packets, or a second's worth of them if those are fewer. */
  private static final int WINDOW_PACKETS = 50;

  private static final long WINDOW_NANOS = 1_000_000_000;

  /** After this long without transport-wide feedback receiver reports are listened to. */
  private static final long FEEDBACK_SILENCE_NANOS = 2_000_000_000;

  private final long minimum;
  private final long maximum;
  private double estimate;
  private long receiverLimit = Long.MAX_VALUE;
  private boolean updated;
  private long updatedNanos;
  private boolean decreased;
  private long decreasedNanos;
  private boolean hasFeedback;
  private long feedbackNanos;
  private long windowStartNanos;
  private int windowPackets;
  private int windowLost;

  /**
   * @param minimum the least that is ever given, in bits per second
   * @param start what is given until something is known
   * @param maximum the most that is ever given
   */
  public LossBasedBandwidthEstimator(long minimum, long start, long maximum) {
    if (minimum <= 0 || start < minimum || maximum < start) {
      throw new IllegalArgumentException("0 < minimum <= start <= maximum");
    }
    this.minimum = minimum;
    this.maximum = maximum;
    estimate = start;
  }

  @Override
  public void onTransportFeedback(List<PacketResult> results, long nowNanos) {
    hasFeedback = true;
    feedbackNanos = nowNanos;
    if (windowPackets == 0) {
      windowStartNanos = nowNanos;
    }
    for (PacketResult result : results) {
      windowPackets++;
      windowLost += result.received() ? 0 : 1;
    }
    if (windowPackets >= WINDOW_PACKETS
        || (windowPackets > 0 && nowNanos - windowStartNanos >= WINDOW_NANOS)) {
      update((double) windowLost / windowPackets, nowNanos);
      windowPackets = 0;
      windowLost = 0;
    }
  }

  @Override
  public void onReceiverReport(double fractionLost, long nowNanos) {
    if (!hasFeedback || nowNanos - feedbackNanos > FEEDBACK_SILENCE_NANOS) {
      update(fractionLost, nowNanos);
    }
  }

  @Override
  public void onReceiverEstimate(long bitsPerSecond, long nowNanos) {
    receiverLimit = bitsPerSecond;
  }

  @Override
  public long bitsPerSecond() {
    return Math.clamp(Math.min((long) estimate, receiverLimit), minimum, maximum);
  }

  private void update(double loss, long nowNanos) {
    double seconds = updated ? Math.min(1, (nowNanos - updatedNanos) / 1e9) : 0;
    updated = true;
    updatedNanos = nowNanos;
    if (loss < LOW_LOSS) {
      estimate *= 1 + INCREASE_PER_SECOND * seconds;
    } else if (loss > HIGH_LOSS
        && (!decreased || nowNanos - decreasedNanos >= MIN_DECREASE_INTERVAL_NANOS)) {
      decreased = true;
      decreasedNanos = nowNanos;
      estimate *= 1 - loss / 2;
    }
    // Not above what the receiver allows, so that a limit which is lifted is not jumped over.
    estimate =
        Math.clamp(Math.min(estimate, (double) receiverLimit), (double) minimum, (double) maximum);
  }
}
