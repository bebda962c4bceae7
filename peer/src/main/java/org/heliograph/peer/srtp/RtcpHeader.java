package org.heliograph.peer.srtp;

/** The first eight octets of a compound RTCP packet, which SRTCP leaves in the clear. */
final class RtcpHeader {
  static final int LENGTH = 8;
  static final int SSRC_OFFSET = 4;

  private static final int VERSION = 2;

  private RtcpHeader() {}

  static boolean isValid(byte[] packet, int offset, int packetLength) {
    return packetLength >= LENGTH && (packet[offset] & 0xFF) >>> 6 == VERSION;
  }
}
