package org.heliograph.peer.ice;

import java.time.Duration;
import java.util.Optional;

/**
 * A candidate pair's figures (W3C {@code RTCIceCandidatePairStats}).
 *
 * @param state {@code waiting}, {@code in-progress}, {@code succeeded} or {@code failed}
 * @param nominated whether the controlling agent has nominated the pair
 * @param selected whether data takes this pair
 * @param requestsSent checks sent, retransmissions not counted; each received check is answered, so
 *     {@code requestsReceived} counts the responses sent, too
 * @param roundTripTime that of the last check that tells it
 */
public record PairStatistics(
    Candidate local,
    Candidate remote,
    String state,
    boolean nominated,
    boolean selected,
    long requestsSent,
    long requestsReceived,
    long responsesReceived,
    Duration totalRoundTripTime,
    Optional<Duration> roundTripTime) {}
