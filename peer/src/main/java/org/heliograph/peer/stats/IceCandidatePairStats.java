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
    long requestsSent,
    long requestsReceived,
    long responsesSent,
    long responsesReceived,
    double totalRoundTripTime,
    Double currentRoundTripTime)
    implements Stats {}
