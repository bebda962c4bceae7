package org.heliograph.relay;

import java.util.Optional;

/**
 * One subscriber's figures, since it came.
 *
 * @param format what it is sent
 * @param framesSent frames handed to the socket
 * @param framesDropped frames that it was too slow for, or that came out of order
 * @param bytesSent bytes of binary messages handed to the socket
 * @param queuedBytes bytes that wait for the socket now, or that it has not sent yet
 * @param restarts init segments, or lists of tracks, that it was sent
 * @param feedback what the page told last, if anything
 */
public record SubscriberStats(
    MediaFormat format,
    long framesSent,
    long framesDropped,
    long bytesSent,
    long queuedBytes,
    long restarts,
    Optional<Feedback> feedback) {

  /**
   * What the page's player tells about itself.
   *
   * @param bufferedSeconds how much is buffered ahead of the player's clock
   * @param framesShown frames shown so far
   * @param framesDropped frames that the player dropped so far
   * @param clockSeconds the player's clock
   */
  public record Feedback(
      double bufferedSeconds, long framesShown, long framesDropped, double clockSeconds) {}
}
