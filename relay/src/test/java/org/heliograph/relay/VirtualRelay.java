package org.heliograph.relay;

import static org.heliograph.relay.Frames.MILLISECOND;

import java.util.Set;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/** A relay in virtual time. */
public final class VirtualRelay {
  static final Set<MediaKind> AUDIO = Set.of(MediaKind.AUDIO);
  public static final Set<MediaKind> VIDEO = Set.of(MediaKind.VIDEO);
  static final Set<MediaKind> BOTH = Set.of(MediaKind.AUDIO, MediaKind.VIDEO);

  final MediaRelay relay;
  int keyFrameRequests;
  private long nowMillis = 1_000_000;
  private long answerMillis = -1;
  private long answerDueMillis = Long.MAX_VALUE;
  private long askedMillis = Long.MIN_VALUE / 2;
  private long firstAskedMillis = -1;
  private long smallestIntervalMillis = Long.MAX_VALUE;
  private boolean ticking;
  private Runnable tick = () -> {};

  VirtualRelay() {
    relay =
        new MediaRelay(
            this::keyFrameRequested,
            () -> nowMillis * MILLISECOND,
            task -> {
              tick = task;
              ticking = true;
              return () -> ticking = false;
            });
  }

  private void keyFrameRequested() {
    keyFrameRequests++;
    smallestIntervalMillis = Math.min(smallestIntervalMillis, nowMillis - askedMillis);
    askedMillis = nowMillis;
    if (firstAskedMillis < 0) {
      firstAskedMillis = nowMillis;
    }
    if (answerMillis >= 0) {
      answerDueMillis = Math.min(answerDueMillis, nowMillis + answerMillis);
    }
  }

  /** From now on {@link #run}'s sender sends a key frame so long after it is asked. */
  void answerAfter(long millis) {
    answerMillis = millis;
  }

  /** The smallest time between two requests. */
  long smallestRequestIntervalMillis() {
    return smallestIntervalMillis;
  }

  /** The time since the first request. */
  long askedForMillis() {
    return nowMillis - firstAskedMillis;
  }

  boolean isTicking() {
    return ticking;
  }

  FakeSubscriber subscribe(MediaFormat format) {
    var subscriber = new FakeSubscriber();
    relay.subscribe(format, subscriber);
    return subscriber;
  }

  /** Lets time pass, tick by tick. */
  void pass(long millis) {
    for (long end = nowMillis + millis; nowMillis < end; ) {
      nowMillis = Math.min(end, nowMillis + MediaRelay.TICK.toMillis());
      if (ticking) {
        tick.run();
      }
    }
  }

  void video(MediaFrame frame) {
    relay.publish(MediaKind.VIDEO, frame);
  }

  void audio(MediaFrame frame) {
    relay.publish(MediaKind.AUDIO, frame);
  }

  /** What time it is here. */
  long nowNanos() {
    return nowMillis * MILLISECOND;
  }

  /** The sender's clock as the frames of {@link #run} use it, which has its own zero. */
  long senderMillis() {
    return nowMillis - 400_000;
  }

  /** A call goes on: 50 sounds and, without key frames, 25 pictures a second. */
  void run(Set<MediaKind> kinds, long millis) {
    for (long end = nowMillis + millis; nowMillis < end; ) {
      pass(20);
      if (kinds.contains(MediaKind.AUDIO)) {
        audio(Frames.audio(senderMillis()));
      }
      if (kinds.contains(MediaKind.VIDEO) && senderMillis() % 40 == 0) {
        if (nowMillis >= answerDueMillis) {
          answerDueMillis = Long.MAX_VALUE;
          key();
        } else {
          video(Frames.delta(senderMillis()));
        }
      }
    }
  }

  /** The sender sends a key frame now. */
  void key() {
    video(Frames.key(senderMillis()));
  }
}
