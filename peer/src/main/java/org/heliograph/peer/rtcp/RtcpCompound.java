package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Reads and writes what one datagram of RTCP holds: a compound (RFC 3550 6.1), or less where
 * reduced-size RTCP is in use (RFC 5506).
 */
public final class RtcpCompound {
  private RtcpCompound() {}

  /**
   * Reads the packets between the buffer's position and limit. Types that are not known here (XR,
   * APP, other feedback) are passed over.
   *
   * @throws MalformedPacketException if the compound, or a packet of a known type, is malformed
   */
  public static List<RtcpPacket> parse(ByteBuffer datagram) throws MalformedPacketException {
    ByteBuffer in = datagram.duplicate().order(ByteOrder.BIG_ENDIAN);
    if (!in.hasRemaining()) {
      throw new MalformedPacketException("RTCP compound is empty");
    }
    List<RtcpPacket> packets = new ArrayList<>();
    while (in.hasRemaining()) {
      Wire.need(in, Wire.HEADER_LENGTH, "RTCP header");
      int first = in.get() & 0xff;
      int packetType = in.get() & 0xff;
      int bodyLength = 4 * (in.getShort() & 0xffff);
      if (first >>> 6 != 2) {
        throw new MalformedPacketException("RTCP version " + (first >>> 6));
      }
      Wire.need(in, bodyLength, "RTCP packet");
      ByteBuffer body = in.slice(in.position(), bodyLength).order(ByteOrder.BIG_ENDIAN);
      in.position(in.position() + bodyLength);
      if ((first & 0x20) != 0) {
        removePadding(body);
      }
      RtcpPacket packet = parseBody(packetType, first & 0x1f, body);
      if (packet != null) {
        packets.add(packet);
      }
    }
    return packets;
  }

  /** Writes the packets one behind the other at the buffer's position. */
  public static void write(List<? extends RtcpPacket> packets, ByteBuffer out) {
    for (RtcpPacket packet : packets) {
      packet.write(out);
    }
  }

  private static void removePadding(ByteBuffer body) throws MalformedPacketException {
    int padding = body.hasRemaining() ? body.get(body.limit() - 1) & 0xff : 0;
    if (padding == 0 || padding > body.limit()) {
      throw new MalformedPacketException("RTCP padding of " + padding + " bytes");
    }
    body.limit(body.limit() - padding);
  }

  private static RtcpPacket parseBody(int packetType, int countOrFormat, ByteBuffer body)
      throws MalformedPacketException {
    return switch (packetType) {
      case Wire.SENDER_REPORT -> SenderReport.parse(countOrFormat, body);
      case Wire.RECEIVER_REPORT -> ReceiverReport.parse(countOrFormat, body);
      case Wire.SOURCE_DESCRIPTION -> SourceDescription.parse(countOrFormat, body);
      case Wire.GOODBYE -> Goodbye.parse(countOrFormat, body);
      case Wire.TRANSPORT_FEEDBACK ->
          switch (countOrFormat) {
            case GenericNack.FORMAT -> GenericNack.parse(body);
            case TransportFeedback.FORMAT -> TransportFeedback.parse(body);
            default -> null;
          };
      case Wire.PAYLOAD_FEEDBACK ->
          switch (countOrFormat) {
            case PictureLossIndication.FORMAT -> PictureLossIndication.parse(body);
            case FullIntraRequest.FORMAT -> FullIntraRequest.parse(body);
            case ReceiverEstimatedMaximumBitrate.FORMAT ->
                ReceiverEstimatedMaximumBitrate.parse(body);
            default -> null;
          };
      default -> null;
    };
  }
}
