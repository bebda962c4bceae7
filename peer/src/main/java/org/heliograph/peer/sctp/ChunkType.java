package org.heliograph.peer.sctp;

/** The types of chunks (RFC 9260 3.2, RFC 3758, RFC 6525), and what their two highest bits say. */
final class ChunkType {
  static final int DATA = 0;
  static final int INIT = 1;
  static final int INIT_ACK = 2;
  static final int SACK = 3;
  static final int HEARTBEAT = 4;
  static final int HEARTBEAT_ACK = 5;
  static final int ABORT = 6;
  static final int SHUTDOWN = 7;
  static final int SHUTDOWN_ACK = 8;
  static final int ERROR = 9;
  static final int COOKIE_ECHO = 10;
  static final int COOKIE_ACK = 11;
  static final int SHUTDOWN_COMPLETE = 14;
  static final int RE_CONFIG = 130;
  static final int FORWARD_TSN = 192;

  /** Flag of ABORT and SHUTDOWN COMPLETE: the verification tag is the receiver's own (T). */
  static final int REFLECTED_TAG = 1;

  private ChunkType() {}

  /** Whether the rest of the packet is still read after a chunk of this unknown type. */
  static boolean isSkippedWhenUnknown(int type) {
    return (type & 0x80) != 0;
  }

  /** Whether an unknown chunk of this type is reported to its sender. */
  static boolean isReportedWhenUnknown(int type) {
    return (type & 0x40) != 0;
  }
}
