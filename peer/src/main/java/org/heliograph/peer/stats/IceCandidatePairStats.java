package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A pair of candidates (W3C {@code RTCIceCandidatePairStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param transportId the transport that it is of
 * @param localCandidateId the local candidate
 * @param remoteCandidateId the remote candidate
 * @param state {@code waiting}, {@code in-progress}, {@code succeeded} or {@code failed}
 * @param nominated whether it was nominated
 * @param packetsSent packets of media, RTCP, DTLS and data
 * @param packetsReceived packets of media and RTCP
 * @param bytesSent their bytes
 * @param bytesReceived their bytes
 * @param lastPacketSentTimestamp in milliseconds since 1970; null before the first
 * @param lastPacketReceivedTimestamp in milliseconds since 1970; null before the first
 * @param availableOutgoingBitrate the bandwidth estimate in bits per second; null for a pair that
 *     is not in use
 * @param requestsSent checks sent
 * @param requestsReceived checks received
 * @param responsesSent answers sent
 * @param responsesReceived answers received
 * @param totalRoundTripTime of all answered checks, in seconds
 * @param currentRoundTripTime of the last one, in seconds; null before it is known
 */
public record IceCandidatePairStats(
    String id,
    String type,
    double timestamp,
    String transportId,
    String localCandidateId,
    String remoteCandidateId,
    String state,
    boolean nominated,
    long packetsSent,
    long packetsReceived,
    long bytesSent,
    long bytesReceived,
    Double lastPacketSentTimestamp,
    Double lastPacketReceivedTimestamp,
    Double availableOutgoingBitrate,
    long requestsSent,
    long requestsReceived,
    long responsesSent,
    long responsesReceived,
    double totalRoundTripTime,
    Double currentRoundTripTime)
    implements Stats {}
