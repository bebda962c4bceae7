package org.heliograph.webm;

import java.nio.ByteBuffer;

/**
 * A VP9 frame that shows an earlier frame once more and leaves the decoder as it is ({@code
 * show_existing_frame}, VP9 bitstream specification 6.2 and 8.4.2). What it is for, see {@link
 * Vp8RepeatFrame}.
 */
public final class Vp9RepeatFrame {
  private static final int FRAME_MARKER = 0b10;

  private Vp9RepeatFrame() {}

  /**
   * The frame that shows what a frame has left in the decoder.
   *
   * @param shown the header of the frame to show; it fills a slot
   * @throws IllegalArgumentException if it fills none
   */
  public static ByteBuffer of(Vp9FrameHeader shown) {
    if (shown.filledSlots() == 0) {
      throw new IllegalArgumentException("the frame is not kept by the decoder");
    }
    int slot = Integer.numberOfTrailingZeros(shown.filledSlots());
    int profile = shown.profile();
    int start = FRAME_MARKER << 2 | (profile & 1) << 1 | profile >> 1;
    // With profile 3 a reserved bit comes in between, and the slot's last bit in a second byte.
    int bits = profile == 3 ? (start << 1) << 4 | 8 | slot : start << 4 | 8 | slot;
    return profile == 3
        ? ByteBuffer.wrap(new byte[] {(byte) (bits >> 1), (byte) (bits << 7)})
        : ByteBuffer.wrap(new byte[] {(byte) bits});
  }
}
