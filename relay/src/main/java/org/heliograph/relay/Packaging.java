package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.MediaKind;

/**
 * Turns a sender's frames into one subscriber's messages. It has no thread and no clock: each call
 * says what time it is, on the clock of {@link System#nanoTime()}.
 */
sealed interface Packaging permits WebmPackaging, FramesPackaging {
  /** Where the messages go, and what else a packaging wants. */
  interface Output {
    /** A text message that describes the binary messages after it. */
    void describe(String message);

    /** A binary message; its bytes are never changed, but the buffer is the output's. */
    void media(ByteBuffer message);

    /** A frame is not handed on. */
    void dropped();

    /** Nothing can be shown before the sender sends a key frame; said again with each frame. */
    void keyFrameNeeded();
  }

  /** A frame has come. */
  void frame(RelayedFrame frame, long nowNanos);

  /** Time has passed. */
  void tick(long nowNanos);

  /** The sender is negotiated to send these kinds from now on. */
  void expect(Set<MediaKind> kinds, long nowNanos);

  /** The sender has been heard before, though it may be muted now. */
  default void soundIsKnown() {}

  /**
   * The subscriber has to begin, or to begin anew: messages were dropped, or its player cannot go
   * on. What comes next describes itself and begins with a key frame.
   *
   * @param past the pictures from a key frame to the latest that came, to begin with at once; empty
   *     if the sender has to be asked for a key frame
   */
  void restart(List<RelayedFrame> past, long nowNanos);
}
