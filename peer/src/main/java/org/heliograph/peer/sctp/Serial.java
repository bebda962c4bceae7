package org.heliograph.peer.sctp;

/**
 * Serial numbers (RFC 1982) without their wrapping: a value of the wire becomes the 64-bit one that
 * is nearest to another, mostly the last that was seen.
 */
final class Serial {
  private Serial() {}

  /** A TSN, or a re-configuration sequence number. */
  static long unwrap32(int value, long near) {
    return near + (value - (int) near);
  }

  /** A stream sequence number. */
  static long unwrap16(int value, long near) {
    return near + (short) (value - (int) near);
  }
}
