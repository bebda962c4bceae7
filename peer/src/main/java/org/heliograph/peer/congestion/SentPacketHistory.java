package org.heliograph.peer.congestion;

import java.util.Arrays;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.CounterUnwrapper;

/**
 * Numbers the packets of a transport and remembers when each was sent, until feedback tells what
 * became of it. Bounded: a packet of which nothing is heard is forgotten for a newer one.
 */
public final class SentPacketHistory {
  private static final int CAPACITY = 4096;
  private static final long FORGOTTEN = Long.MIN_VALUE;

  private final long[] sentNanos = new long[CAPACITY];
  private final long[] numbers = new long[CAPACITY];
  private final int[] bytes = new int[CAPACITY];
  private final int[] probes = new int[CAPACITY];
  private final boolean[] saidLost = new boolean[CAPACITY];
  private final CounterUnwrapper referenceTimes = CounterUnwrapper.ofBits(24);
  private final PacketResults results = new PacketResults();
  private long next;
  private long settled;
  private long bytesInFlight;

  /** Nothing sent yet. */
  public SentPacketHistory() {
    Arrays.fill(numbers, FORGOTTEN);
  }

  /**
   * The number, 0 to 65535, of the packet that is about to be sent.
   *
   * @param probe the probe that it is part of, or {@link Probe#NONE}
   */
  public int nextNumber(int probe, long nowNanos) {
    int index = index(next);
    if (next - settled >= CAPACITY) {
      settle(settled + 1);
    }
    numbers[index] = next;
    sentNanos[index] = nowNanos;
    bytes[index] = 0;
    probes[index] = probe;
    saidLost[index] = false;
    return (int) next++ & 0xffff;
  }

  /** The length of the packet that was numbered last. */
  public void onSent(int length) {
    bytes[index(next - 1)] = length;
    bytesInFlight += length;
  }

  /** What was sent and not yet reported on, in bytes. */
  public long bytesInFlight() {
    return bytesInFlight;
  }

  /**
   * Tells what became of the packets that a feedback packet speaks of. One that was reported as
   * received is not reported again; one that was not may be, later, as received.
   *
   * @return valid until the next call
   */
  public PacketResults onFeedback(TransportFeedback feedback) {
    long base = next - 1 + (short) (feedback.baseSequenceNumber() - (int) (next - 1));
    long origin =
        referenceTimes.unwrap(feedback.referenceTime() & 0xffffff)
            * TransportFeedback.TICKS_PER_REFERENCE;
    results.clear();
    for (int i = 0; i < feedback.packetCount(); i++) {
      long number = base + i;
      int index = index(number);
      if (number < 0 || numbers[index] != number) {
        continue;
      }
      long ticks = feedback.arrivalTicks(i);
      if (ticks != TransportFeedback.NOT_RECEIVED) {
        numbers[index] = FORGOTTEN;
        if (saidLost[index]) {
          results.addFoundAgain();
        }
        long arrivalNanos = (origin + ticks) * TransportFeedback.TICK_NANOS;
        results.addReceived(sentNanos[index], arrivalNanos, bytes[index], probes[index]);
      } else if (!saidLost[index]) {
        saidLost[index] = true;
        results.addLost(bytes[index]);
      }
    }
    settle(Math.min(next, base + feedback.packetCount()));
    return results;
  }

  /** Feedback comes in order: what it has passed is no longer on its way, reported or not. */
  private void settle(long upTo) {
    for (; settled < upTo; settled++) {
      bytesInFlight -= bytes[index(settled)];
    }
  }

  private static int index(long number) {
    return (int) number & (CAPACITY - 1);
  }
}
