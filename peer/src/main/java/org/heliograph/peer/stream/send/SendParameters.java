package org.heliograph.peer.stream.send;

import java.util.List;
import java.util.Objects;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;

/**
 * What was negotiated for one media section in the sending direction.
 *
 * @param mid the section's identification, sent in each packet if its extension was negotiated
 * @param rid the stream's name among those of the section (simulcast, RFC 8853), sent likewise;
 *     empty if it is the only one
 * @param formats the payload formats that the receiver takes, its preferred one first; of one clock
 *     rate. A frame is sent as the one that it is encoded as
 * @param redundancy what spares asking for lost packets
 * @param ssrc the source of the packets
 * @param rtxSsrc the source of retransmissions (RFC 4588), or {@link #NONE}: then packets are sent
 *     again as they were
 * @param extensions the header extensions to send
 */
public record SendParameters(
    String mid,
    String rid,
    List<PayloadFormat> formats,
    Redundancy redundancy,
    long ssrc,
    long rtxSsrc,
    RtpExtensionMap extensions) {
  /** Stands for a payload type or a source that there is not. */
  public static final int NONE = -1;

  public SendParameters {
    Objects.requireNonNull(mid, "mid");
    Objects.requireNonNull(rid, "rid");
    formats = List.copyOf(formats);
    Objects.requireNonNull(extensions, "extensions");
    if (formats.stream().mapToInt(each -> each.format().clockRate()).distinct().count() != 1) {
      throw new IllegalArgumentException("a section has formats of one clock rate");
    }
  }

  /** A section with one format. */
  public SendParameters(
      String mid,
      MediaFormat format,
      int payloadType,
      long ssrc,
      int rtxPayloadType,
      long rtxSsrc,
      boolean nack,
      RtpExtensionMap extensions) {
    this(
        mid,
        "",
        List.of(new PayloadFormat(format, payloadType, rtxPayloadType, nack, true)),
        Redundancy.ABSENT,
        ssrc,
        rtxSsrc,
        extensions);
    if ((rtxPayloadType == NONE) != (rtxSsrc == NONE)) {
      throw new IllegalArgumentException("RTX needs a payload type and a source, or neither");
    }
  }

  /** The format that the receiver prefers. */
  public PayloadFormat preferred() {
    return formats.getFirst();
  }
}
