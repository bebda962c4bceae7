package org.heliograph.peer.congestion;

/**
 * How much arrives, by the receiver's clock: samples of 150 ms, weighed by how surprising each is
 * (a Bayesian estimate, as in libwebrtc), so that one odd window does not move it far.
 */
final class AcknowledgedRate {
  private static final double FIRST_WINDOW_MILLIS = 500;
  private static final double WINDOW_MILLIS = 150;
  private static final double UNCERTAINTY = 10;
  private static final double UNCERTAINTY_APPLICATION_LIMITED = 20;
  private static final double FIRST_VARIANCE = 50;
  private static final double VARIANCE_GROWTH = 5;
  private static final double VARIANCE_OF_FAST_CHANGE = 200;

  private boolean started;
  private long previousNanos;
  private double windowMillis;
  private long windowBytes;
  private double kilobitsPerSecond = -1;
  private double latest = -1;
  private double variance = FIRST_VARIANCE;

  /** Takes a packet, in the order of arrival. */
  void add(long arrivalNanos, int bytes, boolean applicationLimited) {
    double window = kilobitsPerSecond < 0 ? FIRST_WINDOW_MILLIS : WINDOW_MILLIS;
    double elapsed = started ? (arrivalNanos - previousNanos) / 1e6 : 0;
    started = true;
    previousNanos = Math.max(previousNanos, arrivalNanos);
    if (elapsed < 0) {
      elapsed = 0;
    }
    windowMillis += elapsed;
    if (elapsed > window) {
      windowBytes = 0; // a pause says nothing about the path
      windowMillis %= window;
    }
    if (windowMillis >= window) {
      update(8.0 * windowBytes / window, applicationLimited);
      windowMillis -= window;
      windowBytes = 0;
    }
    windowBytes += bytes;
  }

  private void update(double sample, boolean applicationLimited) {
    latest = sample;
    if (kilobitsPerSecond < 0) {
      kilobitsPerSecond = sample;
      return;
    }
    double scale =
        applicationLimited && sample < kilobitsPerSecond
            ? UNCERTAINTY_APPLICATION_LIMITED
            : UNCERTAINTY;
    double uncertainty =
        scale * Math.abs(kilobitsPerSecond - sample) / Math.max(1, kilobitsPerSecond);
    double sampleVariance = uncertainty * uncertainty;
    double predicted = variance + VARIANCE_GROWTH;
    double sum = sampleVariance + predicted;
    kilobitsPerSecond = (sampleVariance * kilobitsPerSecond + predicted * sample) / sum;
    variance = sampleVariance * predicted / sum;
  }

  /** The rate is about to change: the sender has begun to send more. */
  void expectFastChange() {
    variance += VARIANCE_OF_FAST_CHANGE;
  }

  /**
   * How much arrived lately where that is less, in bits per second: while a queue grows on the path
   * it is just what the path carries, also when that has just become less.
   */
  double whileQueueGrows() {
    return 1000 * Math.min(kilobitsPerSecond, latest);
  }

  /** In bits per second, or negative while it is not known. */
  double bitsPerSecond() {
    return kilobitsPerSecond < 0 ? -1 : kilobitsPerSecond * 1000;
  }
}
