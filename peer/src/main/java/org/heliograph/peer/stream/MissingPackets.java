package org.heliograph.peer.stream;

import java.util.Arrays;
import java.util.List;

/**
 * The packets of one stream that have not come though later ones have: since when, and when to ask
 * for them (again). Bounded; kept in order of their sequence numbers, which is the order in which
 * they were missed.
 */
final class MissingPackets {
  static final long NONE = Long.MIN_VALUE;

  /** More than this many are not waited for: the oldest are given up. */
  static final int CAPACITY = 512;

  /** A packet that is only out of order comes within this time. */
  static final long REORDERING_NANOS = 10_000_000;

  static final int MAX_REQUESTS = 10;

  /** So many numbers fit into a NACK with each an element of its own, in one datagram. */
  private static final int MAX_PER_NACK = 250;

  private static final long MIN_RETRY_NANOS = 20_000_000;

  private final long[] numbers = new long[CAPACITY];
  private final long[] detectedNanos = new long[CAPACITY];
  private final long[] requestNanos = new long[CAPACITY];
  private final long[] lastRequestNanos = new long[CAPACITY];
  private final int[] requests = new int[CAPACITY];
  private int size;

  /** Adds a number above all others; gives the one that has to be given up for it, or NONE. */
  long add(long number, long nowNanos) {
    long overflow = NONE;
    if (size == CAPACITY) {
      overflow = numbers[0];
      removeAt(0, 1);
    }
    numbers[size] = number;
    detectedNanos[size] = nowNanos;
    requestNanos[size] = nowNanos + REORDERING_NANOS;
    requests[size] = 0;
    size++;
    return overflow;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** When the longest missing packet was missed. */
  long firstDetectedNanos() {
    return detectedNanos[0];
  }

  /**
   * When a missing packet was asked for, if that was once: then its retransmission tells the round
   * trip's time. Else NONE.
   */
  long requestedOnceNanos(long number) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    return index >= 0 && requests[index] == 1 ? lastRequestNanos[index] : NONE;
  }

  void remove(long number) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    if (index >= 0) {
      removeAt(index, 1);
    }
  }

  void removeBelow(long number) {
    int count = 0;
    while (count < size && numbers[count] < number) {
      count++;
    }
    removeAt(0, count);
  }

  void clear() {
    size = 0;
  }

  /** Removes and gives the lowest number if it was missed at that instant or before, else NONE. */
  long pollDetectedBy(long nanos) {
    if (size == 0 || detectedNanos[0] > nanos) {
      return NONE;
    }
    long number = numbers[0];
    removeAt(0, 1);
    return number;
  }

  /** When to ask next, or {@link Long#MAX_VALUE}. */
  long nextRequestNanos() {
    long earliest = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      if (requests[i] < MAX_REQUESTS) {
        earliest = Math.min(earliest, requestNanos[i]);
      }
    }
    return earliest;
  }

  /**
   * Collects what is to be asked for now, and waits a round trip and then longer each time before
   * it is asked for again.
   */
  void collectDue(long nowNanos, long roundTripNanos, List<Integer> due) {
    for (int i = 0; i < size && due.size() < MAX_PER_NACK; i++) {
      if (requests[i] < MAX_REQUESTS && requestNanos[i] <= nowNanos) {
        due.add((int) numbers[i] & 0xffff);
        long wait = Math.max(MIN_RETRY_NANOS, roundTripNanos + roundTripNanos / 4);
        requestNanos[i] = nowNanos + wait + wait * requests[i] / 2;
        lastRequestNanos[i] = nowNanos;
        requests[i]++;
      }
    }
  }

  private void removeAt(int index, int count) {
    if (count == 0) {
      return;
    }
    int rest = size - index - count;
    System.arraycopy(numbers, index + count, numbers, index, rest);
    System.arraycopy(detectedNanos, index + count, detectedNanos, index, rest);
    System.arraycopy(requestNanos, index + count, requestNanos, index, rest);
    System.arraycopy(lastRequestNanos, index + count, lastRequestNanos, index, rest);
    System.arraycopy(requests, index + count, requests, index, rest);
    size -= count;
  }
}
