package org.heliograph.peer.srtp;

/** As much of the RTP header (RFC 3550 5.1) as SRTP needs: where it ends, and who sends. */
final class RtpHeader {
  static final int SEQUENCE_NUMBER_OFFSET = 2;
  static final int SSRC_OFFSET = 8;

  private static final int FIXED_LENGTH = 12;
  private static final int EXTENSION_HEADER_LENGTH = 4;
  private static final int VERSION = 2;
  private static final int EXTENSION_FLAG = 0x10;
  private static final int CSRC_COUNT_MASK = 0x0F;

  private RtpHeader() {}

  /**
   * The length of the fixed header, the contributing sources and the header extension, or -1 when
   * the packet has not that much or is not RTP.
   */
  static int length(byte[] packet, int offset, int packetLength) {
    if (packetLength < FIXED_LENGTH || (packet[offset] & 0xFF) >>> 6 != VERSION) {
      return -1;
    }
    int length = FIXED_LENGTH + 4 * (packet[offset] & CSRC_COUNT_MASK);
    if ((packet[offset] & EXTENSION_FLAG) != 0) {
      if (packetLength < length + EXTENSION_HEADER_LENGTH) {
        return -1;
      }
      length += EXTENSION_HEADER_LENGTH + 4 * Octets.uint16(packet, offset + length + 2);
    }
    return length <= packetLength ? length : -1;
  }
}
