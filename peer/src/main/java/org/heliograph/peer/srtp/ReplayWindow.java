package org.heliograph.peer.srtp;

import java.util.Arrays;

/** Which of the latest packet indices, from 0, were seen already (RFC 3711 3.3.2). */
public final class ReplayWindow {
  /** How far behind the highest index a packet may come; some seconds of video. */
  static final int SIZE = 1024;

  private final long[] seen = new long[SIZE / Long.SIZE];
  private long highest = -1;

  /** A window that has seen nothing. */
  public ReplayWindow() {}

  /** A window of which is known only how far it went: all up to there counts as seen. */
  ReplayWindow(long highest) {
    if (highest >= 0) {
      this.highest = highest;
      Arrays.fill(seen, -1);
    }
  }

  /** The highest index noted, or -1. */
  long highest() {
    return highest;
  }

  /** Whether the index is new, and not too old to tell. */
  public boolean allows(long index) {
    if (index > highest) {
      return true;
    }
    return highest - index < SIZE && (seen[word(index)] & bit(index)) == 0;
  }

  /** Notes an index that {@link #allows} and that was authentic. */
  public void note(long index) {
    if (index > highest) {
      forgetBetween(highest, index);
      highest = index;
    }
    seen[word(index)] |= bit(index);
  }

  private void forgetBetween(long from, long to) {
    if (to - from >= SIZE) {
      Arrays.fill(seen, 0);
      return;
    }
    for (long index = from + 1; index <= to; index++) {
      seen[word(index)] &= ~bit(index);
    }
  }

  private static int word(long index) {
    return (int) (index % SIZE) / Long.SIZE;
  }

  private static long bit(long index) {
    return 1L << (index % Long.SIZE);
  }
}
