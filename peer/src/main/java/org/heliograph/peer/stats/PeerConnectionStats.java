package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * The connection as a whole (W3C {@code RTCPeerConnectionStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param dataChannelsOpened how many data channels have been open
 * @param dataChannelsClosed how many of them no longer are
 */
public record PeerConnectionStats(
    String id, String type, double timestamp, long dataChannelsOpened, long dataChannelsClosed)
    implements Stats {}
