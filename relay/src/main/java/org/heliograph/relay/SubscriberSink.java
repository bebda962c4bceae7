package org.heliograph.relay;

import java.nio.ByteBuffer;

/**
 * Where a subscriber's messages go: a WebSocket, an HTTP response. Its methods must not block; it
 * is called by one thread at a time.
 */
public interface SubscriberSink {
  /** Sends a text message; {@code sent} runs once, when the message has left, from any thread. */
  void text(String message, Runnable sent);

  /**
   * Sends a text message that describes the binary messages after it; otherwise as {@link #text}.
   */
  default void description(String message, Runnable sent) {
    text(message, sent);
  }

  /** Sends a binary message; {@code sent} runs once, when the message has left, from any thread. */
  void binary(ByteBuffer message, Runnable sent);

  /** Whether another description may come, after media of the one before was lost. */
  default boolean canBeginAnew() {
    return true;
  }

  /** Ends the connection, after what was handed over before if that can still leave. */
  void close(CloseReason reason);
}
