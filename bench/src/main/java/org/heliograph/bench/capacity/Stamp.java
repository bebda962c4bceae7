package org.heliograph.bench.capacity;

import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** A frame's number, written into its payload, where nothing on the way looks. */
final class Stamp {
  /** How much of a message has to be kept to find the stamp in it, whatever its header. */
  static final int SEARCHED_BYTES = 80;

  private static final long MAGIC = 0x48454c494f475248L;

  /** After what a VP8 key frame says of itself (RFC 6386 9.1). */
  private static final int OFFSET = 10;

  private Stamp() {}

  static void write(ByteBuffer payload, long frame) {
    payload.putLong(OFFSET, MAGIC).putLong(OFFSET + Long.BYTES, frame);
  }

  /** The frame's number; empty for a message that the agent made by itself. */
  static OptionalLong find(byte[] message, int length) {
    ByteBuffer bytes = ByteBuffer.wrap(message, 0, length);
    for (int at = 0; at + 2 * Long.BYTES <= length; at++) {
      if (bytes.getLong(at) == MAGIC) {
        return OptionalLong.of(bytes.getLong(at + Long.BYTES));
      }
    }
    return OptionalLong.empty();
  }
}
