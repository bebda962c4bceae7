package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Bytes as they stand in a document. */
public final class Hex {
  private Hex() {}

  /** The bytes of pairs of hexadecimal digits, with blanks anywhere. */
  public static ByteBuffer buffer(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  /** The digits of the bytes from position to limit. */
  public static String string(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
