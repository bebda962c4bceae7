package org.heliograph.peer.congestion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private final CounterUnwrapper referenceTimes = CounterUnwrapper.ofBits(24);
  private long next;

  /** Nothing sent yet. */
  public SentPacketHistory() {
    Arrays.fill(numbers, FORGOTTEN);
  }

  /** The number, 0 to 65535, of the packet that is about to be sent. */
  public int nextNumber(long nowNanos) {
    int index = index(next);
    numbers[index] = next;
    sentNanos[index] = nowNanos;
    bytes[index] = 0;
    return (int) next++ & 0xffff;
  }

  /** The length of the packet that was numbered last. */
  public void onSent(int length) {
    bytes[index(next - 1)] = length;
  }

  /**
   * Tells what became of the packets that a feedback packet speaks of. One that was reported as
   * received is not reported again; one that was not may be, later, as received.
   */
  public List<PacketResult> onFeedback(TransportFeedback feedback) {
    long base = next - 1 + (short) (feedback.baseSequenceNumber() - (int) (next - 1));
    long origin =
        referenceTimes.unwrap(feedback.referenceTime() & 0xffffff)
            * TransportFeedback.TICKS_PER_REFERENCE;
    List<PacketResult> results = new ArrayList<>(Math.min(feedback.packetCount(), CAPACITY));
    for (int i = 0; i < feedback.packetCount(); i++) {
      long number = base + i;
      int index = index(number);
      if (number < 0 || numbers[index] != number) {
        continue;
      }
      long ticks = feedback.arrivalTicks(i);
      long arrivalNanos = PacketResult.NOT_RECEIVED;
      if (ticks != TransportFeedback.NOT_RECEIVED) {
        arrivalNanos = (origin + ticks) * TransportFeedback.TICK_NANOS;
        numbers[index] = FORGOTTEN;
      }
      results.add(new PacketResult(number, sentNanos[index], arrivalNanos, bytes[index]));
    }
    return results;
  }

  private static int index(long number) {
    return (int) number & (CAPACITY - 1);
  }
}
