package org.heliograph.agent.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscriber of a {@link MediaRelay}: frames in, messages out. Any thread may call it, none
 * waits: a lock is held for as long as it takes to pack a frame and to hand messages to a
 * connection that does not block.
 *
 * <p>A subscriber that cannot keep up loses everything that waits for it and begins anew with a key
 * frame; one that cannot for long is closed.
 */
final class Subscription {
  /** How long a connection may send nothing of what it was given. */
  static final Duration MAX_STUCK = Duration.ofSeconds(10);

  /** How long a subscriber may fall behind again and again. */
  static final Duration MAX_BEHIND = Duration.ofSeconds(15);

  /** After so long without falling behind, a subscriber has caught up. */
  static final Duration CAUGHT_UP = Duration.ofSeconds(5);

  /** A page that asks for a key frame again sooner only asks for the same one. */
  static final Duration RESTART_INTERVAL = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  private final MediaFormat format;
  private final SubscriberSink sink;
  private final LongSupplier clock;
  private final Supplier<Set<MediaKind>> expected;
  private final BooleanSupplier soundKnown;
  private final Runnable keyFrameRequest;
  private final Runnable closed;
  private final Outbox outbox;
  private final Packaging packaging;

  private int depth;
  private boolean draining;
  private boolean begun;
  private boolean keyFrameNeeded;
  private boolean paused;
  private boolean open = true;
  private boolean complained;
  private boolean fellBehind;
  private long behindSinceNanos;
  private long lastBehindNanos;
  private boolean restarted;
  private long lastRestartNanos;
  private long dropped;
  private long descriptions;
  private Optional<SubscriberStats.Feedback> feedback = Optional.empty();

  /**
   * @param clock nanoseconds of a monotonic clock
   * @param expected the kinds that the sender is negotiated to send now
   * @param soundKnown whether the sender has been heard already, though it may be muted now
   * @param keyFrameRequest asks the sender for a key frame; called without the lock
   * @param closed runs once, when the subscription is over
   */
  Subscription(
      MediaFormat format,
      SubscriberSink sink,
      LongSupplier clock,
      Supplier<Set<MediaKind>> expected,
      BooleanSupplier soundKnown,
      Runnable keyFrameRequest,
      Runnable closed) {
    this.format = format;
    this.sink = sink;
    this.clock = clock;
    this.expected = expected;
    this.soundKnown = soundKnown;
    this.keyFrameRequest = keyFrameRequest;
    this.closed = closed;
    this.outbox = new Outbox(sink, this::sent);
    this.packaging =
        switch (format) {
          case WEBM -> new WebmPackaging(new PackagingOutput());
          case FRAMES -> new FramesPackaging(new PackagingOutput());
        };
  }

  /** Begins: with the call's state, if there is one, and with a key frame. */
  void begin(Supplier<Optional<String>> stateMessage) {
    run(
        now -> {
          begun = true;
          stateMessage.get().ifPresent(outbox::text);
          packaging.expect(expected.get(), now);
          if (soundKnown.getAsBoolean()) {
            packaging.soundIsKnown();
          }
          packaging.restart(now);
        });
  }

  /** What is expected has changed. */
  void expectedHasChanged() {
    run(now -> packaging.expect(expected.get(), now));
  }

  /** A frame has come; never throws and never blocks. */
  void frame(MediaKind kind, MediaFrame frame) {
    run(
        now -> {
          if (begun && !paused) {
            packaging.frame(kind, frame, now);
            dropIfBehind(now);
          }
        });
  }

  /** Time has passed. */
  void tick() {
    run(
        now -> {
          if (begun && !paused) {
            packaging.tick(now);
            dropIfBehind(now);
          }
          if (outbox.stuckFor(now).compareTo(MAX_STUCK) > 0) {
            close(CloseReason.TOO_SLOW);
          }
        });
  }

  /** A text message that no falling behind can lose. */
  void text(String message) {
    run(_ -> outbox.text(message));
  }

