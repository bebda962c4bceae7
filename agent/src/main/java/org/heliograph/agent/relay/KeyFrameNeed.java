package org.heliograph.agent.relay;

import java.time.Duration;

/** Says that a key frame is needed: when the need arises, and now and then while it persists. */
final class KeyFrameNeed {
  /** Long enough for a request, the encoder and the way back. */
  static final Duration REPEAT_INTERVAL = Duration.ofSeconds(1);

  private final Packaging.Output output;
  private long lastNanos;
  private boolean said;

  KeyFrameNeed(Packaging.Output output) {
    this.output = output;
  }

  void arise(long nowNanos) {
    lastNanos = nowNanos;
    said = true;
    output.keyFrameNeeded();
  }

  void persist(long nowNanos) {
    if (!said || nowNanos - lastNanos >= REPEAT_INTERVAL.toNanos()) {
      arise(nowNanos);
    }
  }
}
