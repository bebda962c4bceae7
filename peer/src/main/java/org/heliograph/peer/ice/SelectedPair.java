package org.heliograph.peer.ice;

import java.net.InetSocketAddress;

/**
 * The path that data takes.
 *
 * @param local what to send from: the very instance that was given to {@link
 *     IceAgent#addLocalAddress}, so that a driver may look its socket up once for each pair
 * @param remote what to send to
 * @param localCandidate the local candidate, which behind a NAT is the address outside of it
 * @param remoteCandidate the remote candidate
 */
public record SelectedPair(
    InetSocketAddress local,
    InetSocketAddress remote,
    Candidate localCandidate,
    Candidate remoteCandidate) {}
