package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * An Opus track (RFC 7845; mapping family 0).
 *
 * @param number the track's number, 1 to {@value Track#MAX_NUMBER}
 * @param channels 1 or 2
 * @param preSkip samples of 48 kHz to drop at the decoder's start, 0 to 65535: the encoder's delay
 */
public record AudioTrack(int number, int channels, int preSkip) implements Track {
  /** Opus's clock, whatever rate the encoder was fed with. */
  public static final int SAMPLE_RATE = 48_000;

  /** The delay of libopus, and so of WebRTC, in samples of 48 kHz. */
  public static final int LIBOPUS_PRE_SKIP = 312;

  /** How long a decoder has to run before its output is right (RFC 7845 4.6). */
  static final long SEEK_PRE_ROLL_NANOS = 80_000_000;

  static final String CODEC_ID = "A_OPUS";

  private static final byte[] MAGIC = "OpusHead".getBytes(StandardCharsets.US_ASCII);

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public AudioTrack {
    if (number < 1 || number > MAX_NUMBER) {
      throw new IllegalArgumentException(
          "track number " + number + " is not within 1 to " + MAX_NUMBER);
    }
    if (channels < 1 || channels > 2) {
      throw new IllegalArgumentException(
          channels + " channels: Opus without a channel mapping has 1 or 2");
    }
    if (preSkip < 0 || preSkip > 0xffff) {
      throw new IllegalArgumentException("pre-skip " + preSkip + " is not within 0 to 65535");
    }
  }

  /** A track of what libopus encodes. */
  public static AudioTrack opus(int number, int channels) {
    return new AudioTrack(number, channels, LIBOPUS_PRE_SKIP);
  }

  @Override
  public String codecString() {
    return "opus";
  }

  /** The identification header (RFC 7845 5.1), which Matroska calls CodecPrivate. */
  byte[] opusHead() {
    return ByteBuffer.allocate(19)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1) // version
        .put((byte) channels)
        .putShort((short) preSkip)
        .putInt(SAMPLE_RATE)
        .putShort((short) 0) // output gain
        .put((byte) 0) // mapping family
        .array();
  }

  /** The pre-skip as Matroska's CodecDelay. */
  long codecDelayNanos() {
    return preSkip * 1_000_000_000L / SAMPLE_RATE;
  }
}
