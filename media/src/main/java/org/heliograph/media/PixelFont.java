package org.heliograph.media;

import java.util.Map;

/**
 * Letters of 5 by 7 pixels for the test picture: the machine need not have a font, nor the JDK its
 * desktop part.
 */
final class PixelFont {
  static final int WIDTH = 5;
  static final int HEIGHT = 7;

  /** Each glyph's rows from the top, five bits each, the leftmost pixel in the highest bit. */
  private static final Map<Character, int[]> GLYPHS =
      Map.ofEntries(
          glyph('0', 14, 17, 19, 21, 25, 17, 14),
          glyph('1', 4, 12, 4, 4, 4, 4, 14),
          glyph('2', 14, 17, 1, 2, 4, 8, 31),
          glyph('3', 31, 2, 4, 2, 1, 17, 14),
          glyph('4', 2, 6, 10, 18, 31, 2, 2),
          glyph('5', 31, 16, 30, 1, 1, 17, 14),
          glyph('6', 6, 8, 16, 30, 17, 17, 14),
          glyph('7', 31, 1, 2, 4, 8, 8, 8),
          glyph('8', 14, 17, 17, 14, 17, 17, 14),
          glyph('9', 14, 17, 17, 15, 1, 2, 12),
          glyph(':', 0, 12, 12, 0, 12, 12, 0),
          glyph('.', 0, 0, 0, 0, 0, 12, 12),
          glyph(' ', 0, 0, 0, 0, 0, 0, 0),
          glyph('A', 14, 17, 17, 17, 31, 17, 17),
          glyph('C', 14, 17, 16, 16, 16, 17, 14),
          glyph('E', 31, 16, 16, 30, 16, 16, 31),
          glyph('G', 14, 17, 16, 23, 17, 17, 15),
          glyph('H', 17, 17, 17, 31, 17, 17, 17),
          glyph('I', 14, 4, 4, 4, 4, 4, 14),
          glyph('L', 16, 16, 16, 16, 16, 16, 31),
          glyph('O', 14, 17, 17, 17, 17, 17, 14),
          glyph('P', 30, 17, 17, 30, 16, 16, 16),
          glyph('R', 30, 17, 17, 30, 20, 18, 17),
          glyph('S', 15, 16, 16, 14, 1, 1, 30),
          glyph('T', 31, 4, 4, 4, 4, 4, 4),
          glyph('U', 17, 17, 17, 17, 17, 17, 14));

  private PixelFont() {}

  private static Map.Entry<Character, int[]> glyph(char letter, int... rows) {
    return Map.entry(letter, rows);
  }

  /** Whether the glyph has a pixel there. */
  static boolean isInk(char letter, int x, int y) {
    int[] rows = GLYPHS.get(letter);
    if (rows == null) {
      throw new IllegalArgumentException("no glyph for " + letter);
    }
    return (rows[y] >> (WIDTH - 1 - x) & 1) != 0;
  }
}
