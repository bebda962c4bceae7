package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A stream that is received (W3C {@code RTCInboundRtpStreamStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param ssrc the source
 * @param kind {@code audio} or {@code video}
 * @param transportId the transport that carries it
 * @param codecId its codec
 * @param mid its media section
 * @param remoteId the {@code remote-outbound-rtp} object; null before the first sender report
 * @param packetsReceived RTP packets
 * @param packetsLost signed, as RFC 3550 A.3 counts
 * @param jitter the interarrival jitter in seconds
 * @param bytesReceived payload bytes
 * @param packetsDiscarded packets that came too late or twice
 * @param retransmittedPacketsReceived packets that a retransmission brought
 * @param framesReceived whole frames
 * @param framesDropped frames that were lost, or needed one that was
 * @param nackCount NACK packets sent
 * @param pliCount PLI packets sent
 */
public record InboundRtpStreamStats(
    String id,
    String type,
    double timestamp,
    long ssrc,
    String kind,
    String transportId,
    String codecId,
    String mid,
    String remoteId,
    long packetsReceived,
    long packetsLost,
    double jitter,
    long bytesReceived,
    long packetsDiscarded,
    long retransmittedPacketsReceived,
    long framesReceived,
    long framesDropped,
    long nackCount,
    long pliCount)
    implements Stats {}
