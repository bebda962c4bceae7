package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A VP8 frame that shows the last frame once more and leaves the decoder as it is: it updates no
 * reference, no probability and no segment, so any frame may come before and after it.
 *
 * <p>A live stream needs it where its source gives nothing for a while. A player takes a gap in
 * time for the end of what it may play, and Chromium then even drops what comes after the gap, up
 * to the next key frame (Media Source Extensions 3.5.8: more than twice the last frame's duration,
 * for which it takes 63 ms).
 */
public final class Vp8RepeatFrame {
  // What RFC 6386 13.4's 1056 "no update" flags do to an encoder whose range is 254.
  private static final int RANGE_BEFORE_COEFFICIENT_FLAGS = 254;
  private static final int RANGE_AFTER_COEFFICIENT_FLAGS = 193;
  private static final int SHIFTS_OF_COEFFICIENT_FLAGS = 13;

  // RFC 6386 17.2: the probabilities that a motion vector probability is not updated.
  private static final int[][] MV_UPDATE = {
    {237, 246, 253, 253, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 250, 250, 252, 254, 254},
    {231, 243, 245, 253, 254, 254, 254, 254, 254, 254, 254, 254, 254, 254, 251, 251, 254, 254, 254}
  };

  // RFC 6386 16.3: the probability of a zero vector's first bit not being set, by the weight of the
  // neighbours (2 above, 2 left, 1 above left) that exist here; all of them have zero vectors.
  private static final int[] ZERO_MV = {7, 14, 135, 60, 159, 234};

  private static final int MACROBLOCK = 16;
  private static final int ALMOST_NEVER_FALSE = 1;
  private static final int ALMOST_ALWAYS_FALSE = 255;

  private Vp8RepeatFrame() {}

  /**
   * The frame that fits a stream. It can be used any number of times, until the picture size
   * changes.
   *
   * @param keyFrame the header of the stream's last key frame
   */
  public static ByteBuffer of(Vp8FrameHeader keyFrame) {
    if (!keyFrame.keyFrame()) {
      throw new IllegalArgumentException("the picture's size stands in key frames only");
    }
    var encoder = new Vp8BoolEncoder();
    frameHeader(encoder);
    int columns = (keyFrame.width() + MACROBLOCK - 1) / MACROBLOCK;
    int rows = (keyFrame.height() + MACROBLOCK - 1) / MACROBLOCK;
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        macroblock(encoder, row, column);
      }
    }
    byte[] partition = encoder.finish();
    int tag = 1 | keyFrame.version() << 1 | 1 << 4 | partition.length << 5;
    ByteBuffer frame = ByteBuffer.allocate(3 + partition.length + 1);
    frame.order(ByteOrder.LITTLE_ENDIAN).putShort((short) tag).put((byte) (tag >> 16));
    frame.put(partition).put((byte) 0); // no coefficients: a partition that nobody reads
    return frame.clear().asReadOnlyBuffer();
  }

  // RFC 6386 9.3 to 9.11 and 19.2.
  private static void frameHeader(Vp8BoolEncoder encoder) {
    // Segments stay as they are; FFmpeg's decoder would forget their map if they were off here.
    encoder.literal(1, 1); // segmentation_enabled
    encoder.literal(0, 1 + 1); // update neither map nor data
    encoder.literal(0, 1 + 6 + 3 + 1); // no loop filter, no filter adjustments
    encoder.literal(0, 2); // one partition
    encoder.literal(0, 7 + 5); // quantizers
    encoder.literal(0, 1 + 1 + 2 + 2); // golden and alternate frame: no refresh, no copy
    encoder.literal(0, 1 + 1); // sign biases
    encoder.literal(0, 1); // refresh_entropy_probs
    encoder.literal(0, 1); // refresh_last
    if (encoder.range() != RANGE_BEFORE_COEFFICIENT_FLAGS) {
      throw new AssertionError("the run of flags begins with a range of " + encoder.range());
    }
    encoder.falseRun(RANGE_AFTER_COEFFICIENT_FLAGS, SHIFTS_OF_COEFFICIENT_FLAGS);
    encoder.literal(1, 1); // mb_no_coeff_skip
    encoder.literal(ALMOST_NEVER_FALSE, 8); // prob_skip_false
    encoder.literal(ALMOST_NEVER_FALSE, 8); // prob_intra
    encoder.literal(ALMOST_ALWAYS_FALSE, 8); // prob_last
    encoder.literal(ALMOST_ALWAYS_FALSE, 8); // prob_gf
    encoder.literal(0, 1 + 1); // intra mode probabilities: no update
    for (int[] component : MV_UPDATE) {
      for (int probability : component) {
        encoder.bool(false, probability);
      }
    }
  }

  // RFC 6386 19.3: no coefficients, predicted from the last frame, with a zero vector.
  private static void macroblock(Vp8BoolEncoder encoder, int row, int column) {
    encoder.bool(true, ALMOST_NEVER_FALSE); // mb_skip_coeff
    encoder.bool(true, ALMOST_NEVER_FALSE); // is_inter_mb
    encoder.bool(false, ALMOST_ALWAYS_FALSE); // the last frame
    int neighbours = (row > 0 ? 2 : 0) + (column > 0 ? 2 : 0) + (row > 0 && column > 0 ? 1 : 0);
    encoder.bool(false, ZERO_MV[neighbours]);
  }
}
