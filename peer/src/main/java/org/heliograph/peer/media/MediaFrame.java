package org.heliograph.peer.media;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One encoded frame: a VP8 picture, or one Opus packet.
 *
 * @param timeNanos when the frame was captured, in nanoseconds. Of a frame to be sent: on the
 *     monotonic clock of the connection's driver. Of a received frame: on the call's common clock,
 *     which both tracks of the sender share (its sender reports tie them together) and which never
 *     runs backwards within a track; only differences mean something.
 * @param durationNanos how long the frame lasts: for Opus what its TOC byte says, for video 0
 *     (unknown)
 * @param key whether the frame can be decoded without the frames before it; true for every Opus
 *     packet
 * @param payload the frame's bytes, position to limit; whoever is handed a frame must not change
 *     them and may keep them
 */
public record MediaFrame(long timeNanos, long durationNanos, boolean key, ByteBuffer payload) {
  public MediaFrame {
    Objects.requireNonNull(payload, "payload");
    if (!payload.hasRemaining()) {
      throw new IllegalArgumentException("a frame's payload is empty");
    }
  }
}
