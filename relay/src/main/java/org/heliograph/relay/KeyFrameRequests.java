package org.heliograph.relay;

import java.time.Duration;

/**
 * Asks a sender for key frames. This is the only place where that is limited: however many
 * subscribers need one, and however often they say so, the sender is asked once a second at most. A
 * key frame costs every other subscriber some of the picture's quality.
 *
 * <p>Whoever is refused says so again with the next frame that it cannot use. What comes of the
 * last request is kept for a while ({@link RecentPictures}), so that who needs a key frame just
 * after it hardly ever waits for the next one.
 */
final class KeyFrameRequests {
  static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Runnable request;
  private boolean asked;
  private long askedNanos;

  /**
   * @param request asks the sender; must not block
   */
  KeyFrameRequests(Runnable request) {
    this.request = request;
  }

  /** Nothing can be shown before a key frame; from any thread. */
  void need(long nowNanos) {
    synchronized (this) {
      if (asked && nowNanos - askedNanos < INTERVAL.toNanos()) {
        return;
      }
      asked = true;
      askedNanos = nowNanos;
    }
    request.run(); // with no lock held: the key frame may come before it returns
  }
}
