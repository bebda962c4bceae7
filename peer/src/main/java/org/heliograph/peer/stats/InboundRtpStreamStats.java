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
 * @param trackIdentifier the track by the other side's name; null where it names none
 * @param remoteId the {@code remote-outbound-rtp} object; null before the first sender report
 * @param packetsReceived RTP packets, retransmissions among them
 * @param packetsLost signed, as RFC 3550 A.3 counts
 * @param jitter the interarrival jitter in seconds
 * @param bytesReceived payload bytes, retransmissions among them
 * @param headerBytesReceived bytes of their RTP headers and padding
 * @param lastPacketReceivedTimestamp when the last one came, in milliseconds since 1970
 * @param packetsDiscarded packets that came too late or twice
 * @param retransmittedPacketsReceived packets that a retransmission brought
 * @param retransmittedBytesReceived their payload bytes
 * @param fecPacketsReceived packets of forward error correction, or copies in redundant audio
 * @param fecBytesReceived the payload bytes of the former; null before the first
 * @param fecPacketsDiscarded those that were not needed, or not enough
 * @param rtxSsrc the source of retransmissions; null before the first
 * @param framesReceived whole pictures; null for audio
 * @param framesDropped pictures that were lost, or needed one that was; null for audio
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
    String trackIdentifier,
    String remoteId,
    long packetsReceived,
    long packetsLost,
    double jitter,
    long bytesReceived,
    long headerBytesReceived,
    double lastPacketReceivedTimestamp,
    long packetsDiscarded,
    long retransmittedPacketsReceived,
    long retransmittedBytesReceived,
    long fecPacketsReceived,
    Long fecBytesReceived,
    long fecPacketsDiscarded,
    Long rtxSsrc,
    Long framesReceived,
    Long framesDropped,
    long nackCount,
    long pliCount)
    implements Stats {}
