package org.heliograph.peer.srtp;

import java.util.HashMap;
import java.util.Map;

/**
 * One direction's sources. A limited number of them have windows; when a further one comes, the one
 * that was not used for longest is retired, of which no more is kept than where it left off. So it
 * can come back, and goes on there: no index is ever taken twice under one key. Looking one up
 * costs no allocation.
 */
final class SrtpSources {
  private final SsrcTable<SrtpSource> inUse;
  private final int maxRetired;
  private final Map<Integer, Retired> retired = new HashMap<>();
  private long uses;

  /** The highest indices of a source that has made room for another. */
  private record Retired(long rtp, long rtcp) {}

  /**
   * @param maxInUse how many sources have windows
   * @param maxRetired how many more are remembered; beyond, no new source is taken
   */
  SrtpSources(int maxInUse, int maxRetired) {
    inUse = new SsrcTable<>(maxInUse);
    this.maxRetired = maxRetired;
  }

  /** The source as it was {@linkplain #use used} last, or null when it never was. */
  SrtpSource find(int ssrc) {
    SrtpSource source = inUse.get(ssrc);
    if (source != null || retired.isEmpty()) {
      return source;
    }
    Retired left = retired.get(ssrc);
    return left == null ? null : new SrtpSource(ssrc, left.rtp(), left.rtcp());
  }

  /** Whether a source that never was used can be. */
  boolean hasRoom() {
    return !inUse.isFull() || retired.size() < maxRetired;
  }

  /** Notes that a source is in use; one that is new needs {@linkplain #hasRoom room}. */
  void use(SrtpSource source) {
    if (source.lastUse == SrtpSource.NOT_IN_USE) {
      retired.remove(source.ssrc);
      if (inUse.isFull()) {
        retireOne();
      }
      inUse.put(source.ssrc, source);
    }
    source.lastUse = ++uses;
  }

  private void retireOne() {
    int longestUnused = 0;
    for (int i = 1; i < inUse.size(); i++) {
      if (inUse.valueAt(i).lastUse < inUse.valueAt(longestUnused).lastUse) {
        longestUnused = i;
      }
    }
    SrtpSource source = inUse.valueAt(longestUnused);
    retired.put(source.ssrc, new Retired(source.rtp.highest(), source.rtcp.highest()));
    inUse.removeAt(longestUnused);
  }
}
