package org.heliograph.peer.srtp;

import java.util.Arrays;

/** One direction's sources, up to a limit. Looking one up costs no allocation. */
final class SrtpSources {
  private final int limit;
  private SrtpSource[] sources = new SrtpSource[4];
  private int count;

  SrtpSources(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit of sources is " + limit);
    }
    this.limit = limit;
  }

  /** The source, or null when it was not added. */
  SrtpSource find(int ssrc) {
    for (int i = 0; i < count; i++) {
      if (sources[i].ssrc == ssrc) {
        return sources[i];
      }
    }
    return null;
  }

  boolean isFull() {
    return count == limit;
  }

  void add(SrtpSource source) {
    if (count == sources.length) {
      sources = Arrays.copyOf(sources, Math.min(limit, 2 * count));
    }
    sources[count++] = source;
  }
}
