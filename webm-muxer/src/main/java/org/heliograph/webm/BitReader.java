package org.heliograph.webm;

import java.nio.ByteBuffer;

/** Reads bits from a buffer, most significant first, without moving the buffer's position. */
final class BitReader {
  private final ByteBuffer bytes;
  private final String what;
  private long bit;

  /**
   * @param what what is read, for the exception where it ends too early
   */
  BitReader(ByteBuffer bytes, String what) {
    this.bytes = bytes;
    this.what = what;
    this.bit = 8L * bytes.position();
  }

  /** The next {@code count} bits, at most 32, as an unsigned number. */
  long bits(int count) {
    if (bit + count > 8L * bytes.limit()) {
      throw new MalformedFrameException(what + " ends too early");
    }
    long value = 0;
    for (int i = 0; i < count; i++, bit++) {
      int inByte = bytes.get((int) (bit >> 3)) >> (7 - (int) (bit & 7));
      value = value << 1 | (inByte & 1);
    }
    return value;
  }

  /** The next {@code count} bits, at most 31. */
  int number(int count) {
    return (int) bits(count);
  }

  boolean flag() {
    return bits(1) != 0;
  }

  /** AV1's variable-length number {@code uvlc()} (AV1 specification 4.10.3). */
  long uvlc() {
    int leadingZeros = 0;
    while (!flag()) {
      leadingZeros++;
    }
    if (leadingZeros >= 32) {
      return 0xFFFF_FFFFL;
    }
    return bits(leadingZeros) + (1L << leadingZeros) - 1;
  }
}
