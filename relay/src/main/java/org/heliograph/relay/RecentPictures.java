package org.heliograph.relay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The pictures from the last key frame on, for who begins to watch: it is shown a whole picture at
 * once, and nobody has to be asked for a key frame. They are kept only while they are few, because
 * whoever begins with them has to decode all of them first, in the time in which the sender could
 * have answered (docs/media-protocol.md has the measurement).
 *
 * <p>What is kept are the frames themselves, not copies.
 */
final class RecentPictures {
  /** How long ago the key frame may have come: a request's interval, and its answer's time. */
  static final Duration MAX_AGE = Duration.ofSeconds(2);

  static final int MAX_PICTURES = 60;
  static final int MAX_BYTES = 1 << 20;

  private final List<RelayedFrame> pictures = new ArrayList<>();
  private long bytes;

  /** Takes the next picture. */
  synchronized void add(RelayedFrame picture) {
    if (picture.frame().key()) {
      clear();
    } else if (pictures.isEmpty()) {
      return;
    }
    pictures.add(picture);
    bytes += picture.payloadBytes();
    if (bytes > MAX_BYTES || pictures.size() > MAX_PICTURES || isOld(picture.arrivedNanos())) {
      clear();
    }
  }

  /** Forgets everything, until the next key frame. */
  synchronized void clear() {
    pictures.clear();
    bytes = 0;
  }

  /** The pictures from the last key frame to the latest; empty if it is too long ago. */
  synchronized List<RelayedFrame> since(long nowNanos) {
    if (!pictures.isEmpty() && isOld(nowNanos)) {
      clear();
    }
    return List.copyOf(pictures);
  }

  private boolean isOld(long nowNanos) {
    return nowNanos - pictures.getFirst().arrivedNanos() > MAX_AGE.toNanos();
  }
}
