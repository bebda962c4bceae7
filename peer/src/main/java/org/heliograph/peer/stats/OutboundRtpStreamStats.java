package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A stream that is sent (W3C {@code RTCOutboundRtpStreamStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param ssrc the source
 * @param kind {@code audio} or {@code video}
 * @param transportId the transport that carries it
 * @param codecId its codec
 * @param mid its media section
 * @param remoteId the {@code remote-inbound-rtp} object; null before the first report
 * @param packetsSent RTP packets
 * @param bytesSent payload bytes
 * @param retransmittedPacketsSent packets sent again
 * @param retransmittedBytesSent their payload bytes
 * @param rtxSsrc the source of retransmissions; null where there is none
 * @param framesSent frames
 * @param active whether the section's direction lets it send
 * @param nackCount NACK packets received
 * @param pliCount PLI packets received
 * @param firCount FIR commands received
 */
public record OutboundRtpStreamStats(
    String id,
    String type,
    double timestamp,
    long ssrc,
    String kind,
    String transportId,
    String codecId,
    String mid,
    String remoteId,
    long packetsSent,
    long bytesSent,
    long retransmittedPacketsSent,
    long retransmittedBytesSent,
    Long rtxSsrc,
    long framesSent,
    boolean active,
    long nackCount,
    long pliCount,
    long firCount)
    implements Stats {}
