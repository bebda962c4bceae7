package org.heliograph.interop.lab;

import java.nio.ByteBuffer;

/**
 * The code in the upper eighth of a test picture, as docs/test-picture.md describes it: written
 * down a second time, on purpose.
 */
public final class PictureCode {
  private static final int COLUMNS = 20;
  private static final boolean[] MARKERS = {true, false, false, true};
  private static final int[] MARKER_COLUMNS = {0, 1, 18, 19};

  private PictureCode() {}

  /** Paints a grey picture with a code into a plane of brightness. */
  public static void paint(ByteBuffer luma, int stride, int width, int height, int value) {
    paintCode(luma, stride, width, height, value);
    for (int y = codeHeight(height); y < height; y++) {
      for (int x = 0; x < width; x++) {
        luma.put(y * stride + x, (byte) (96 + (x + value) % 64));
      }
    }
  }

  /** Paints a code into the upper eighth of a plane of brightness, and leaves the rest alone. */
  public static void paintCode(ByteBuffer luma, int stride, int width, int height, int value) {
    long word = (value & 0xff_ffffL) << 8 | crc(value);
    for (int y = 0; y < codeHeight(height); y++) {
      int row = y * 16 / height;
      for (int x = 0; x < width; x++) {
        boolean white = cell(word, row, x * COLUMNS / width);
        luma.put(y * stride + x, (byte) (white ? 235 : 16));
      }
    }
  }

  /** How many rows of pixels lie in the two rows of the code: those with {@code y * 16 / h < 2}. */
  private static int codeHeight(int height) {
    return (height + 7) / 8;
  }

  private static boolean cell(long word, int row, int column) {
    for (int i = 0; i < MARKERS.length; i++) {
      if (MARKER_COLUMNS[i] == column) {
        return MARKERS[i] ^ row == 1;
      }
    }
    return (word >> (31 - (16 * row + column - 2)) & 1) == 1;
  }

  /** Reads the code from a plane of brightness; -1 when there is none. */
  public static int read(ByteBuffer luma, int stride, int width, int height) {
    long word = 0;
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < MARKERS.length; i++) {
        if (white(luma, stride, width, height, row, MARKER_COLUMNS[i]) != (MARKERS[i] ^ row == 1)) {
          return -1;
        }
      }
      for (int column = 2; column < 18; column++) {
        word = word << 1 | (white(luma, stride, width, height, row, column) ? 1 : 0);
      }
    }
    int value = (int) (word >> 8);
    return (word & 0xff) == crc(value) ? value : -1;
  }

  private static boolean white(
      ByteBuffer luma, int stride, int width, int height, int row, int column) {
    long sum = 0;
    int count = 0;
    for (int y = (4 * row + 1) * height / 64; y < (4 * row + 3) * height / 64; y++) {
      for (int x = (4 * column + 1) * width / 80; x < (4 * column + 3) * width / 80; x++) {
        sum += luma.get(y * stride + x) & 0xff;
        count++;
      }
    }
    return count > 0 && sum / count > 127;
  }

  private static int crc(int value) {
    int crc = 0xff;
    for (int shift = 16; shift >= 0; shift -= 8) {
      crc ^= value >> shift & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x07) & 0xff : crc << 1;
      }
    }
    return crc;
  }
}
