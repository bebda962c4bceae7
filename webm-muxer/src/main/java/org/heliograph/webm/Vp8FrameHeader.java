package org.heliograph.webm;

import java.nio.ByteBuffer;

/**
 * The uncompressed data chunk at a VP8 frame's start (RFC 6386 9.1).
 *
 * @param keyFrame whether the frame needs no frame before it
 * @param version the bitstream version, 0 to 3
 * @param shown whether the frame is to be displayed; alternate reference frames are not
 * @param firstPartitionSize the first partition's size in bytes
 * @param width a key frame's width in pixels, 1 to 16383; 0 for other frames
 * @param height a key frame's height in pixels, 1 to 16383; 0 for other frames
 */
public record Vp8FrameHeader(
    boolean keyFrame, int version, boolean shown, int firstPartitionSize, int width, int height) {
  private static final int TAG_SIZE = 3;
  private static final int KEY_FRAME_HEADER_SIZE = 10;
  private static final int START_CODE = 0x9d012a;

  /**
   * Reads the header at the buffer's position, which does not move.
   *
   * @throws MalformedFrameException if the header is cut off, its start code is wrong, or a key
   *     frame's width or height is 0
   */
  public static Vp8FrameHeader parse(ByteBuffer frame) {
    require(frame.remaining() >= TAG_SIZE, "VP8 frame tag ends too early");
    int start = frame.position();
    int tag = unsigned(frame, start) | unsigned(frame, start + 1) << 8;
    tag |= unsigned(frame, start + 2) << 16;
    boolean keyFrame = isKeyFrame(frame);
    int width = 0;
    int height = 0;
    if (keyFrame) {
      require(frame.remaining() >= KEY_FRAME_HEADER_SIZE, "VP8 key frame header ends too early");
      int startCode = unsigned(frame, start + 3) << 16 | unsigned(frame, start + 4) << 8;
      startCode |= unsigned(frame, start + 5);
      require(startCode == START_CODE, "VP8 key frame has no start code");
      width = (unsigned(frame, start + 6) | unsigned(frame, start + 7) << 8) & 0x3fff;
      height = (unsigned(frame, start + 8) | unsigned(frame, start + 9) << 8) & 0x3fff;
      require(width > 0 && height > 0, "VP8 key frame is " + width + "x" + height + " pixels");
    }
    return new Vp8FrameHeader(keyFrame, tag >> 1 & 7, isShown(frame), tag >> 5, width, height);
  }

  /** Whether the frame at the position of a buffer that is not empty is a key frame. */
  static boolean isKeyFrame(ByteBuffer frame) {
    return (frame.get(frame.position()) & 1) == 0;
  }

  /** Whether the frame at the position of a buffer that is not empty is to be displayed. */
  static boolean isShown(ByteBuffer frame) {
    return (frame.get(frame.position()) & 0x10) != 0;
  }

  private static int unsigned(ByteBuffer buffer, int index) {
    return buffer.get(index) & 0xff;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new MalformedFrameException(message);
    }
  }
}
