package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A candidate (W3C {@code RTCIceCandidateStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param transportId the transport that it is of
 * @param address the address, or the name that stands for it
 * @param port the port
 * @param protocol {@code udp} or {@code tcp}
 * @param candidateType {@code host}, {@code srflx}, {@code prflx} or {@code relay}
 * @param priority RFC 8445 5.1.2
 * @param foundation RFC 8445 5.1.1.3
 * @param relatedAddress the base or the mapped address; null where there is none
 * @param relatedPort its port; null where there is none
 * @param tcpType {@code active}, {@code passive} or {@code so}; null for UDP
 * @param url the server that it is from; null for a remote one, or one that is from none
 * @param relayProtocol how this side reaches that server, where it relays: {@code udp}, {@code tcp}
 *     or {@code tls}; null for any other candidate
 * @param usernameFragment the generation that it belongs to; null where unknown
 */
public record IceCandidateStats(
    String id,
    String type,
    double timestamp,
    String transportId,
    String address,
    int port,
    String protocol,
    String candidateType,
    long priority,
    String foundation,
    String relatedAddress,
    Integer relatedPort,
    String tcpType,
    String url,
    String relayProtocol,
    String usernameFragment)
    implements Stats {}
