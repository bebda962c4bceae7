package org.heliograph.peer.sctp;

import java.util.concurrent.TimeUnit;

/**
 * How much may be under way (cwnd, RFC 9260 7.2): slow start, congestion avoidance, and what a loss
 * costs. All figures are octets of DATA chunks with their headers.
 *
 * <p>A window that yields to media shrinks, too, when packets begin to wait in the path's queues
 * (after RFC 6817, LEDBAT): control by loss alone would fill them, and the media, whose own control
 * goes by delay, would give way to the data.
 */
final class CongestionWindow {
  /** As much as ten packets at first, as in TCP (RFC 6928) and libwebrtc. */
  private static final int INITIAL_PACKETS = 10;

  private static final int MIN_PACKETS = 4;

  /** How much one acknowledgement may let the window grow in slow start, in packets (RFC 3465). */
  private static final int MAX_GROWTH_PACKETS = 2;

  /** How long packets may wait in queues while the window yields. */
  static final long YIELDING_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private static final int MIN_YIELDING_PACKETS = 2;

  private final int packetSize;
  private long size;
  private long slowStartThreshold = Long.MAX_VALUE;
  private long ackedInRound;
  private boolean yielding;

  CongestionWindow(int packetSize) {
    this.packetSize = packetSize;
    this.size = (long) INITIAL_PACKETS * packetSize;
  }

  long size() {
    return size;
  }

  /** Whether media goes the same way, and first. */
  void setYielding(boolean yielding) {
    this.yielding = yielding;
  }

  /**
   * Octets were acknowledged, and everything before them.
   *
   * @param octets how many
   * @param underWay how many were under way before that
   * @param queueingNanos how long they waited in queues
   */
  void acknowledged(long octets, long underWay, long queueingNanos) {
    // A window that was not used says nothing about whether a greater one would do.
    boolean used = underWay + packetSize > size;
    if (!used) {
      return;
    }
    if (yielding && queueingNanos > YIELDING_DELAY_NANOS) {
      shrink(octets, queueingNanos);
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

  /** By up to a quarter each round trip, the more the longer packets wait. */
  private void shrink(long octets, long queueingNanos) {
    double excess = (double) queueingNanos / YIELDING_DELAY_NANOS - 1;
    long less = (long) (octets * Math.min(excess, 1) / 4);
    size = Math.max(size - less, (long) MIN_YIELDING_PACKETS * packetSize);
    slowStartThreshold = size;
    ackedInRound = 0;
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
