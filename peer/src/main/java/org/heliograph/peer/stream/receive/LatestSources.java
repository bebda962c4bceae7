package org.heliograph.peer.stream.receive;

import java.util.Arrays;

/** The SSRCs that were added last, each once. */
final class LatestSources {
  private static final int CAPACITY = 16;

  private final long[] ssrcs = new long[CAPACITY];
  private int next;

  LatestSources() {
    Arrays.fill(ssrcs, ReceiveParameters.NONE);
  }

  void add(long ssrc) {
    if (ssrc != ReceiveParameters.NONE && !contains(ssrc)) {
      ssrcs[next] = ssrc;
      next = (next + 1) % CAPACITY;
    }
  }

  boolean contains(long ssrc) {
    for (long each : ssrcs) {
      if (each == ssrc) {
        return true;
      }
    }
    return false;
  }
}
