package org.heliograph.peer.stream;

/**
 * Decides when to send a PLI: at once when a key frame becomes necessary, again while none comes,
 * never twice within a moment.
 */
final class KeyFrameRequester {
  /** A key frame that was asked for is on its way for so long. */
  static final long MIN_INTERVAL_NANOS = 500_000_000;

  /** If it has not come by then, the request or the frame was lost. */
  static final long REPEAT_NANOS = 1_000_000_000;

  /** A new stream starts with a key frame, whose first packet may come late. */
  static final long START_DELAY_NANOS = 100_000_000;

  private boolean asked;
  private boolean wanted;
  private long lastSentNanos;
  private long dueNanos = Long.MAX_VALUE;

  /** A key frame is needed from now on, until {@link #onKeyFrame}. */
  void want(long nowNanos) {
    wantAt(nowNanos);
  }

  /** A stream begins: its key frame is needed, but is probably coming by itself. */
  void wantSoon(long nowNanos) {
    wantAt(nowNanos + START_DELAY_NANOS);
  }

  private void wantAt(long nanos) {
    if (!wanted) {
      wanted = true;
      dueNanos = asked ? Math.max(nanos, lastSentNanos + MIN_INTERVAL_NANOS) : nanos;
    }
  }

  void onKeyFrame() {
    wanted = false;
    dueNanos = Long.MAX_VALUE;
  }

  /** When to call {@link #poll}; {@link Long#MAX_VALUE} while nothing is wanted. */
  long dueNanos() {
    return dueNanos;
  }

  /**
   * Whether to send a PLI now.
   *
   * @param onItsWay whether a key frame has begun to arrive: then there is no need to ask
   */
  boolean poll(long nowNanos, boolean onItsWay) {
    if (!wanted || nowNanos < dueNanos) {
      return false;
    }
    if (onItsWay) {
      dueNanos = nowNanos + START_DELAY_NANOS;
      return false;
    }
    dueNanos = nowNanos + REPEAT_NANOS;
    asked = true;
    lastSentNanos = nowNanos;
    return true;
  }
}
