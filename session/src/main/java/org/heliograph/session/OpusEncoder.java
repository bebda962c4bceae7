package org.heliograph.session;

import org.heliograph.peer.media.MediaFrame;

/**
 * An Opus encoder for live speech and music: 48 kHz, packets of 20 ms. Used by one thread at a
 * time, which need not always be the same.
 */
public interface OpusEncoder extends AutoCloseable {
  /** Samples per second and channel. */
  int SAMPLE_RATE = 48_000;

  /** Samples per channel in one packet. */
  int FRAME_SAMPLES = 960;

  /** How long one packet lasts. */
  long FRAME_NANOS = 20_000_000;

  /**
   * What an encoder is opened with.
   *
   * @param channels 1 or 2
   * @param bitsPerSecond the target, 6000 to 510000
   * @param forwardErrorCorrection whether a packet carries a coarse copy of the one before (RFC
   *     6716 2.1.7)
   * @param expectedLossPercent how much loss to prepare for, 0 to 100
   * @param discontinuous whether silence is left to the receiver's comfort noise (RFC 6716 2.1.9)
   * @param music whether it is to sound as it is, rather than to be understood well as a voice
   */
  record Settings(
      int channels,
      int bitsPerSecond,
      boolean forwardErrorCorrection,
      int expectedLossPercent,
      boolean discontinuous,
      boolean music) {
    /** Of a voice. */
    public Settings(
        int channels,
        int bitsPerSecond,
        boolean forwardErrorCorrection,
        int expectedLossPercent,
        boolean discontinuous) {
      this(
          channels,
          bitsPerSecond,
          forwardErrorCorrection,
          expectedLossPercent,
          discontinuous,
          false);
    }

    public Settings {
      if (channels != 1 && channels != 2) {
        throw new IllegalArgumentException("channels must be 1 or 2, not " + channels);
      }
      if (bitsPerSecond < 6_000 || bitsPerSecond > 510_000) {
        throw new IllegalArgumentException(
            "an Opus bit rate is between 6000 and 510000, not " + bitsPerSecond);
      }
      if (expectedLossPercent < 0 || expectedLossPercent > 100) {
        throw new IllegalArgumentException(
            "a loss is between 0 and 100 per cent, not " + expectedLossPercent);
      }
    }

    public Settings withBitsPerSecond(int newBitsPerSecond) {
      return new Settings(
          channels,
          Math.clamp(newBitsPerSecond, 6_000, 510_000),
          forwardErrorCorrection,
          expectedLossPercent,
          discontinuous,
          music);
    }

    public Settings withExpectedLossPercent(int newExpectedLossPercent) {
      return new Settings(
          channels,
          bitsPerSecond,
          forwardErrorCorrection,
          Math.clamp(newExpectedLossPercent, 0, 100),
          discontinuous,
          music);
    }
  }

  /**
   * Encodes 20 ms of sound.
   *
   * @param samples {@link #FRAME_SAMPLES} times the channels, interleaved
   * @param timeNanos when the first of them was captured
   * @return the packet, with that time; during discontinuous transmission it may be 1 or 2 bytes
   * @throws CodecException if the encoder fails; it can then only be closed
   */
  MediaFrame encode(short[] samples, long timeNanos) throws CodecException;

  /** Sets the target, in bits per second, from the next packet on. */
  void setBitsPerSecond(int bitsPerSecond) throws CodecException;

  /** Says how much loss to prepare for, in per cent, from the next packet on. */
  void setExpectedLossPercent(int percent) throws CodecException;

  /** The implementation's name and version, for logs and for {@code doctor}. */
  String name();

  /** Frees the encoder; does nothing the second time. */
  @Override
  void close();
}
