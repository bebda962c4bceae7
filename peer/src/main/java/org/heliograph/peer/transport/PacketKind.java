package org.heliograph.peer.transport;

import java.nio.ByteBuffer;

/** What a datagram on the one shared port is, told by its first octets (RFC 7983 7, RFC 5761 4). */
public enum PacketKind {
  STUN,
  DTLS,
  RTP,
  RTCP,
  /** None of these; nobody's. */
  UNKNOWN;

  private static final int RTP_HEADER_LENGTH = 12;
  private static final int RTCP_HEADER_LENGTH = 8;

  /** The kind of a datagram, position to limit. */
  public static PacketKind of(ByteBuffer datagram) {
    if (datagram.remaining() < 2) {
      return UNKNOWN;
    }
    int first = datagram.get(datagram.position()) & 0xff;
    if (first <= 3) {
      return STUN;
    }
    if (first >= 20 && first <= 63) {
      return DTLS;
    }
    if (first < 128 || first > 191) {
      return UNKNOWN;
    }
    int second = datagram.get(datagram.position() + 1) & 0xff;
    if (second >= 192 && second <= 223) {
      return datagram.remaining() >= RTCP_HEADER_LENGTH ? RTCP : UNKNOWN;
    }
    return datagram.remaining() >= RTP_HEADER_LENGTH ? RTP : UNKNOWN;
  }
}
