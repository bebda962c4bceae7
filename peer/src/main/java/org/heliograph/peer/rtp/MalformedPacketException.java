package org.heliograph.peer.rtp;

/** An RTP or RTCP packet, or the payload of one, breaks its format; the packet is to be dropped. */
public final class MalformedPacketException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a sentence that says what is wrong. */
  public MalformedPacketException(String message) {
    super(message);
  }
}
