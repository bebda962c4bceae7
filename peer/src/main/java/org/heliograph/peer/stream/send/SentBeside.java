package org.heliograph.peer.stream.send;

import java.util.List;

/**
 * How much is sent beside the sources that a receiver's estimate (REMB) names. It measures by what
 * those send alone: sound without send times is not in it, and would be taken off the pictures,
 * which then could never show the receiver that there is room for more.
 */
public final class SentBeside {
  private static final long WINDOW_NANOS = 500_000_000;

  private boolean started;
  private long sinceNanos;
  private long bytes;
  private double bitsPerSecond;

  /**
   * The rate of lately, in bits per second; 0 where no source is named, or none of ours, because
   * then all are meant.
   */
  public long bitsPerSecond(List<SendStream> senders, List<Long> named, long nowNanos) {
    long sent = 0;
    boolean known = false;
    for (SendStream sender : senders) {
      if (named.stream().anyMatch(sender::sendsFrom)) {
        known = true;
      } else {
        sent += sender.totalBytesSent();
      }
    }
    if (!known) {
      return 0;
    }
    if (!started || sent < bytes) {
      started = true;
      bitsPerSecond = 0;
      bytes = sent;
      sinceNanos = nowNanos;
    } else if (nowNanos - sinceNanos >= WINDOW_NANOS) {
      bitsPerSecond = 8e9 * (sent - bytes) / (nowNanos - sinceNanos);
      bytes = sent;
      sinceNanos = nowNanos;
    }
    return (long) bitsPerSecond;
  }
}
