package org.heliograph.peer.congestion;

/**
 * Measures the rate at which a probe's packets have arrived. A probe that arrived as fast as it was
 * sent only says that the path carries that much; one that was stretched says how much it carries.
 */
final class ProbeEstimator {
  private static final double MIN_RECEIVED = 0.8;
  private static final double MAX_SPEED_UP = 2;
  private static final double UNSTRETCHED = 0.9;
  private static final double USE_OF_STRETCHED = 0.95;
  private static final long MAX_DURATION_NANOS = 1_000_000_000;

  private Probe probe;
  private int packets;
  private long bytes;
  private long firstSentNanos;
  private long lastSentNanos;
  private int lastSentBytes;
  private long firstArrivalNanos;
  private long lastArrivalNanos;
  private int firstArrivedBytes;

  /** Another probe is being sent; what comes of older ones is not looked at any more. */
  void expect(Probe next) {
    probe = next;
    packets = 0;
    bytes = 0;
  }

  /**
   * Takes a packet of a probe that has arrived.
   *
   * @return what was measured with it, in bits per second, or negative while that is too little
   */
  double add(int id, long sentNanos, long arrivalNanos, int length) {
    if (probe == null || id != probe.id()) {
      return -1;
    }
    if (packets == 0 || sentNanos < firstSentNanos) {
      firstSentNanos = sentNanos;
    }
    if (packets == 0 || sentNanos >= lastSentNanos) {
      lastSentNanos = sentNanos;
      lastSentBytes = length;
    }
    if (packets == 0 || arrivalNanos < firstArrivalNanos) {
      firstArrivalNanos = arrivalNanos;
      firstArrivedBytes = length;
    }
    lastArrivalNanos = packets == 0 ? arrivalNanos : Math.max(lastArrivalNanos, arrivalNanos);
    packets++;
    bytes += length;
    return packets < MIN_RECEIVED * Probe.MIN_PACKETS || bytes < MIN_RECEIVED * probe.minBytes()
        ? -1
        : measure();
  }

  private double measure() {
    long sendNanos = lastSentNanos - firstSentNanos;
    long arrivalNanos = lastArrivalNanos - firstArrivalNanos;
    if (sendNanos <= 0
        || arrivalNanos <= 0
        || sendNanos > MAX_DURATION_NANOS
        || arrivalNanos > MAX_DURATION_NANOS) {
      return -1;
    }
    // The last packet's bytes were sent after the interval, the first one's arrived before it.
    double sent = 8e9 * (bytes - lastSentBytes) / sendNanos;
    double arrived = 8e9 * (bytes - firstArrivedBytes) / arrivalNanos;
    if (arrived > MAX_SPEED_UP * sent) {
      return -1; // the path has held them back and let them go together
    }
    return arrived < UNSTRETCHED * sent ? USE_OF_STRETCHED * arrived : Math.min(sent, arrived);
  }
}
