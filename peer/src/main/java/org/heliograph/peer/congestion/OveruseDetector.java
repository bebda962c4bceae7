package org.heliograph.peer.congestion;

/**
 * Judges the trend of the delay by a threshold that adapts to the path (draft-ietf-rmcat-gcc-02
 * 5.4): on one whose delay varies by itself it rises, so that its variation is not taken for a
 * queue.
 */
final class OveruseDetector {
  private static final double GAIN = 4;
  private static final int MAX_GROUPS = 60;
  private static final double FIRST_THRESHOLD = 12.5;
  private static final double MIN_THRESHOLD = 6;
  private static final double MAX_THRESHOLD = 600;
  private static final double RISE = 0.0087;
  private static final double FALL = 0.039;

  /** A value that is off by more than this is an event of its own and does not adapt anything. */
  private static final double MAX_DISTANCE = 15;

  private static final double MAX_STEP_MILLIS = 100;

  /** The trend has to stay above the threshold for so long. */
  private static final double OVERUSE_MILLIS = 10;

  private double threshold = FIRST_THRESHOLD;
  private boolean updated;
  private double updatedMillis;
  private double previousSlope;
  private double aboveMillis = -1;
  private int aboveCount;
  private BandwidthUsage usage = BandwidthUsage.NORMAL;

  /** Forgets the trend, after a pause, but not how much the path's delay varies. */
  void reset() {
    updated = false;
    previousSlope = 0;
    aboveMillis = -1;
    aboveCount = 0;
    usage = BandwidthUsage.NORMAL;
  }

  /** Takes the slope after a group that was sent so long after the one before. */
  void detect(double slope, double sendDeltaMillis, long groups, double arrivalMillis) {
    if (groups < 2) {
      usage = BandwidthUsage.NORMAL;
      return;
    }
    double trend = Math.min(groups, MAX_GROUPS) * slope * GAIN;
    if (trend > threshold) {
      aboveMillis = aboveMillis < 0 ? sendDeltaMillis / 2 : aboveMillis + sendDeltaMillis;
      aboveCount++;
      if (aboveMillis > OVERUSE_MILLIS && aboveCount > 1 && slope >= previousSlope) {
        aboveMillis = 0;
        aboveCount = 0;
        usage = BandwidthUsage.OVERUSING;
      }
    } else {
      aboveMillis = -1;
      aboveCount = 0;
      usage = trend < -threshold ? BandwidthUsage.UNDERUSING : BandwidthUsage.NORMAL;
    }
    previousSlope = slope;
    adapt(Math.abs(trend), arrivalMillis);
  }

  private void adapt(double magnitude, double nowMillis) {
    double elapsed = updated ? Math.clamp(nowMillis - updatedMillis, 0, MAX_STEP_MILLIS) : 0;
    updated = true;
    updatedMillis = nowMillis;
    if (magnitude > threshold + MAX_DISTANCE) {
      return;
    }
    double speed = magnitude < threshold ? FALL : RISE;
    threshold += speed * (magnitude - threshold) * elapsed;
    threshold = Math.clamp(threshold, MIN_THRESHOLD, MAX_THRESHOLD);
  }

  BandwidthUsage usage() {
    return usage;
  }
}
