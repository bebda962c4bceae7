package org.heliograph.peer.sctp;

/**
 * The figures of an association.
 *
 * @param smoothedRoundTripNanos 0 before the first measurement
 * @param congestionWindow in octets
 * @param receiverWindow the other side's, in octets
 * @param maxPacketLength the longest SCTP packet sent
 * @param unacknowledgedChunks DATA chunks sent and not acknowledged
 */
public record SctpStatistics(
    long smoothedRoundTripNanos,
    long congestionWindow,
    long receiverWindow,
    int maxPacketLength,
    long unacknowledgedChunks) {}
