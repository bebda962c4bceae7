package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacketWriter;

/** Makes single RTP packets with any numbers, as a session receives them. */
final class RawSender {
  private final RtpPacketWriter writer = new RtpPacketWriter(RtpExtensionMap.empty(), "");

  /** VP8 in a single packet; numbers are cut to the bits that the wire has for them. */
  ByteBuffer picture(long ssrc, long number, long timestamp, PictureId id, boolean key, int mark) {
    return picture(start(ssrc, number, timestamp, true, 96), id, key, mark);
  }

  /** A picture whose packet names its section. */
  ByteBuffer pictureOf(String mid, long ssrc, long number, long timestamp, boolean key, int mark) {
    RtpPacketWriter named = new RtpPacketWriter(VirtualCall.EXTENSIONS, mid);
    ByteBuffer out = ByteBuffer.allocate(100);
    named.start(out, true, 96, (int) number & 0xffff, timestamp & 0xffffffffL, ssrc);
    named.mid();
    named.endHeader();
    return picture(out, new PictureId(number), key, mark);
  }

  /**
   * A delta picture that is sent again (RFC 4588 4).
   *
   * @param number of the packet that it brings
   */
  ByteBuffer retransmission(long ssrc, long number, long timestamp, PictureId id, int mark) {
    ByteBuffer out = start(ssrc, 1, timestamp, true, 97);
    out.putShort((short) number);
    return picture(out, id, false, mark);
  }

  private static ByteBuffer picture(ByteBuffer out, PictureId id, boolean key, int mark) {
    boolean layered = id.tl0PictureIndex >= 0;
    out.put((byte) 0x90).put((byte) (layered ? 0xe0 : 0x80));
    if (id.bits == 15) {
      out.putShort((short) (0x8000 | (id.number & 0x7fff)));
    } else {
      out.put((byte) (id.number & 0x7f));
    }
    if (layered) {
      out.put((byte) id.tl0PictureIndex).put((byte) 0);
    }
    out.put((byte) (key ? 0 : 1)).putInt(mark);
    return out.flip();
  }

  /** An Opus packet of 20 ms. */
  ByteBuffer sound(long ssrc, long number, long timestamp, int mark) {
    ByteBuffer out = start(ssrc, number, timestamp, false, 111);
    return out.put((byte) 0xf8).putInt(mark).flip();
  }

  private ByteBuffer start(
      long ssrc, long number, long timestamp, boolean marker, int payloadType) {
    ByteBuffer out = ByteBuffer.allocate(100);
    writer.start(out, marker, payloadType, (int) number & 0xffff, timestamp & 0xffffffffL, ssrc);
    return out;
  }

  /**
   * The picture id.
   *
   * @param bits 7 or 15
   * @param tl0PictureIndex of a stream with one temporal layer, or -1 for one without layers
   */
  record PictureId(long number, int bits, long tl0PictureIndex) {
    PictureId(long number) {
      this(number, 15, -1);
    }
  }
}
