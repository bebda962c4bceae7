package org.heliograph.bench.capacity;

import java.util.Arrays;

/** How long pictures took from their last packet's leaving to the page. */
final class Lateness {
  /** What is late. */
  static final long LATE_NANOS = 20_000_000;

  private long[] nanos = new long[1 << 16];
  private int count;
  private int late;

  void add(long took) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = took;
    if (took > LATE_NANOS) {
      late++;
    }
  }

  void clear() {
    count = 0;
    late = 0;
  }

  int count() {
    return count;
  }

  int late() {
    return late;
  }

  /** A percentile in milliseconds. */
  double millis(double percent) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1, Math.floor(count * percent / 100))] / 1e6;
  }
}
