package org.heliograph.peer.stream.receive;

import org.heliograph.peer.stream.RoundTripTime;

/**
 * Decides when to send a PLI: at once when a key frame becomes necessary, again while none comes,
 * with longer and longer pauses, and never twice within a moment.
 */
public final class KeyFrameRequester {
  /** Senders answer no second request within this time. */
  public static final long MIN_INTERVAL_NANOS = 300_000_000;

  public static final long MAX_INTERVAL_NANOS = 2_000_000_000;

  /** An encoder gets to its next frame, and the frame through the sender's pacer, within this. */
  private static final long ENCODING_NANOS = 100_000_000;

  /** A new stream starts with a key frame, whose first packet may come late. */
  static final long START_DELAY_NANOS = 100_000_000;

  private final RoundTripTime roundTrip;
  private boolean needed;
  private boolean askedFor;
  private boolean sent;
  private long lastSentNanos;
  private long startedNanos;
  private boolean starting;
  private long dueNanos = Long.MAX_VALUE;
  private long intervalNanos;

  KeyFrameRequester(RoundTripTime roundTrip) {
    this.roundTrip = roundTrip;
  }

  /** A stream begins: its key frame is needed, but is probably coming by itself. */
  void onStart(long nowNanos) {
    starting = true;
    startedNanos = nowNanos;
  }

  /** Says whether decoding needs a key frame; it may come to go on without one. */
  void setNeeded(boolean neededNow, long nowNanos) {
    if (neededNow != needed) {
      boolean wantedBefore = wanted();
      needed = neededNow;
      onWantedChanged(wantedBefore, nowNanos);
    }
  }

  /** Somebody who begins to watch needs a key frame, which must come from now on. */
  void askFor(long nowNanos) {
    boolean wantedBefore = wanted();
    askedFor = true;
    onWantedChanged(wantedBefore, nowNanos);
  }

  void onKeyFrame() {
    needed = false;
    askedFor = false;
    starting = false;
    dueNanos = Long.MAX_VALUE;
  }

  boolean wanted() {
    return needed || askedFor;
  }

  private void onWantedChanged(boolean wantedBefore, long nowNanos) {
    if (!wanted()) {
      dueNanos = Long.MAX_VALUE;
    } else if (!wantedBefore) {
      intervalNanos =
          Math.clamp(
              ENCODING_NANOS + roundTrip.smoothedNanos() + 2 * roundTrip.variationNanos(),
              MIN_INTERVAL_NANOS,
              MAX_INTERVAL_NANOS);
      dueNanos = sent ? Math.max(nowNanos, lastSentNanos + intervalNanos) : nowNanos;
      if (starting && !askedFor) {
        dueNanos = Math.max(dueNanos, startedNanos + START_DELAY_NANOS);
      }
    }
  }

  /** When to call {@link #poll}; {@link Long#MAX_VALUE} while nothing is wanted. */
  long dueNanos() {
    return dueNanos;
  }

  /** Whether to send a PLI now. */
  boolean poll(long nowNanos) {
    if (nowNanos < dueNanos) {
      return false;
    }
    dueNanos = nowNanos + intervalNanos;
    intervalNanos = Math.min(MAX_INTERVAL_NANOS, intervalNanos * 3 / 2);
    sent = true;
    lastSentNanos = nowNanos;
    return true;
  }
}
