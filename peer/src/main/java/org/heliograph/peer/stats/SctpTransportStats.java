package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * The transport of the data channels (W3C {@code RTCSctpTransportStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param transportId the DTLS transport's object
 * @param smoothedRoundTripTime in seconds; null before it was measured
 * @param congestionWindow in octets
 * @param receiverWindow the other side's, in octets
 * @param mtu the longest SCTP packet, in octets
 * @param unackData chunks sent and not acknowledged
 */
public record SctpTransportStats(
    String id,
    String type,
    double timestamp,
    String transportId,
    Double smoothedRoundTripTime,
    long congestionWindow,
    long receiverWindow,
    int mtu,
    long unackData)
    implements Stats {}