  /** The last message, after which the connection is closed. */
  void end(String message) {
    run(
        now -> {
          outbox.dropMedia();
          outbox.text(message);
          outbox.drain(now);
          close(CloseReason.ENDED);
        });
  }

  /** The connection is gone. */
  void cancel() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
      outbox.dropMedia();
    }
    closed.run();
  }

  /** The page says something; what is malformed is ignored, with a line in the log. */
  void page(String text) {
    PageMessage message;
    try {
      Optional<PageMessage> parsed = PageMessage.parse(text);
      if (parsed.isEmpty()) {
        return;
      }
      message = parsed.get();
    } catch (IllegalArgumentException e) {
      complain(e);
      return;
    }
    run(
        now -> {
          switch (message) {
            case PageMessage.KeyFrame _ -> {
              if (!restarted || now - lastRestartNanos > RESTART_INTERVAL.toNanos()) {
                restart(now);
              }
            }
            case PageMessage.Pause _ -> {
              paused = true;
              outbox.dropMedia();
            }
            case PageMessage.Resume _ -> {
              if (paused) {
                paused = false;
                restart(now);
              }
            }
            case PageMessage.Feedback(SubscriberStats.Feedback figures) ->
                feedback = Optional.of(figures);
          }
        });
  }

  synchronized SubscriberStats stats() {
    return new SubscriberStats(
        format,
        outbox.sentMessages(),
        dropped,
        outbox.sentBytes(),
        outbox.waitingBytes(),
        descriptions,
        feedback);
  }

  private interface Step {
    void at(long nowNanos);
  }

  // What belongs to others is called without the lock, so that no two locks are ever held at once.
  private void run(Step step) {
    boolean over;
    boolean request;
    synchronized (this) {
      if (!open) {
        return;
      }
      depth++;
      try {
        step.at(clock.getAsLong());
        drain();
      } catch (RuntimeException e) {
        LOG.error("A subscriber is closed, because its media cannot be packed.", e);
        close(CloseReason.FAILED);
      } finally {
        depth--;
      }
      if (depth > 0) {
        return; // a connection said at once that a message has left; the outer call goes on
      }
      over = !open;
      request = keyFrameNeeded;
      keyFrameNeeded = false;
    }
    if (over) {
      closed.run();
    } else if (request) {
      keyFrameRequest.run();
    }
  }

  private void sent() {
    run(outbox::sent);
  }

  private void drain() {
    if (draining || !open) {
      return;
    }
    draining = true;
    try {
      outbox.drain(clock.getAsLong());
    } finally {
      draining = false;
    }
  }

  private void dropIfBehind(long now) {
    drain();
    if (!outbox.isOverfull(now)) {
      return;
    }
    if (!fellBehind || now - lastBehindNanos > CAUGHT_UP.toNanos()) {
      behindSinceNanos = now;
    }
    fellBehind = true;
    lastBehindNanos = now;
    if (now - behindSinceNanos > MAX_BEHIND.toNanos()) {
      close(CloseReason.TOO_SLOW);
    } else {
      restart(now);
    }
  }

  private void restart(long now) {
    dropped += outbox.dropMedia();
    packaging.restart(now);
    restarted = true;
    lastRestartNanos = now;
  }

  private void close(CloseReason reason) {
    if (open) {
      open = false;
      dropped += outbox.dropMedia();
      sink.close(reason);
    }
  }

  private synchronized void complain(IllegalArgumentException e) {
    if (complained) {
      LOG.debug("A page's message is ignored: {}", e.getMessage());
    } else {
      complained = true;
      LOG.warn("A page's message is ignored, and further ones silently: {}", e.getMessage());
    }
  }

  private final class PackagingOutput implements Packaging.Output {
    @Override
    public void describe(String message) {
      descriptions++;
      outbox.description(message);
    }

    @Override
    public void media(ByteBuffer message) {
      outbox.media(message, clock.getAsLong());
    }

    @Override
    public void dropped() {
      dropped++;
    }

    @Override
    public void keyFrameNeeded() {
      keyFrameNeeded = true;
    }
  }
}
