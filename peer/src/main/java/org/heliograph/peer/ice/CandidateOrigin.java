package org.heliograph.peer.ice;

import java.util.Optional;

/**
 * Which server a local candidate is from.
 *
 * @param url the server's
 * @param relayProtocol how this side reaches the relay, {@code udp}, {@code tcp} or {@code tls};
 *     empty where the server is no relay for the candidate
 */
public record CandidateOrigin(String url, Optional<String> relayProtocol) {}
