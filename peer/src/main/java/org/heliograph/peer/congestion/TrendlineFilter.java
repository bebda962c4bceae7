package org.heliograph.peer.congestion;

/**
 * Fits a line through the last groups' one-way delays. Its slope is the share of what is sent that
 * goes into a queue: 0 when the path carries the rate, positive while a queue grows. It takes the
 * place of the Kalman filter of draft-ietf-rmcat-gcc-02 5.3, as in libwebrtc.
 */
final class TrendlineFilter {
  private static final int WINDOW = 20;
  private static final double SMOOTHING = 0.9;

  private final double[] arrivalMillis = new double[WINDOW];
  private final double[] delayMillis = new double[WINDOW];
  private int count;
  private int next;
  private long groups;
  private double firstArrivalMillis;
  private double accumulatedMillis;
  private double smoothedMillis;
  private double slope;

  /** Forgets everything, after a pause. */
  void reset() {
    count = 0;
    next = 0;
    groups = 0;
    accumulatedMillis = 0;
    smoothedMillis = 0;
    slope = 0;
  }

  /** Takes how much longer a group's way was than that of the one before. */
  void add(double gradientMillis, double groupArrivalMillis) {
    if (groups++ == 0) {
      firstArrivalMillis = groupArrivalMillis;
    }
    accumulatedMillis += gradientMillis;
    smoothedMillis = SMOOTHING * smoothedMillis + (1 - SMOOTHING) * accumulatedMillis;
    arrivalMillis[next] = groupArrivalMillis - firstArrivalMillis;
    delayMillis[next] = smoothedMillis;
    next = (next + 1) % WINDOW;
    count = Math.min(count + 1, WINDOW);
    if (count == WINDOW) {
      fit();
    }
  }

  /** Least squares. */
  private void fit() {
    double meanArrival = 0;
    double meanDelay = 0;
    for (int i = 0; i < WINDOW; i++) {
      meanArrival += arrivalMillis[i] / WINDOW;
      meanDelay += delayMillis[i] / WINDOW;
    }
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < WINDOW; i++) {
      double arrival = arrivalMillis[i] - meanArrival;
      covariance += arrival * (delayMillis[i] - meanDelay);
      variance += arrival * arrival;
    }
    if (variance > 0) {
      slope = covariance / variance;
    }
  }

  /** Delay gained in each unit of time, 0 until there are enough groups. */
  double slope() {
    return slope;
  }

  /** How many groups were taken. */
  long groups() {
    return groups;
  }
}
