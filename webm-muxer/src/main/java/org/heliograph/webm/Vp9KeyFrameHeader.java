package org.heliograph.webm;

import java.nio.ByteBuffer;

/**
 * A VP9 key frame's uncompressed header, as far as it describes the picture (VP9 bitstream
 * specification 6.2).
 *
 * @param profile 0 to 3
 * @param bitDepth bits per sample: 8, 10 or 12
 * @param width in pixels, 1 to 65536
 * @param height in pixels, 1 to 65536
 */
public record Vp9KeyFrameHeader(int profile, int bitDepth, int width, int height) {
  private static final int SYNC_CODE = 0x498342;
  private static final int COLOR_SPACE_RGB = 7;

  /**
   * Reads the header at the buffer's position, which does not move.
   *
   * @throws MalformedFrameException if this is no key frame, is cut off or uses reserved values
   */
  public static Vp9KeyFrameHeader parse(ByteBuffer frame) {
    BitReader reader = new BitReader(frame, "VP9 key frame header");
    require(reader.number(2) == 2, "VP9 frame marker is wrong");
    int profile = reader.number(1) | reader.number(1) << 1;
    if (profile == 3) {
      require(!reader.flag(), "VP9 profile is a reserved one");
    }
    boolean showExistingFrame = reader.flag();
    require(!showExistingFrame, "VP9 frame only repeats another: it is no key frame");
    boolean interFrame = reader.flag();
    require(!interFrame, "VP9 frame is no key frame");
    reader.bits(2); // show_frame, error_resilient_mode
    require(reader.number(24) == SYNC_CODE, "VP9 key frame has no sync code");
    int bitDepth = 8;
    if (profile >= 2) {
      bitDepth = reader.flag() ? 12 : 10;
    }
    readColorSpace(reader, profile);
    int width = reader.number(16) + 1;
    int height = reader.number(16) + 1;
    return new Vp9KeyFrameHeader(profile, bitDepth, width, height);
  }

  private static void readColorSpace(BitReader reader, int profile) {
    boolean moreChroma = (profile & 1) != 0;
    if (reader.number(3) == COLOR_SPACE_RGB) {
      require(moreChroma, "VP9 RGB needs profile 1 or 3");
      require(!reader.flag(), "VP9 key frame has a reserved bit set");
      return;
    }
    reader.flag(); // color_range
    if (moreChroma) {
      reader.bits(2); // subsampling_x, subsampling_y
      require(!reader.flag(), "VP9 key frame has a reserved bit set");
    }
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new MalformedFrameException(message);
    }
  }
}
