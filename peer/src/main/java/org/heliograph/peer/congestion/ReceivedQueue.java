package org.heliograph.peer.congestion;

import org.heliograph.peer.rtp.CounterUnwrapper;

/**
 * How long received packets have waited in queues on their way, by the send times that they carry.
 * What is asked for now comes through the same queue.
 */
public final class ReceivedQueue {
  private static final long INTERVAL_NANOS = 50_000_000;

  private final CounterUnwrapper sendTimes = CounterUnwrapper.ofBits(24);
  private final PathQueue queue = new PathQueue();
  private boolean started;
  private long endNanos;

  /** A packet has arrived that was sent at that time, in 2^-18 s, 24 bits long. */
  public void onPacket(int absSendTime, long nowNanos) {
    queue.add((sendTimes.unwrap(absSendTime) * 1_953_125) >> 9, nowNanos, nowNanos);
    if (!started || nowNanos - endNanos >= INTERVAL_NANOS) {
      started = true;
      endNanos = nowNanos;
      queue.endOfFeedback(nowNanos);
    }
  }

  /** The wait lately, in nanoseconds. */
  public long nanos() {
    return queue.nanos();
  }
}
