package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A data channel (W3C {@code RTCDataChannelStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param label the channel's label
 * @param protocol the channel's protocol
 * @param dataChannelIdentifier the channel's id; null while it has none
 * @param state W3C {@code RTCDataChannelState}
 * @param messagesSent messages given to be sent
 * @param bytesSent their octets
 * @param messagesReceived messages that came
 * @param bytesReceived their octets
 */
public record DataChannelStats(
    String id,
    String type,
    double timestamp,
    String label,
    String protocol,
    Integer dataChannelIdentifier,
    String state,
    long messagesSent,
    long bytesSent,
    long messagesReceived,
    long bytesReceived)
    implements Stats {}
