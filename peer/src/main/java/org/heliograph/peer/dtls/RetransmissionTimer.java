package org.heliograph.peer.dtls;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * When the last flight is to be sent again (RFC 6347 4.2.4.1): sooner at first than the second that
 * the document proposes, because ICE has just shown that the path works and how short it is, and a
 * call waits for it; then twice as long each time.
 */
final class RetransmissionTimer {
  static final long INITIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(3);

  private long interval;
  private long due;
  private boolean running;

  /** A new flight was sent. */
  void start(long nowNanos) {
    interval = INITIAL_NANOS;
    due = nowNanos + interval;
    running = true;
  }

  /** The flight was sent again. */
  void backOff(long nowNanos) {
    interval = Math.min(2 * interval, MAX_NANOS);
    due = nowNanos + interval;
  }

  void stop() {
    running = false;
  }

  boolean isDue(long nowNanos) {
    return running && nowNanos - due >= 0;
  }

  OptionalLong due() {
    return running ? OptionalLong.of(due) : OptionalLong.empty();
  }
}
