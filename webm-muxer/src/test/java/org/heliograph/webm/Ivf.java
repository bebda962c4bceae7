package org.heliograph.webm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the IVF files of the test vectors and of the ffmpeg command. */
final class Ivf {
  private static final int FRAME_HEADER_SIZE = 12;

  private Ivf() {}

  static List<EncodedFrame> read(byte[] file) {
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    String codec = new String(file, 8, 4, StandardCharsets.US_ASCII);
    long rate = Integer.toUnsignedLong(buffer.getInt(16));
    long scale = Integer.toUnsignedLong(buffer.getInt(20));
    List<EncodedFrame> frames = new ArrayList<>();
    int position = buffer.getShort(6);
    while (position + FRAME_HEADER_SIZE <= file.length) {
      int size = buffer.getInt(position);
      long timeNanos = buffer.getLong(position + 4) * 1_000_000_000L * scale / rate;
      ByteBuffer payload = buffer.slice(position + FRAME_HEADER_SIZE, size);
      frames.add(new EncodedFrame(timeNanos, isKey(codec, payload), payload));
      position += FRAME_HEADER_SIZE + size;
    }
    return frames;
  }

  private static boolean isKey(String codec, ByteBuffer payload) {
    int first = payload.get(0);
    return switch (codec) {
      case "VP80" -> (first & 1) == 0;
      // Profile 0: show_existing_frame and frame_type are bits 3 and 2.
      case "VP90" -> (first & 0x0c) == 0;
      case "AV01" -> hasSequenceHeader(payload);
      default -> throw new IllegalArgumentException("IVF with " + codec);
    };
  }

  // The encoders used here write a sequence header before each key frame, and nowhere else.
  private static boolean hasSequenceHeader(ByteBuffer unit) {
    Av1Obus obus = new Av1Obus(unit);
    while (obus.next()) {
      if (obus.type() == Av1Obus.SEQUENCE_HEADER) {
        return true;
      }
    }
    return false;
  }
}
