package org.heliograph.peer.netem;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One direction of a wire. What is sent is copied; each packet that arrives is a buffer of its own,
 * which its receiver may change and keep.
 */
public final class Link {
  private static final int IP_AND_UDP_HEADERS = 28;
  private static final long SHORTEST_DRIFT_NANOS = 50_000_000;
  private static final long LONGEST_DRIFT_NANOS = 200_000_000;

  private final VirtualClock clock;
  private final RandomGenerator random;
  private final Consumer<ByteBuffer> receiver;
  private LinkConditions conditions;
  private boolean inLossBurst;
  private long busyUntilNanos;
  private long lastArrivalNanos = Long.MIN_VALUE;
  private long driftFromNanos;
  private long driftToNanos;
  private double driftStart;
  private double driftEnd;
  private long sent;
  private long dropped;
  private long deliveredBytes;

  public Link(
      VirtualClock clock,
      RandomGenerator random,
      LinkConditions conditions,
      Consumer<ByteBuffer> receiver) {
    this.clock = clock;
    this.random = random;
    this.conditions = conditions;
    this.receiver = receiver;
    driftToNanos = clock.nanoTime();
  }

  /** Changes what happens to the packets that are sent from now on. */
  public void setConditions(LinkConditions conditions) {
    this.conditions = conditions;
  }

  /** How many packets were sent. */
  public long sent() {
    return sent;
  }

  /** How many of them were lost, or found the queue full. */
  public long dropped() {
    return dropped;
  }

  /** What has left the link, with 28 bytes of IP and UDP headers a packet. */
  public long deliveredBytes() {
    return deliveredBytes;
  }

  /** How long a packet that is sent now waits for its turn, in nanoseconds. */
  public long queueNanos() {
    return Math.max(0, busyUntilNanos - clock.nanoTime());
  }

  /** Sends a packet, from its position to its limit; it is copied and its position left alone. */
  public void send(ByteBuffer packet) {
    transmit(copy(packet), receiver);
  }

  /** Carries a packet, which is not copied, to a receiver chosen for it: links can be shared. */
  public void transmit(ByteBuffer packet, Consumer<ByteBuffer> to) {
    sent++;
    if (isLost()) {
      dropped++;
      return;
    }
    long leavesNanos = clock.nanoTime();
    if (conditions.bitsPerSecond() > 0) {
      long startsNanos = Math.max(leavesNanos, busyUntilNanos);
      if (startsNanos - leavesNanos > conditions.queue().toNanos()) {
        dropped++;
        return;
      }
      long bits = 8L * (packet.remaining() + IP_AND_UDP_HEADERS);
      busyUntilNanos = startsNanos + bits * 1_000_000_000L / conditions.bitsPerSecond();
      leavesNanos = busyUntilNanos;
    }
    long arrivesNanos = leavesNanos + conditions.delay().toNanos();
    long jitterNanos = conditions.jitter().toNanos();
    if (jitterNanos > 0) {
      arrivesNanos += random.nextLong(jitterNanos + 1);
    }
    long driftNanos = conditions.drift().toNanos();
    if (driftNanos > 0) {
      arrivesNanos += (long) (drift(leavesNanos) * driftNanos);
    }
    if (chance(conditions.reordered())) {
      arrivesNanos += conditions.reorderDelay().toNanos();
    } else {
      arrivesNanos = Math.max(arrivesNanos, lastArrivalNanos);
      lastArrivalNanos = arrivesNanos;
    }
    int bytes = packet.remaining() + IP_AND_UDP_HEADERS;
    clock.at(
        arrivesNanos,
        () -> {
          deliveredBytes += bytes;
          to.accept(packet);
        });
    if (chance(conditions.duplicates())) {
      ByteBuffer duplicate = copy(packet);
      clock.at(arrivesNanos, () -> to.accept(duplicate));
    }
  }

  /** How far the delay has drifted at an instant, 0 to 1. */
  private double drift(long atNanos) {
    while (atNanos >= driftToNanos) {
      driftStart = driftEnd;
      driftEnd = random.nextDouble();
      driftFromNanos = driftToNanos;
      driftToNanos += random.nextLong(SHORTEST_DRIFT_NANOS, LONGEST_DRIFT_NANOS);
    }
    double way = (double) (atNanos - driftFromNanos) / (driftToNanos - driftFromNanos);
    return driftStart + way * (driftEnd - driftStart);
  }

  private boolean isLost() {
    double loss = conditions.loss();
    double burst = conditions.lossBurst();
    if (burst <= 1 || loss >= 1) {
      return chance(loss);
    }
    // Gilbert's model: the mean stay in the losing state is the burst, its share of time the loss.
    inLossBurst = inLossBurst ? !chance(1 / burst) : chance(loss / (burst * (1 - loss)));
    return inLossBurst;
  }

  /** Draws nothing for an event that cannot happen, so that unused conditions change no run. */
  private boolean chance(double probability) {
    return probability > 0 && random.nextDouble() < probability;
  }

  /** A copy of what lies between a buffer's position and its limit. */
  public static ByteBuffer copy(ByteBuffer packet) {
    byte[] bytes = new byte[packet.remaining()];
    packet.get(packet.position(), bytes);
    return ByteBuffer.wrap(bytes);
  }
}
