package org.heliograph.peer;

import java.util.random.RandomGenerator;

/**
 * Numbers for the sources of one connection (SSRC, RFC 3550 8.1): chosen by chance, and none twice,
 * however often sources are renewed. An odd step from a random beginning leads through all 32-bit
 * numbers before the first comes again, with nothing to remember.
 */
final class SsrcSequence {
  private final int step;
  private int last;

  SsrcSequence(RandomGenerator random) {
    last = random.nextInt();
    step = random.nextInt() | 1;
  }

  /** The next one, 1 to 2^32 - 1. */
  long next() {
    last += step;
    return last == 0 ? next() : Integer.toUnsignedLong(last);
  }
}
