package org.heliograph.peer.congestion;

/**
 * How long received packets have waited in queues on their way, by the send times that they carry.
 * What is asked for now comes through the same queue.
 */
public final class ReceivedQueue {
  private static final long INTERVAL_NANOS = 50_000_000;

  private final SendTimes sendTimes = new SendTimes();
  private PathQueue queue = new PathQueue();
  private boolean started;
  private long endNanos;

  /** A packet has arrived that was sent at that time, in 2^-18 s, 24 bits long. */
  public void onPacket(int absSendTime, long nowNanos) {
    queue.add(sendTimes.nanos(absSendTime), nowNanos, nowNanos);
    if (!started || nowNanos - endNanos >= INTERVAL_NANOS) {
      started = true;
      endNanos = nowNanos;
      queue.endOfFeedback(nowNanos);
    }
  }

  /** Packets come another way from now on: the old one's delay says nothing of its queue. */
  public void onPathChange() {
    queue = new PathQueue();
  }

  /** The wait lately, in nanoseconds. */
  public long nanos() {
    return queue.nanos();
  }
}
