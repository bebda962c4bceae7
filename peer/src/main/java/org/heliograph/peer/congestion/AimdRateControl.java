package org.heliograph.peer.congestion;

/**
 * Additive increase, multiplicative decrease (draft-ietf-rmcat-gcc-02 5.5): down to 85 % of what
 * arrives when a queue grows, unchanged while it empties, up again after that: by 8 % a second far
 * from the known capacity, by about a packet each round trip near it. Never far above what is
 * really received, which would be a guess.
 */
final class AimdRateControl {
  private static final double DECREASE = 0.85;
  private static final double INCREASE_PER_SECOND = 1.08;
  private static final double MIN_INCREASE = 1000;
  private static final double MIN_ADDITIVE_PER_SECOND = 4000;
  private static final double MAX_ABOVE_RECEIVED = 1.5;
  private static final double MAX_ABOVE_RECEIVED_MORE = 10_000;

  /**
   * So little is tried without proof: a sender that has stopped its pictures sends nothing that
   * could prove anything, and would never begin again.
   */
  private static final double LITTLE = 100_000;

  private static final double LITTLE_PER_SECOND = 8_000;
  private static final double FRAMES_PER_SECOND = 30;
  private static final double PACKET_BITS = 1200 * 8;

  private enum State {
    HOLD,
    INCREASE
  }

  private final LinkCapacity capacity = new LinkCapacity();
  private final double minimum;
  private final double maximum;
  private State state = State.INCREASE;
  private double rate;
  private boolean changed;
  private long changedNanos;
  private boolean decreased;
  private long decreasedNanos;
  private boolean capacityExceeded;

  AimdRateControl(double minimum, double start, double maximum) {
    this.minimum = minimum;
    this.maximum = maximum;
    rate = start;
  }

  double bitsPerSecond() {
    return rate;
  }

  LinkCapacity capacity() {
    return capacity;
  }

  /** Whether the last update found that the path carries more than was known of it. */
  boolean capacityExceeded() {
    return capacityExceeded;
  }

  /** Goes to a rate that was measured otherwise. */
  void set(double bitsPerSecond, long nowNanos) {
    rate = Math.clamp(bitsPerSecond, minimum, maximum);
    changed = true;
    changedNanos = nowNanos;
  }

  /**
   * Takes what the detector says.
   *
   * @param received what arrives, in bits per second, or negative while that is not known
   * @param applicationLimited whether less is sent than was allowed: then nothing is learnt from
   *     the absence of a queue
   * @param certain whether a queue is so long that it cannot be anything else: without that, it
   *     does not go below the little that is tried without proof
   */
  void update(
      BandwidthUsage usage,
      double received,
      boolean applicationLimited,
      boolean certain,
      long roundTripNanos,
      long nowNanos) {
    capacityExceeded = false;
    switch (usage) {
      case OVERUSING -> decrease(received, certain ? minimum : LITTLE, roundTripNanos, nowNanos);
      case UNDERUSING -> state = State.HOLD;
      case NORMAL -> {
        if (state == State.HOLD) {
          state = State.INCREASE;
          changed = true;
          changedNanos = nowNanos;
        }
        increase(received, applicationLimited, roundTripNanos, nowNanos);
      }
    }
  }

  private void increase(
      double received, boolean applicationLimited, long roundTripNanos, long nowNanos) {
    capacityExceeded = received > capacity.upperBound();
    if (capacityExceeded) {
      capacity.reset();
    }
    double seconds = changed ? Math.min(1, (nowNanos - changedNanos) / 1e9) : 0;
    changed = true;
    changedNanos = nowNanos;
    double proven =
        applicationLimited ? 0 : MAX_ABOVE_RECEIVED * received + MAX_ABOVE_RECEIVED_MORE;
    double limit = Math.max(LITTLE, proven);
    if (received < 0 || rate >= limit) {
      return;
    }
    double more =
        capacity.known()
            ? additivePerSecond(roundTripNanos) * seconds
            : Math.max(rate * (Math.pow(INCREASE_PER_SECOND, seconds) - 1), MIN_INCREASE * seconds);
    double least = rate < LITTLE ? LITTLE_PER_SECOND * seconds : 0;
    rate = Math.clamp(Math.min(rate + Math.max(more, least), limit), minimum, maximum);
  }

  /** About one packet in each response time, which is a round trip and what detection takes. */
  private double additivePerSecond(long roundTripNanos) {
    double frameBits = rate / FRAMES_PER_SECOND;
    double packetBits = frameBits / Math.ceil(frameBits / PACKET_BITS);
    double responseSeconds = (roundTripNanos + 100_000_000) / 1e9;
    return Math.max(MIN_ADDITIVE_PER_SECOND, packetBits / responseSeconds);
  }

  private void decrease(double received, double least, long roundTripNanos, long nowNanos) {
    long interval = Math.clamp(roundTripNanos, 10_000_000L, 200_000_000L);
    boolean mayDecrease =
        !decreased || nowNanos - decreasedNanos >= interval || received < rate / 2;
    if (!mayDecrease || received < 0) {
      return;
    }
    double to = DECREASE * received;
    if (to > rate && capacity.known()) {
      to = DECREASE * capacity.bitsPerSecond();
    }
    if (to < rate) {
      rate = Math.clamp(to, Math.min(rate, Math.max(minimum, least)), maximum);
    }
    if (received < capacity.lowerBound()) {
      capacity.reset();
    }
    capacity.onOveruse(received);
    state = State.HOLD;
    decreased = true;
    decreasedNanos = nowNanos;
    changed = true;
    changedNanos = nowNanos;
  }
}
