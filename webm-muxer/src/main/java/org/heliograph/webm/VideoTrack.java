package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A video track.
 *
 * @param number the track's number, 1 to {@value Track#MAX_NUMBER}
 * @param codec the codec
 * @param width the picture's width in pixels
 * @param height the picture's height in pixels
 * @param codecString the codec in a MIME type: {@code vp8}, {@code vp9} or {@code av01.…}
 * @param codecPrivate AV1's {@code av1C}; empty for VP8 and VP9, which need none
 */
public record VideoTrack(
    int number,
    VideoCodec codec,
    int width,
    int height,
    String codecString,
    ByteBuffer codecPrivate)
    implements Track {
  /**
   * @throws IllegalArgumentException if the number or the size is out of range, or an AV1 track has
   *     no codecPrivate
   */
  public VideoTrack {
    Objects.requireNonNull(codec, "codec");
    Objects.requireNonNull(codecString, "codecString");
    codecPrivate = codecPrivate.asReadOnlyBuffer();
    if (number < 1 || number > MAX_NUMBER) {
      throw new IllegalArgumentException(
          "track number " + number + " is not within 1 to " + MAX_NUMBER);
    }
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException("a picture of " + width + "x" + height + " pixels");
    }
    if (codec == VideoCodec.AV1 && !codecPrivate.hasRemaining()) {
      throw new IllegalArgumentException("an AV1 track needs its codecPrivate (av1C)");
    }
  }

  /**
   * The track that a key frame describes. The frame's position does not move.
   *
   * @param keyFrame a key frame, for AV1 with its sequence header
   * @throws MalformedFrameException if it is no key frame, or none of that codec
   */
  public static VideoTrack of(int number, VideoCodec codec, ByteBuffer keyFrame) {
    return switch (codec) {
      case VP8 -> {
        Vp8FrameHeader header = Vp8FrameHeader.parse(keyFrame);
        if (!header.keyFrame()) {
          throw new MalformedFrameException("VP8 frame is no key frame");
        }
        yield vp8(number, header.width(), header.height());
      }
      case VP9 -> {
        Vp9KeyFrameHeader base = Vp9KeyFrameHeader.parse(keyFrame);
        // Of spatial layers the last one is shown; in a key picture each says its own size.
        Vp9FrameHeader shown = Vp9FrameHeader.parseLast(keyFrame);
        yield shown.width() == 0
            ? vp9(number, base.width(), base.height())
            : vp9(number, shown.width(), shown.height());
      }
      case AV1 -> {
        Av1SequenceHeader header = Av1SequenceHeader.parse(keyFrame);
        yield new VideoTrack(
            number,
            codec,
            header.width(),
            header.height(),
            header.codecString(),
            Av1SequenceHeader.codecConfiguration(keyFrame));
      }
    };
  }

  /**
   * Whether frames of the other track can follow those of this one in one Matroska track: the same
   * codec, and of AV1 the same profile, bit depth and colour format. Sizes may differ.
   */
  boolean hasFormatOf(VideoTrack other) {
    if (codec != other.codec || codec != VideoCodec.AV1) {
      return codec == other.codec;
    }
    // av1C: profile in the upper 3 bits of byte 1; bit depth and colours in byte 2, but for the
    // tier
    return ((codecPrivate.get(1) ^ other.codecPrivate.get(1)) & 0xe0) == 0
        && ((codecPrivate.get(2) ^ other.codecPrivate.get(2)) & 0x7f) == 0;
  }

  /** A VP8 track whose picture size is known. */
  public static VideoTrack vp8(int number, int width, int height) {
    return new VideoTrack(number, VideoCodec.VP8, width, height, "vp8", ByteBuffer.allocate(0));
  }

  /** A VP9 track whose picture size is known. */
  public static VideoTrack vp9(int number, int width, int height) {
    return new VideoTrack(number, VideoCodec.VP9, width, height, "vp9", ByteBuffer.allocate(0));
  }
}
