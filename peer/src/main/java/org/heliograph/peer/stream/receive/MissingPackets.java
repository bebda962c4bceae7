package org.heliograph.peer.stream.receive;

import java.util.Arrays;
import java.util.List;

/**
 * The packets of one stream that have not come though later ones have: since when, and when to ask
 * for them (again). Bounded; kept in order of their sequence numbers, which is the order in which
 * they were missed.
 */
public final class MissingPackets {
  static final long NONE = Long.MIN_VALUE;

  /** More than this many are not waited for: the oldest are given up. */
  static final int CAPACITY = 512;

  public static final int MAX_REQUESTS = 10;

  /** So many numbers fit into a NACK with each an element of its own, in one datagram. */
  private static final int MAX_PER_NACK = 250;

  /** What falls due so soon is asked for in the same NACK. */
  private static final long GATHERING_NANOS = 2_000_000;

  /** A request that is sent twice is sent again after this time. */
  private static final long REPEAT_NANOS = 15_000_000;

  /** The first so many requests follow each other at once when no answer comes in time. */
  private static final int QUICK_REQUESTS = 4;

  private final Patience patience;
  private final long[] numbers = new long[CAPACITY];
  private final long[] detectedNanos = new long[CAPACITY];
  private final long[] dueNanos = new long[CAPACITY];
  private final long[] lastRequestNanos = new long[CAPACITY];
  private final long[] requestBeforeNanos = new long[CAPACITY];
  private final int[] requests = new int[CAPACITY];
  private int size;

  /** How soon an answer came that was surely one, or {@link Long#MAX_VALUE}. */
  private long quickestAnswerNanos = Long.MAX_VALUE;

  private long repeatNanos = Long.MAX_VALUE;

  MissingPackets(Patience patience) {
    this.patience = patience;
  }

  /** Adds a number above all others; gives the one that has to be given up for it, or NONE. */
  long add(long number, long nowNanos) {
    long overflow = NONE;
    if (size == CAPACITY) {
      overflow = numbers[0];
      removeAt(0, 1);
    }
    numbers[size] = number;
    detectedNanos[size] = nowNanos;
    dueNanos[size] = nowNanos + patience.reorderingNanos();
    requests[size] = 0;
    size++;
    return overflow;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** When the longest missing packet was missed. */
  long firstDetectedNanos() {
    return detectedNanos[0];
  }

  /** When the first packet of that number or a higher one was missed, or NONE. */
  long detectedNanosFrom(long number) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    index = index < 0 ? -index - 1 : index;
    return index < size ? detectedNanos[index] : NONE;
  }

  /** When that packet was missed, or NONE if it is not missing. */
  long detectedNanos(long number) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    return index < 0 ? NONE : detectedNanos[index];
  }

  /** Whether that packet is missing. */
  boolean isMissing(long number) {
    return Arrays.binarySearch(numbers, 0, size, number) >= 0;
  }

  /** How often that packet was asked for. */
  int requests(long number) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    return index < 0 ? 0 : requests[index];
  }

  /**
   * How long the packet that comes now was on its way since it was asked for, or NONE. If it was
   * asked for twice, and last so shortly before that this cannot be the answer, it answers the
   * request before: thus a round trip that is much longer than it was thought to be is found out.
   *
   * @param leastRoundTripNanos no answer comes faster, as long as none to a single request has
   */
  long answeredAfterNanos(long number, long leastRoundTripNanos, long nowNanos) {
    int index = Arrays.binarySearch(numbers, 0, size, number);
    if (index < 0 || requests[index] == 0) {
      return NONE;
    }
    long sinceLast = nowNanos - lastRequestNanos[index];
    if (requests[index] == 1) {
      quickestAnswerNanos = Math.min(quickestAnswerNanos, sinceLast);
      return sinceLast;
    }
    long least = Math.min(leastRoundTripNanos, quickestAnswerNanos / 8 * 7);
    if (quickestAnswerNanos < Long.MAX_VALUE) {
      quickestAnswerNanos += quickestAnswerNanos / 16; // the way may be another one now
    }
    return sinceLast < least ? nowNanos - requestBeforeNanos[index] : NONE;
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
    repeatNanos = Long.MAX_VALUE;
  }

  /** Removes and gives the lowest number if it was missed at that instant or before, else NONE. */
  long pollDetectedBy(long nanos) {
    return size > 0 && detectedNanos[0] <= nanos ? poll() : NONE;
  }

  /** Removes and gives the lowest number if it is below that one, else NONE. */
  long pollBelow(long number) {
    return size > 0 && numbers[0] < number ? poll() : NONE;
  }

  private long poll() {
    long number = numbers[0];
    removeAt(0, 1);
    return number;
  }

  /** When to ask next, or {@link Long#MAX_VALUE}. */
  long nextRequestNanos() {
    long earliest = size == 0 ? Long.MAX_VALUE : repeatNanos;
    for (int i = 0; i < size; i++) {
      earliest = Math.min(earliest, dueNanos[i]);
    }
    return earliest;
  }

  /**
   * Collects what is to be asked for now. Each is asked for again when its answer is overdue, some
   * times at once and then with longer and longer pauses.
   */
  void collectDue(long nowNanos, List<Integer> due) {
    if (repeatNanos <= nowNanos) {
      repeatNanos = Long.MAX_VALUE;
      collectAskedForSince(nowNanos - REPEAT_NANOS - GATHERING_NANOS, due);
    }
    if (collectOverdue(nowNanos, due) && patience.repeatsRequests()) {
      repeatNanos = Math.min(repeatNanos, nowNanos + REPEAT_NANOS);
    }
  }

  private void collectAskedForSince(long nanos, List<Integer> due) {
    for (int i = 0; i < size && due.size() < MAX_PER_NACK; i++) {
      if (requests[i] > 0 && lastRequestNanos[i] >= nanos) {
        due.add((int) numbers[i] & 0xffff);
      }
    }
  }

  private boolean collectOverdue(long nowNanos, List<Integer> due) {
    int before = due.size();
    long answer = patience.answerNanos();
    for (int i = 0; i < size && due.size() < MAX_PER_NACK; i++) {
      if (dueNanos[i] <= nowNanos + GATHERING_NANOS) {
        due.add((int) numbers[i] & 0xffff);
        if (requests[i] > 0) {
          patience.onRequestEnded(false);
        }
        requestBeforeNanos[i] = lastRequestNanos[i];
        lastRequestNanos[i] = nowNanos;
        requests[i]++;
        int late = Math.max(0, requests[i] - QUICK_REQUESTS);
        dueNanos[i] =
            requests[i] < MAX_REQUESTS ? nowNanos + answer + answer * late / 4 : Long.MAX_VALUE;
      }
    }
    return due.size() > before;
  }

  private void removeAt(int index, int count) {
    if (count == 0) {
      return;
    }
    int rest = size - index - count;
    System.arraycopy(numbers, index + count, numbers, index, rest);
    System.arraycopy(detectedNanos, index + count, detectedNanos, index, rest);
    System.arraycopy(dueNanos, index + count, dueNanos, index, rest);
    System.arraycopy(lastRequestNanos, index + count, lastRequestNanos, index, rest);
    System.arraycopy(requestBeforeNanos, index + count, requestBeforeNanos, index, rest);
    System.arraycopy(requests, index + count, requests, index, rest);
    size -= count;
  }
}
