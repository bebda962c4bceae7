package org.heliograph.peer.netem;

import java.time.Duration;

/**
 * What a {@link Link} does to packets.
 *
 * @param delay how long each packet travels
 * @param jitter up to how much longer, drawn evenly; it does not change the packets' order
 * @param drift up to how much longer besides, as queues elsewhere make it: from one random height
 *     to the next in 50 to 200 ms, in straight lines; it does not change the order either
 * @param loss the share of packets that are lost, 0 to 1
 * @param lossBurst how many packets in a row a loss takes on average; 1 makes losses independent
 * @param duplicates the share of packets that arrive twice
 * @param reordered the share of packets that are held back by {@code reorderDelay} and so overtaken
 * @param reorderDelay how long an overtaken packet is held back
 * @param bitsPerSecond the rate at which packets (with 28 bytes of IP and UDP headers) leave; 0 for
 *     no limit
 * @param queue how long a packet waits at most for its turn at that rate; one that would have to
 *     wait longer is dropped
 */
public record LinkConditions(
    Duration delay,
    Duration jitter,
    Duration drift,
    double loss,
    double lossBurst,
    double duplicates,
    double reordered,
    Duration reorderDelay,
    long bitsPerSecond,
    Duration queue) {

  /** Nothing but a delay. */
  public static LinkConditions delay(Duration delay) {
    return new LinkConditions(
        delay, Duration.ZERO, Duration.ZERO, 0, 1, 0, 0, Duration.ZERO, 0, Duration.ofMillis(300));
  }

  /** A wire that delivers everything at once. */
  public static LinkConditions perfect() {
    return delay(Duration.ZERO);
  }

  public LinkConditions withJitter(Duration jitter) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }

  public LinkConditions withDrift(Duration drift) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }

  public LinkConditions withLoss(double loss) {
    return withBurstLoss(loss, 1);
  }

  public LinkConditions withBurstLoss(double loss, double lossBurst) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }

  public LinkConditions withDuplicates(double duplicates) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }

  public LinkConditions withReordering(double reordered, Duration reorderDelay) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }

  public LinkConditions withRate(long bitsPerSecond, Duration queue) {
    return new LinkConditions(
        delay,
        jitter,
        drift,
        loss,
        lossBurst,
        duplicates,
        reordered,
        reorderDelay,
        bitsPerSecond,
        queue);
  }
}
