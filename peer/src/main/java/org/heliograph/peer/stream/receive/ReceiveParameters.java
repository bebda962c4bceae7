package org.heliograph.peer.stream.receive;

import java.util.List;
import java.util.Objects;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;

/**
 * What was negotiated for one media section in the receiving direction.
 *
 * @param mid the section's identification; packets that carry it belong here
 * @param formats the payload formats that may come, the preferred one first; of one clock rate
 * @param redundancy what spares asking for lost packets
 * @param ssrc the source that {@code a=ssrc} names, or {@link #NONE}: then the MID or the payload
 *     type tells
 * @param rtxSsrc the source of its retransmissions by {@code a=ssrc-group:FID}, or {@link #NONE}
 * @param extensions the header extensions that the section's packets carry; each section may have
 *     its own numbers for them
 */
public record ReceiveParameters(
    String mid,
    List<PayloadFormat> formats,
    Redundancy redundancy,
    long ssrc,
    long rtxSsrc,
    RtpExtensionMap extensions) {
  /** Stands for a payload type or a source that there is not. */
  public static final int NONE = -1;

  public ReceiveParameters {
    Objects.requireNonNull(mid, "mid");
    Objects.requireNonNull(extensions, "extensions");
    formats = List.copyOf(formats);
    if (formats.stream().mapToInt(each -> each.format().clockRate()).distinct().count() != 1) {
      throw new IllegalArgumentException("a section has formats of one clock rate");
    }
  }

  /** A section with one format and without header extensions. */
  public ReceiveParameters(
      String mid,
      MediaFormat format,
      int payloadType,
      int rtxPayloadType,
      long ssrc,
      long rtxSsrc,
      boolean nack,
      boolean pli) {
    this(
        mid,
        List.of(new PayloadFormat(format, payloadType, rtxPayloadType, nack, pli)),
        Redundancy.ABSENT,
        ssrc,
        rtxSsrc,
        RtpExtensionMap.empty());
  }

  /** The same with other header extensions. */
  public ReceiveParameters with(RtpExtensionMap others) {
    return new ReceiveParameters(mid, formats, redundancy, ssrc, rtxSsrc, others);
  }

  /** The format that is expected first. */
  public PayloadFormat preferred() {
    return formats.getFirst();
  }
}
