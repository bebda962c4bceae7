package org.heliograph.peer.media;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One encoded frame: a VP8 or VP9 picture, or one Opus packet.
 *
 * @param format what the frame is encoded as. Received frames of one track may change from one
 *     format to another; the first of the new one is a key frame. A frame to be sent is dropped
 *     where the other side does not take its format
 * @param timeNanos when the frame was captured, in nanoseconds. Of a frame to be sent: on the
 *     monotonic clock of the connection's driver. Of a received frame: on the common clock of its
 *     synchronisation group (a person's tracks, which sender reports tie together), which lies near
 *     the driver's and never runs backwards within a track; only differences mean something.
 * @param durationNanos how long the frame lasts: for Opus what its TOC byte says, for video 0
 *     (unknown)
 * @param key whether the frame can be decoded without the frames before it; true for every Opus
 *     packet
 * @param audioLevel how loud the sound is, in dB below overload, 0 to 127 (RFC 6464); {@link
 *     #NO_LEVEL} for a picture and where it is not known
 * @param payload the frame's bytes, position to limit; whoever is handed a frame must not change
 *     them and may keep them. Of VP9 with spatial layers: the layers of one picture, as a
 *     superframe
 */
public record MediaFrame(
    MediaFormat format,
    long timeNanos,
    long durationNanos,
    boolean key,
    int audioLevel,
    ByteBuffer payload) {
  /** The level of a frame that has none. */
  public static final int NO_LEVEL = -1;

  /** The level of silence (RFC 6464 3). */
  public static final int SILENCE_LEVEL = 127;

  public MediaFrame {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(payload, "payload");
    if (!payload.hasRemaining()) {
      throw new IllegalArgumentException("a frame's payload is empty");
    }
    if (audioLevel < NO_LEVEL || audioLevel > SILENCE_LEVEL) {
      throw new IllegalArgumentException("an audio level of " + audioLevel + " dB");
    }
  }

  /** A frame without a level. */
  public MediaFrame(
      MediaFormat format, long timeNanos, long durationNanos, boolean key, ByteBuffer payload) {
    this(format, timeNanos, durationNanos, key, NO_LEVEL, payload);
  }

  /** The same frame with a level. */
  public MediaFrame withAudioLevel(int level) {
    return new MediaFrame(format, timeNanos, durationNanos, key, level, payload);
  }
}
