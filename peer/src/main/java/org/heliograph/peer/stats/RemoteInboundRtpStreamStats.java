package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * How the other side receives a stream, by its reports (W3C {@code
 * RTCRemoteInboundRtpStreamStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param ssrc the source
 * @param kind {@code audio} or {@code video}
 * @param transportId the transport that carries it
 * @param codecId its codec
 * @param localId the {@code outbound-rtp} object
 * @param packetsLost what it has lost
 * @param fractionLost the share that it lost between its last two reports, 0 to 1
 * @param jitter its interarrival jitter in seconds
 * @param roundTripTime the last one that a report told, in seconds; null before it is known
 * @param totalRoundTripTime the sum of all of them, in seconds
 * @param roundTripTimeMeasurements how many they are
 */
public record RemoteInboundRtpStreamStats(
    String id,
    String type,
    double timestamp,
    long ssrc,
    String kind,
    String transportId,
    String codecId,
    String localId,
    long packetsLost,
    double fractionLost,
    double jitter,
    Double roundTripTime,
    double totalRoundTripTime,
    long roundTripTimeMeasurements)
    implements Stats {}
