package org.heliograph.webm;

import java.util.Arrays;

/** VP8's boolean entropy encoder (RFC 6386 7.3). */
final class Vp8BoolEncoder {
  static final int EVEN = 128;

  private byte[] output = new byte[256];
  private int size;
  private int range = 255;
  private int bottom;
  private int bitsUntilByte = 24;

  /**
   * Writes a bool.
   *
   * @param probabilityOfFalse in 256ths, 1 to 255
   */
  void bool(boolean value, int probabilityOfFalse) {
    int split = 1 + (((range - 1) * probabilityOfFalse) >> 8);
    if (value) {
      bottom += split;
      range -= split;
    } else {
      range = split;
    }
    while (range < 128) {
      range <<= 1;
      shift();
    }
  }

  /** Writes an unsigned number of {@code bits} bits, each with even probability. */
  void literal(int value, int bits) {
    for (int bit = bits - 1; bit >= 0; bit--) {
      bool((value >> bit & 1) != 0, EVEN);
    }
  }

  /**
   * Stands for a run of false bools whose probabilities are constants: false leaves the bottom of
   * the interval where it is, so all that the run does is known beforehand.
   *
   * @param rangeAfter the range that the run ends with
   * @param shifts how often it doubles the range on its way
   */
  void falseRun(int rangeAfter, int shifts) {
    range = rangeAfter;
    for (int i = 0; i < shifts; i++) {
      shift();
    }
  }

  /** The range now. */
  int range() {
    return range;
  }

  /** Ends the partition. */
  byte[] finish() {
    int partial = bitsUntilByte;
    if ((bottom & 1L << (32 - partial)) != 0) {
      carry();
    }
    int rest = bottom << (partial & 7);
    rest <<= 8 * (partial >> 3);
    for (int i = 0; i < 4; i++) {
      put(rest >>> 24);
      rest <<= 8;
    }
    return Arrays.copyOf(output, size);
  }

  private void shift() {
    if (bottom < 0) { // the top bit of an unsigned number
      carry();
    }
    bottom <<= 1;
    if (--bitsUntilByte == 0) {
      put(bottom >>> 24);
      bottom &= 0xff_ffff;
      bitsUntilByte = 8;
    }
  }

  private void carry() {
    int last = size - 1;
    while (output[last] == (byte) 255) {
      output[last--] = 0;
    }
    output[last]++;
  }

  private void put(int value) {
    if (size == output.length) {
      output = Arrays.copyOf(output, 2 * size);
    }
    output[size++] = (byte) value;
  }
}
