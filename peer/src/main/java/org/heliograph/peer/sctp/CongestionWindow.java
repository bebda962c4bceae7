package org.heliograph.peer.sctp;

/**
 * How much may be under way (cwnd, RFC 9260 7.2): slow start, congestion avoidance, and what a loss
 * costs. All figures are octets of DATA chunks with their headers.
 */
final class CongestionWindow {
  /** As much as ten packets at first, as in TCP (RFC 6928) and libwebrtc. */
  private static final int INITIAL_PACKETS = 10;

  private static final int MIN_PACKETS = 4;

  /** How much one acknowledgement may let the window grow in slow start, in packets (RFC 3465). */
  private static final int MAX_GROWTH_PACKETS = 2;

  private final int packetSize;
  private long size;
  private long slowStartThreshold = Long.MAX_VALUE;
  private long ackedInRound;

  CongestionWindow(int packetSize) {
    this.packetSize = packetSize;
    this.size = (long) INITIAL_PACKETS * packetSize;
  }

  long size() {
    return size;
  }

  /**
   * Octets were acknowledged, and everything before them.
   *
   * @param octets how many
   * @param underWay how many were under way before that
   */
  void acknowledged(long octets, long underWay) {
    // A window that was not used says nothing about whether a greater one would do.
    boolean used = underWay + packetSize > size;
    if (!used) {
      return;
    }
    if (size <= slowStartThreshold) {
      size += Math.min(octets, (long) MAX_GROWTH_PACKETS * packetSize);
      return;
    }
    ackedInRound += octets;
    if (ackedInRound >= size) {
      ackedInRound -= size;
      size += packetSize;
    }
  }

  /** A chunk was lost, and others behind it came (RFC 9260 7.2.3). */
  void lost() {
    halve();
    size = slowStartThreshold;
  }

  /** Nothing came back at all (RFC 9260 7.2.3). */
  void timedOut() {
    halve();
    size = packetSize;
  }

  private void halve() {
    slowStartThreshold = Math.max(size / 2, (long) MIN_PACKETS * packetSize);
    ackedInRound = 0;
  }
}
