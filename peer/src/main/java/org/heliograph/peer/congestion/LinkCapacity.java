package org.heliograph.peer.congestion;

/**
 * What the path has carried each time when a queue began to grow: its mean and its deviation
 * (draft-ietf-rmcat-gcc-02 5.5). Near it the rate rises slowly.
 */
final class LinkCapacity {
  private static final double OVERUSE_WEIGHT = 0.05;
  private static final double PROBE_WEIGHT = 0.5;
  private static final double MIN_DEVIATION = 0.4;
  private static final double MAX_DEVIATION = 2.5;

  private boolean known;
  private double kilobitsPerSecond;
  private double deviation = MIN_DEVIATION;

  /** The path has another capacity now. */
  void reset() {
    known = false;
  }

  boolean known() {
    return known;
  }

  double bitsPerSecond() {
    return kilobitsPerSecond * 1000;
  }

  /** Above this it must be another one. */
  double upperBound() {
    return known ? (kilobitsPerSecond + spread()) * 1000 : Double.POSITIVE_INFINITY;
  }

  /** Below this it must be another one. */
  double lowerBound() {
    return known ? Math.max(0, kilobitsPerSecond - spread()) * 1000 : 0;
  }

  private double spread() {
    return 3 * Math.sqrt(deviation * kilobitsPerSecond);
  }

  /** A queue began to grow while this much arrived. */
  void onOveruse(double bitsPerSecond) {
    update(bitsPerSecond / 1000, OVERUSE_WEIGHT);
  }

  /** A probe has measured it. */
  void onProbe(double bitsPerSecond) {
    update(bitsPerSecond / 1000, PROBE_WEIGHT);
  }

  private void update(double sample, double weight) {
    kilobitsPerSecond = known ? (1 - weight) * kilobitsPerSecond + weight * sample : sample;
    known = true;
    double error = kilobitsPerSecond - sample;
    deviation = (1 - weight) * deviation + weight * error * error / Math.max(1, kilobitsPerSecond);
    deviation = Math.clamp(deviation, MIN_DEVIATION, MAX_DEVIATION);
  }
}
