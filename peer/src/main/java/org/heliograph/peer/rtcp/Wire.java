package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.MalformedPacketException;

/** What the RTCP packet types share on the wire. */
final class Wire {
  static final int SENDER_REPORT = 200;
  static final int RECEIVER_REPORT = 201;
  static final int SOURCE_DESCRIPTION = 202;
  static final int GOODBYE = 203;
  static final int TRANSPORT_FEEDBACK = 205;
  static final int PAYLOAD_FEEDBACK = 206;

  static final int HEADER_LENGTH = 4;

  private Wire() {}

  /** Writes a header (RFC 3550 6.4.1) for a packet of that many bytes without padding. */
  static void putHeader(ByteBuffer out, int countOrFormat, int packetType, int length) {
    out.put((byte) (0x80 | countOrFormat));
    out.put((byte) packetType);
    out.putShort((short) (length / 4 - 1));
  }

  static long unsignedInt(ByteBuffer in) {
    return Integer.toUnsignedLong(in.getInt());
  }

  static void putUnsignedInt(ByteBuffer out, long value) {
    out.putInt((int) value);
  }

  static void need(ByteBuffer in, int bytes, String what) throws MalformedPacketException {
    if (in.remaining() < bytes) {
      throw new MalformedPacketException(what + " is cut off");
    }
  }
}
