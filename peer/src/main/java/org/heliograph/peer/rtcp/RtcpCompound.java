package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Reads and writes what one datagram of RTCP holds: a compound (RFC 3550 6.1), or less where
 * reduced-size RTCP is in use (RFC 5506).
 */
public final class RtcpCompound {
  private RtcpCompound() {}

  /**
   * Reads the packets between the buffer's position and limit. One that is malformed is skipped by
   * its length, and the others are kept: a peer that writes one of them wrong still has its
   * requests heard. Types that are not known here (XR, APP, other feedback) are passed over.
   *
   * @param skipped is told, in words, of each packet that is malformed, and of what is left over at
   *     the end
   * @throws MalformedPacketException if not even the first packet's end can be found
   */
  public static List<RtcpPacket> parse(ByteBuffer datagram, Consumer<String> skipped)
      throws MalformedPacketException {
    ByteBuffer in = datagram.duplicate().order(ByteOrder.BIG_ENDIAN);
    int bodyLength = bodyLength(in);
    if (bodyLength < 0) {
      throw new MalformedPacketException(
          "RTCP of " + in.remaining() + " bytes is shorter than its first packet");
    }
    List<RtcpPacket> packets = new ArrayList<>();
    for (; bodyLength >= 0; bodyLength = bodyLength(in)) {
      int first = in.get() & 0xff;
      int packetType = in.get() & 0xff;
      in.getShort();
      ByteBuffer body = in.slice(in.position(), bodyLength).order(ByteOrder.BIG_ENDIAN);
      in.position(in.position() + bodyLength);
      try {
        RtcpPacket packet = parse(first, packetType, body);
        if (packet != null) {
          packets.add(packet);
        }
      } catch (MalformedPacketException e) {
        skipped.accept(e.getMessage());
      }
    }
    if (in.hasRemaining()) {
      skipped.accept("the last " + in.remaining() + " bytes of RTCP are no whole packet");
    }
    return packets;
  }

  /** Reads what is whole, without a word about the rest. */
  public static List<RtcpPacket> parse(ByteBuffer datagram) throws MalformedPacketException {
    return parse(datagram, reason -> {});
  }

  /** How long the packet at the position is without its header, or -1 if it has no end. */
  private static int bodyLength(ByteBuffer in) {
    if (in.remaining() < Wire.HEADER_LENGTH) {
      return -1;
    }
    int length = 4 * (in.getShort(in.position() + 2) & 0xffff);
    return length <= in.remaining() - Wire.HEADER_LENGTH ? length : -1;
  }

  /** Null if the packet is of a type that is not known here. */
  private static RtcpPacket parse(int first, int packetType, ByteBuffer body)
      throws MalformedPacketException {
    if (first >>> 6 != 2) {
      throw new MalformedPacketException("RTCP version " + (first >>> 6));
    }
    if ((first & 0x20) != 0) {
      removePadding(body);
    }
    return parseBody(packetType, first & 0x1f, body);
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
