package org.heliograph.peer.sctp;

/** An instant at which something is due, or never. */
final class Timer {
  static final long NEVER = Long.MAX_VALUE;

  private long dueNanos = NEVER;

  void start(long nowNanos, long durationNanos) {
    dueNanos = nowNanos + durationNanos;
  }

  void stop() {
    dueNanos = NEVER;
  }

  boolean isRunning() {
    return dueNanos != NEVER;
  }

  /** Whether the instant has come; if so, the timer has stopped. */
  boolean expire(long nowNanos) {
    if (dueNanos == NEVER || nowNanos < dueNanos) {
      return false;
    }
    dueNanos = NEVER;
    return true;
  }

  /** {@link #NEVER} when it does not run. */
  long dueNanos() {
    return dueNanos;
  }
}
