package org.heliograph.peer.stream;

import java.util.Objects;

/**
 * What was negotiated for one media section in the receiving direction.
 *
 * @param mid the section's identification; packets that carry it belong here
 * @param format the payload format
 * @param payloadType the format's payload type
 * @param rtxPayloadType the payload type of its retransmissions (RFC 4588), or {@link #NONE}
 * @param ssrc the source that {@code a=ssrc} names, or {@link #NONE}: then the MID or the payload
 *     type tells
 * @param rtxSsrc the source of its retransmissions by {@code a=ssrc-group:FID}, or {@link #NONE}
 * @param nack whether lost packets are asked for again ({@code a=rtcp-fb nack})
 * @param pli whether key frames are asked for ({@code a=rtcp-fb nack pli})
 */
public record ReceiveParameters(
    String mid,
    MediaFormat format,
    int payloadType,
    int rtxPayloadType,
    long ssrc,
    long rtxSsrc,
    boolean nack,
    boolean pli) {
  /** Stands for a payload type or a source that there is not. */
  public static final int NONE = -1;

  public ReceiveParameters {
    Objects.requireNonNull(mid, "mid");
    Objects.requireNonNull(format, "format");
  }
}
