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
 * @param rid its name among the streams of a simulcast sender; null without simulcast
 * @param mediaSourceId what it is made from
 * @param remoteId the {@code remote-inbound-rtp} object; null before the first report
 * @param packetsSent RTP packets, retransmissions among them
 * @param bytesSent payload bytes, retransmissions among them
 * @param headerBytesSent bytes of their RTP headers and padding
 * @param retransmittedPacketsSent packets sent again
 * @param retransmittedBytesSent their payload bytes
 * @param rtxSsrc the source of retransmissions; null where there is none
 * @param framesEncoded pictures that were given to be sent; null for audio
 * @param keyFramesEncoded key frames that were sent; null for audio
 * @param framesSent pictures that were sent; null for audio
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
    String rid,
    String mediaSourceId,
    String remoteId,
    long packetsSent,
    long bytesSent,
    long headerBytesSent,
    long retransmittedPacketsSent,
    long retransmittedBytesSent,
    Long rtxSsrc,
    Long framesEncoded,
    Long keyFramesEncoded,
    Long framesSent,
    boolean active,
    long nackCount,
    long pliCount,
    long firCount)
    implements Stats {}
