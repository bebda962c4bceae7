package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * A codec in use (W3C {@code RTCCodecStats}).
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param payloadType the payload type
 * @param transportId the transport that carries it
 * @param mimeType such as {@code video/VP8}
 * @param clockRate the RTP clock in Hz
 * @param channels the channels of audio; null for video
 * @param sdpFmtpLine the other side's wishes; null where it has none
 */
public record CodecStats(
    String id,
    String type,
    double timestamp,
    long payloadType,
    String transportId,
    String mimeType,
    long clockRate,
    Integer channels,
    String sdpFmtpLine)
    implements Stats {}
