package org.heliograph.webm;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads the 20 ms Opus packets of an Ogg file (RFC 3533, RFC 7845). */
final class OggOpus {
  static final long PACKET_NANOS = 20_000_000;

  private static final int PAGE_HEADER_SIZE = 27;

  private OggOpus() {}

  static List<EncodedFrame> read(byte[] file) {
    List<byte[]> packets = packets(file);
    List<EncodedFrame> frames = new ArrayList<>();
    for (byte[] packet : packets.subList(2, packets.size())) { // after OpusHead and OpusTags
      frames.add(new EncodedFrame(frames.size() * PACKET_NANOS, true, ByteBuffer.wrap(packet)));
    }
    return frames;
  }

  private static List<byte[]> packets(byte[] file) {
    List<byte[]> packets = new ArrayList<>();
    var packet = new ByteArrayOutputStream();
    int page = 0;
    while (page < file.length) {
      int segments = file[page + 26] & 0xff;
      int data = page + PAGE_HEADER_SIZE + segments;
      for (int i = 0; i < segments; i++) {
        int size = file[page + PAGE_HEADER_SIZE + i] & 0xff;
        packet.write(file, data, size);
        data += size;
        if (size < 255) {
          packets.add(packet.toByteArray());
          packet.reset();
        }
      }
      page = data;
    }
    return packets;
  }
}
