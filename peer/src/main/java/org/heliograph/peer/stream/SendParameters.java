package org.heliograph.peer.stream;

import java.util.Objects;
import org.heliograph.peer.rtp.RtpExtensionMap;

/**
 * What was negotiated for one media section in the sending direction.
 *
 * @param mid the section's identification, sent in each packet if its extension was negotiated
 * @param format the payload format
 * @param payloadType the format's payload type
 * @param ssrc the source of the packets
 * @param rtxPayloadType the payload type of retransmissions (RFC 4588), or {@link #NONE}: then
 *     packets are sent again as they were
 * @param rtxSsrc the source of retransmissions, or {@link #NONE}
 * @param nack whether the receiver asks for lost packets; packets are remembered only then
 * @param extensions the header extensions to send
 */
public record SendParameters(
    String mid,
    MediaFormat format,
    int payloadType,
    long ssrc,
    int rtxPayloadType,
    long rtxSsrc,
    boolean nack,
    RtpExtensionMap extensions) {
  /** Stands for a payload type or a source that there is not. */
  public static final int NONE = -1;

  public SendParameters {
    Objects.requireNonNull(mid, "mid");
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(extensions, "extensions");
    if ((rtxPayloadType == NONE) != (rtxSsrc == NONE)) {
      throw new IllegalArgumentException("RTX needs a payload type and a source, or neither");
    }
  }
}
