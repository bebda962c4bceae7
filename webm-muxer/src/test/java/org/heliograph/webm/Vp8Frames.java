package org.heliograph.webm;

import java.nio.ByteBuffer;

/** VP8 frames that have a right header and nothing behind it. */
final class Vp8Frames {
  private Vp8Frames() {}

  static ByteBuffer key(int width, int height) {
    return bytes(
        0x10, 0, 0, 0x9d, 0x01, 0x2a, width & 0xff, width >> 8, height & 0xff, height >> 8);
  }

  static ByteBuffer delta() {
    return bytes(0x11, 0, 0, 0);
  }

  static ByteBuffer hidden() {
    return bytes(0x01, 0, 0, 0);
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    for (int value : values) {
      buffer.put((byte) value);
    }
    return buffer.flip();
  }
}
