package org.heliograph.peer.srtp;

/** The word with the encryption flag and the index that ends an SRTCP packet (RFC 3711 3.4). */
final class SrtcpTrailer {
  static final int LENGTH = 4;
  static final int MAX_INDEX = 0x7FFF_FFFF;
  private static final int ENCRYPTED = 0x8000_0000;

  private SrtcpTrailer() {}

  static int encrypted(int index) {
    return ENCRYPTED | index;
  }

  static boolean isEncrypted(int trailer) {
    return (trailer & ENCRYPTED) != 0;
  }

  static int index(int trailer) {
    return trailer & MAX_INDEX;
  }
}
