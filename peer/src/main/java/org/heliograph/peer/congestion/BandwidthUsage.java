package org.heliograph.peer.congestion;

/** What the trend of the one-way delay says of the path (draft-ietf-rmcat-gcc-02 5.4). */
enum BandwidthUsage {
  /** Queues neither grow nor shrink. */
  NORMAL,
  /** A queue is being emptied. */
  UNDERUSING,
  /** A queue is growing. */
  OVERUSING
}
