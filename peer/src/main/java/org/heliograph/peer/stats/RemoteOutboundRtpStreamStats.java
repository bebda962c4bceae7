package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * How the other side sends a stream, by its reports (W3C {@code RTCRemoteOutboundRtpStreamStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param ssrc the source
 * @param kind {@code audio} or {@code video}
 * @param transportId the transport that carries it
 * @param codecId its codec
 * @param localId the {@code inbound-rtp} object
 * @param packetsSent RTP packets
 * @param bytesSent payload bytes
 * @param remoteTimestamp when the last report was made, by the other side's clock, in milliseconds
 *     since 1970
 * @param reportsSent sender reports
 */
public record RemoteOutboundRtpStreamStats(
    String id,
    String type,
    double timestamp,
    long ssrc,
    String kind,
    String transportId,
    String codecId,
    String localId,
    long packetsSent,
    long bytesSent,
    double remoteTimestamp,
    long reportsSent)
    implements Stats {}
