package org.heliograph.peer.congestion;

/**
 * Puts packets into groups, those sent within 5 ms or arrived in one burst, and compares each group
 * with the one before (draft-ietf-rmcat-gcc-02 5.1 and 5.2). A queue on the path shows as a
 * distance that is longer at the receiver than it was at the sender.
 */
final class PacketGroups {
  private static final long GROUP_NANOS = 5_000_000;
  private static final long BURST_GAP_NANOS = 5_000_000;
  private static final long MAX_BURST_NANOS = 100_000_000;

  /**
   * So many groups in a row that came before their predecessors: the receiver's clock has jumped.
   */
  private static final int MAX_REORDERED = 3;

  private static final class Group {
    private boolean started;
    private long firstSentNanos;
    private long lastSentNanos;
    private long firstArrivalNanos;
    private long lastArrivalNanos;

    private void start(long sentNanos, long arrivalNanos) {
      started = true;
      firstSentNanos = sentNanos;
      lastSentNanos = sentNanos;
      firstArrivalNanos = arrivalNanos;
      lastArrivalNanos = arrivalNanos;
    }
  }

  private Group previous = new Group();
  private Group current = new Group();
  private int reordered;
  private long sendDeltaNanos;
  private long arrivalDeltaNanos;

  /** Forgets everything, after a pause. */
  void reset() {
    previous.started = false;
    current.started = false;
    reordered = 0;
  }

  /**
   * Takes a packet, in the order of arrival.
   *
   * @return whether this one ends a group and there are new distances to look at
   */
  boolean add(long sentNanos, long arrivalNanos) {
    if (!current.started) {
      current.start(sentNanos, arrivalNanos);
      return false;
    }
    if (sentNanos < current.firstSentNanos) {
      return false; // overtaken: it belongs to a group that is gone
    }
    if (belongsToCurrent(sentNanos, arrivalNanos)) {
      current.lastSentNanos = Math.max(current.lastSentNanos, sentNanos);
      current.lastArrivalNanos = arrivalNanos;
      return false;
    }
    boolean compared = previous.started && compare();
    Group oldest = previous;
    previous = current;
    current = oldest;
    current.start(sentNanos, arrivalNanos);
    return compared;
  }

  private boolean compare() {
    sendDeltaNanos = current.lastSentNanos - previous.lastSentNanos;
    arrivalDeltaNanos = current.lastArrivalNanos - previous.lastArrivalNanos;
    if (arrivalDeltaNanos < 0) {
      if (++reordered >= MAX_REORDERED) {
        reset();
      }
      return false;
    }
    reordered = 0;
    return true;
  }

  private boolean belongsToCurrent(long sentNanos, long arrivalNanos) {
    long sendGap = sentNanos - current.lastSentNanos;
    long arrivalGap = arrivalNanos - current.lastArrivalNanos;
    boolean burst =
        sendGap == 0
            || (arrivalGap < sendGap
                && arrivalGap <= BURST_GAP_NANOS
                && arrivalNanos - current.firstArrivalNanos < MAX_BURST_NANOS);
    return burst || sentNanos - current.firstSentNanos <= GROUP_NANOS;
  }

  /** The distance between the last two groups when they were sent. */
  long sendDeltaNanos() {
    return sendDeltaNanos;
  }

  /** The distance between them when they arrived. */
  long arrivalDeltaNanos() {
    return arrivalDeltaNanos;
  }
}
