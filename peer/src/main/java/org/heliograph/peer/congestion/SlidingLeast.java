package org.heliograph.peer.congestion;

/** The least of the values of the last while, in constant memory. */
final class SlidingLeast {
  private static final int CAPACITY = 64;

  private final long lengthNanos;
  private final long[] values = new long[CAPACITY];
  private final long[] atNanos = new long[CAPACITY];
  private int first;
  private int count;

  SlidingLeast(long lengthNanos) {
    this.lengthNanos = lengthNanos;
  }

  /** Adds a value and tells the least; each one in the queue is less than those behind it. */
  long add(long value, long nowNanos) {
    while (count > 0 && values[index(count - 1)] >= value) {
      count--;
    }
    if (count == CAPACITY) {
      count--;
    }
    values[index(count)] = value;
    atNanos[index(count)] = nowNanos;
    count++;
    while (nowNanos - atNanos[first] > lengthNanos) {
      first = (first + 1) % CAPACITY;
      count--;
    }
    return values[first];
  }

  private int index(int position) {
    return (first + position) % CAPACITY;
  }
}
