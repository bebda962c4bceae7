package org.heliograph.peer.stream;

/**
 * What was negotiated beside a section's formats so that less has to be asked for again.
 *
 * @param payloadType the payload type of RFC 2198, or {@link #NONE}: of sound that carries copies
 *     of the first format's earlier packets, of pictures' packets that are protected
 * @param rtxPayloadType the payload type of such packets' retransmissions, or {@link #NONE}
 * @param fecPayloadType the payload type that packets of forward error correction (RFC 5109) have
 *     within it, or {@link #NONE}
 */
public record Redundancy(int payloadType, int rtxPayloadType, int fecPayloadType) {
  /** Stands for a payload type that there is not. */
  public static final int NONE = PayloadFormat.NONE;

  /** Nothing of the kind. */
  public static final Redundancy ABSENT = new Redundancy(NONE, NONE, NONE);

  /** Redundant audio of a payload type. */
  public static Redundancy audio(int payloadType) {
    return new Redundancy(payloadType, NONE, NONE);
  }
}
