package org.heliograph.peer.rtp;

/**
 * Makes a counter of some bits on the wire one of 64 bits that does not wrap. Each value is taken
 * to be the one nearest to the highest so far. The first one stands for itself.
 */
public final class CounterUnwrapper {
  private final int bits;
  private boolean started;
  private long highest;

  private CounterUnwrapper(int bits) {
    this.bits = bits;
  }

  /** For RTP and transport-wide sequence numbers: 16 bits. */
  public static CounterUnwrapper ofSequenceNumbers() {
    return new CounterUnwrapper(16);
  }

  /** For RTP time stamps: 32 bits. */
  public static CounterUnwrapper ofTimestamps() {
    return new CounterUnwrapper(32);
  }

  /** For a counter of that many bits, 1 to 62. */
  public static CounterUnwrapper ofBits(int bits) {
    if (bits < 1 || bits > 62) {
      throw new IllegalArgumentException("a counter of " + bits + " bits");
    }
    return new CounterUnwrapper(bits);
  }

  /** Unwraps a value and remembers it as the highest if it is. */
  public long unwrap(long value) {
    long unwrapped = peek(value);
    if (!started || unwrapped > highest) {
      started = true;
      highest = unwrapped;
    }
    return unwrapped;
  }

  /** What {@link #unwrap} would say, remembering nothing. */
  public long peek(long value) {
    if (!started) {
      return value;
    }
    int shift = 64 - bits;
    long difference = (value - highest) << shift >> shift;
    return highest + difference;
  }

  /** Forgets all values; the next one is a first one again. */
  public void reset() {
    started = false;
    highest = 0;
  }
}
