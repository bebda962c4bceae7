package org.heliograph.peer;

import java.util.List;
import org.heliograph.peer.sdp.Attribute;

/**
 * How a transceiver's sender is known to the other side: its RTP sources and its names.
 *
 * @param ssrc the media's synchronization source
 * @param rtxSsrc that of its retransmissions
 * @param cname the canonical name that all sources of this side share (RFC 3550 6.5.1)
 * @param streamId the media stream that all tracks of this side belong to (RFC 8830)
 * @param trackId the track
 */
record SourceIdentity(long ssrc, long rtxSsrc, String cname, String streamId, String trackId) {

  /** The line that tells the names (RFC 8830 2). */
  Attribute msid() {
    return new Attribute.Msid(streamId, trackId);
  }

  /** The lines that tell them (RFC 8830 2, RFC 5576 4). */
  List<Attribute> attributes(boolean retransmitted) {
    Attribute msid = msid();
    Attribute media = new Attribute.Ssrc(ssrc, "cname", cname);
    if (!retransmitted) {
      return List.of(msid, media);
    }
    return List.of(
        msid,
        new Attribute.SsrcGroup(Attribute.SsrcGroup.FLOW_IDENTIFICATION, List.of(ssrc, rtxSsrc)),
        media,
        new Attribute.Ssrc(rtxSsrc, "cname", cname));
  }
}
