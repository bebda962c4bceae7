package org.heliograph.peer.congestion;

/**
 * What the receiver itself estimates (REMB, draft-alvestrand-rmcat-remb-03), as a limit to what is
 * sent. It holds as long as it is renewed, and no longer than the path.
 *
 * <p>A receiver judges by the pictures that come, and says nothing while none do: its last word
 * before they stopped would be the last for ever. So up to {@value #LITTLE} bit/s need no proof:
 * the limit rises there by {@value #LITTLE_PER_SECOND} bit/s each second in which the receiver does
 * not lower it, and pictures can begin again.
 */
final class ReceiverEstimate {
  /** Gateways that set a limit of their own repeat it every 5 s (Janus). */
  private static final long LIFETIME_NANOS = 11_000_000_000L;

  /** Sound and the smallest of pictures. */
  private static final double LITTLE = 60_000;

  private static final double LITTLE_PER_SECOND = 8_000;

  /** What falls below this share of the estimate before was lowered because of a queue. */
  private static final double LOWERED = 0.97;

  private final double least;
  private double told = Double.POSITIVE_INFINITY;
  private long toldNanos;
  private double unproven;
  private long unprovenNanos;

  /**
   * @param least what is sent in any case
   */
  ReceiverEstimate(double least) {
    this.least = least;
  }

  /**
   * The receiver has told its estimate.
   *
   * @param bitsPerSecond 0 for no limit, as libwebrtc takes it
   */
  void onEstimate(long bitsPerSecond, long nowNanos) {
    update(nowNanos);
    double estimate = bitsPerSecond == 0 ? Double.POSITIVE_INFINITY : (double) bitsPerSecond;
    if (estimate < LOWERED * told) {
      unproven = least;
      unprovenNanos = nowNanos;
    }
    told = estimate;
    toldNanos = nowNanos;
  }

  /** Time has passed. */
  void update(long nowNanos) {
    if (nowNanos - toldNanos > LIFETIME_NANOS) {
      forget();
    }
    double seconds = (nowNanos - unprovenNanos) / 1e9;
    unproven = Math.min(LITTLE, Math.max(unproven, least) + LITTLE_PER_SECOND * seconds);
    unprovenNanos = nowNanos;
  }

  /** What was told says nothing any more. */
  void forget() {
    told = Double.POSITIVE_INFINITY;
  }

  /** The most that may be sent, in bits per second; infinite where there is no limit. */
  double limit() {
    return Math.max(told, unproven);
  }
}
