package org.heliograph.peer;

/** A transceiver's direction (W3C {@code RTCRtpTransceiverDirection}; RFC 8866 6.7). */
public enum TransceiverDirection {
  SENDRECV(true, true),
  SENDONLY(true, false),
  RECVONLY(false, true),
  INACTIVE(false, false),
  STOPPED(false, false);

  private final boolean sends;
  private final boolean receives;

  TransceiverDirection(boolean sends, boolean receives) {
    this.sends = sends;
    this.receives = receives;
  }

  /** The direction of a side that sends, receives, both or neither. */
  public static TransceiverDirection of(boolean sends, boolean receives) {
    if (sends) {
      return receives ? SENDRECV : SENDONLY;
    }
    return receives ? RECVONLY : INACTIVE;
  }

  /** Whether media goes from this side to the other. */
  public boolean sends() {
    return sends;
  }

  /** Whether media comes from the other side to this one. */
  public boolean receives() {
    return receives;
  }
}
