package org.heliograph.media;

import java.util.OptionalInt;

/**
 * The machine-readable code at the top of the test picture: two rows of black and white cells that
 * carry the time of the picture. docs/test-picture.md describes it for other languages.
 */
public final class TestPictureCode {
  /** Cells in a row; a cell is a twentieth of the picture's width. */
  static final int COLUMNS = 20;

  /** Rows of cells. */
  static final int ROWS = 2;

  /** A row is a sixteenth of the picture's height. */
  static final int ROWS_IN_HEIGHT = 16;

  /** How many values there are: the code starts again after 2^24 ms, 4 hours and 39 minutes. */
  public static final int MODULUS = 1 << 24;

  private static final int MARKER_CELLS = 2;
  private static final int BITS_IN_ROW = COLUMNS - 2 * MARKER_CELLS;
  private static final int LUMA_THRESHOLD = 126;

  private TestPictureCode() {}

  /** What a picture's luma is at a place. */
  @FunctionalInterface
  public interface Luma {
    /** The luma, 0 to 255, of the pixel in this column and row. */
    int at(int x, int y);
  }

  /** Whether a cell is white in the picture of this moment. */
  static boolean isWhite(int millis, int row, int column) {
    boolean even = row % 2 == 0;
    if (column < MARKER_CELLS) {
      return (column == 0) == even;
    }
    if (column >= COLUMNS - MARKER_CELLS) {
      return (column == COLUMNS - 1) == even;
    }
    int bit = BITS_IN_ROW * (ROWS - row) - 1 - (column - MARKER_CELLS);
    return (word(millis) >>> bit & 1) != 0;
  }

  /** The 24 bits of the time and their CRC-8. */
  private static int word(int millis) {
    return millis << 8 | crc8(millis);
  }

  /** CRC-8 with the polynomial x^8 + x^2 + x + 1, start value 0xFF, high bit first. */
  private static int crc8(int millis) {
    int crc = 0xFF;
    for (int shift = 16; shift >= 0; shift -= 8) {
      crc ^= millis >>> shift & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x07) & 0xFF : crc << 1;
      }
    }
    return crc;
  }

  /**
   * Reads the code out of a picture.
   *
   * @return the milliseconds, 0 to {@link #MODULUS} − 1; empty where there is no whole code
   */
  public static OptionalInt read(int width, int height, Luma luma) {
    int word = 0;
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        boolean white = cellLuma(width, height, luma, row, column) > LUMA_THRESHOLD;
        boolean marker = column < MARKER_CELLS || column >= COLUMNS - MARKER_CELLS;
        if (!marker) {
          word = word << 1 | (white ? 1 : 0);
        } else if (white != isWhite(0, row, column)) {
          return OptionalInt.empty();
        }
      }
    }
    int millis = word >>> 8;
    return (word & 0xFF) == crc8(millis) ? OptionalInt.of(millis) : OptionalInt.empty();
  }

  /** The mean of the cell's inner half; its border suffers from scaling and quantization. */
  private static int cellLuma(int width, int height, Luma luma, int row, int column) {
    int left = (4 * column + 1) * width / (4 * COLUMNS);
    int right = (4 * column + 3) * width / (4 * COLUMNS);
    int top = (4 * row + 1) * height / (4 * ROWS_IN_HEIGHT);
    int bottom = (4 * row + 3) * height / (4 * ROWS_IN_HEIGHT);
    int sum = 0;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        sum += luma.at(x, y);
      }
    }
    return sum / Math.max(1, (right - left) * (bottom - top));
  }
}
