package org.heliograph.peer.stats;

import org.heliograph.peer.Stats;

/**
 * What a sender sends (W3C {@code RTCMediaSourceStats}). Of the pictures' size and the sound's
 * energy a connection knows nothing: it is given encoded frames.
 *
 * @param id the object's identification
 * @param type the object's type
 * @param timestamp in milliseconds since 1970
 * @param trackIdentifier the track, as the session description names it
 * @param kind {@code audio} or {@code video}
 * @param frames pictures that were given to be sent, of simulcast those of one stream; null for
 *     audio
 */
public record MediaSourceStats(
    String id, String type, double timestamp, String trackIdentifier, String kind, Long frames)
    implements Stats {}
