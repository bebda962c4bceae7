package org.heliograph.interop.bench;

import java.time.Duration;

/**
 * What an {@link EmulatedPath} does to the datagrams of one direction.
 *
 * @param leastDelay how long a datagram travels at least
 * @param mostDelay how long it travels at most, by jitter; without jitter the same
 * @param jitter how the delay moves between the two
 * @param loss the share of datagrams that are lost, 0 to 1
 * @param lossBurst how many in a row a loss takes on average (Gilbert and Elliott's model); 1 makes
 *     losses independent
 * @param reordered the share of datagrams that are held back by {@code heldBack} and so overtaken
 * @param heldBack how much longer those travel
 * @param bitsPerSecond the bottleneck's rate, IP and UDP headers included; 0 for none
 * @param queue how much time's worth of datagrams waits before the bottleneck; what comes when that
 *     is full is dropped
 */
public record PathConditions(
    Duration leastDelay,
    Duration mostDelay,
    Jitter jitter,
    double loss,
    double lossBurst,
    double reordered,
    Duration heldBack,
    long bitsPerSecond,
    Duration queue) {
  /** How a delay changes. */
  public enum Jitter {
    /** As a queue elsewhere fills and empties: it drifts, and nothing overtakes. */
    DRIFTING,
    /** Drawn anew for each datagram, as netem does it: they overtake each other. */
    INDEPENDENT
  }

  private static final Duration USUAL_DELAY = Duration.ofMillis(25);

  /** A good path: 25 ms each way. */
  public static PathConditions good() {
    return new PathConditions(
        USUAL_DELAY, USUAL_DELAY, Jitter.DRIFTING, 0, 1, 0, Duration.ZERO, 0, Duration.ZERO);
  }

  public PathConditions withLoss(double share, double burst) {
    return new PathConditions(
        leastDelay, mostDelay, jitter, share, burst, reordered, heldBack, bitsPerSecond, queue);
  }

  public PathConditions withJitter(Duration least, Duration most, Jitter kind) {
    return new PathConditions(
        least, most, kind, loss, lossBurst, reordered, heldBack, bitsPerSecond, queue);
  }

  public PathConditions withReordering(double share, Duration longer) {
    return new PathConditions(
        leastDelay, mostDelay, jitter, loss, lossBurst, share, longer, bitsPerSecond, queue);
  }

  public PathConditions withBottleneck(long rate, Duration queueLength) {
    return new PathConditions(
        leastDelay, mostDelay, jitter, loss, lossBurst, reordered, heldBack, rate, queueLength);
  }
}
