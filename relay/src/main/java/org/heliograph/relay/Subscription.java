package org.heliograph.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.heliograph.peer.MediaKind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subscriber of a {@link MediaRelay}: frames in, messages out. Any thread may call it, none
 * waits: a lock is held for as long as it takes to pack a frame and to hand messages to a
 * connection that does not block.
 *
 * <p>A subscriber that cannot keep up loses everything that waits for it. While it takes nothing,
 * nothing is packed for it, and no key frame is asked for on its account; when its connection has
 * sent all that it had been given, it begins anew. One that cannot keep up for long is closed.
 */
public final class Subscription {
  /** The sender, as its subscribers see it. */
  interface Source {
    /** The kinds that the sender is negotiated to send now. */
    Set<MediaKind> expected();

    /** Whether the sender has been heard already, though it may be muted now. */
    boolean soundIsKnown();

    /** The pictures from the last key frame to the latest, if they are few; else empty. */
    List<RelayedFrame> recentPictures(long nowNanos);

    /** Nothing can be shown before a key frame; called without the subscription's lock. */
    void keyFrameNeeded(long nowNanos);

    /** The subscription is over; called once, without its lock. */
    void closed(Subscription subscription);
  }

  /** How long a connection may send nothing of what it was given. */
  public static final Duration MAX_STUCK = Duration.ofSeconds(10);

  /** How long a subscriber may fall behind again and again. */
  static final Duration MAX_BEHIND = Duration.ofSeconds(15);

  /** After so long without falling behind, a subscriber has caught up. */
  static final Duration CAUGHT_UP = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

  private final MediaFormat format;
  private final SubscriberSink sink;
  private final LongSupplier clock;
  private final Source source;
  private final Outbox outbox;
  private final Packaging packaging;

  private int depth;
  private boolean draining;
  private boolean begun;
  private boolean keyFrameNeeded;
  private boolean paused;
  private boolean open = true;
  private boolean complained;

  /** Too much waited, and what was given to the connection has not left yet. */
  private boolean stalled;

  private boolean fellBehind;
  private long behindSinceNanos;
  private long lastBehindNanos;

  /** The key frame and the last frame of the past that was last begun with. */
  private long pastFrom = -1;

  private long pastTo = -1;
  private long dropped;
  private long descriptions;
  private Optional<SubscriberStats.Feedback> feedback = Optional.empty();

  /**
   * @param clock nanoseconds of a monotonic clock
   */
  Subscription(MediaFormat format, SubscriberSink sink, LongSupplier clock, Source source) {
    this.format = format;
    this.sink = sink;
    this.clock = clock;
    this.source = source;
    this.outbox = new Outbox(sink, this::sent);
    this.packaging =
        switch (format) {
          case WEBM -> new WebmPackaging(new PackagingOutput());
          case FRAMES -> new FramesPackaging(new PackagingOutput(), false);
          case FRAMES_PCM -> new FramesPackaging(new PackagingOutput(), DecodedSound.isAvailable());
        };
  }

  /** Begins: with the call's state, if there is one, and with a key frame. */
  void begin(Supplier<Optional<String>> stateMessage) {
    run(
        now -> {
          begun = true;
          stateMessage.get().ifPresent(outbox::text);
          packaging.expect(source.expected(), now);
          if (source.soundIsKnown()) {
            packaging.soundIsKnown();
          }
          restart(now);
        });
  }

  /** What is expected has changed. */
  void expectedHasChanged() {
    run(now -> packaging.expect(source.expected(), now));
  }

  /** A frame has come; never throws and never blocks. */
  void frame(RelayedFrame frame) {
    run(
        now -> {
          if (isServed() && !isPast(frame)) {
            packaging.frame(frame, now);
            dropIfBehind(now);
          }
        });
  }

  /** Time has passed. */
  void tick() {
    run(
        now -> {
          if (isServed()) {
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
  public void cancel() {
    synchronized (this) {
      if (!open) {
        return;
      }
      open = false;
      outbox.dropMedia();
    }
    source.closed(this);
  }

  /** The page says something; what is malformed is ignored, with a line in the log. */
  public void page(String text) {
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
              if (isServed()) {
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
                if (isServed()) {
                  restart(now);
                }
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
        outbox.heldBytes(),
        descriptions,
        feedback);
  }

  private interface Step {
    void at(long nowNanos);
  }

  // What belongs to others is called without the lock, so that no two locks are ever held at once;
  // but for the sound's decoder, which all subscriptions share, and which calls nobody.
  private void run(Step step) {
    long now = clock.getAsLong();
    boolean over;
    boolean request;
    synchronized (this) {
      if (!open) {
        return;
      }
      depth++;
      try {
        step.at(now);
        drain(now);
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
      source.closed(this);
    } else if (request) {
      source.keyFrameNeeded(now);
    }
  }

  private void sent() {
    run(
        now -> {
          outbox.sent(now);
          if (stalled && outbox.isIdle()) {
            stalled = false;
            if (isServed()) {
              restart(now);
            }
          }
        });
  }

  private boolean isServed() {
    return begun && !paused && !stalled;
  }

  /** Whether the subscriber began with it, before it was its turn. */
  private boolean isPast(RelayedFrame frame) {
    return frame.kind() == MediaKind.VIDEO && frame.number() <= pastTo;
  }

  private void drain(long now) {
    if (draining || !open) {
      return;
    }
    draining = true;
    try {
      outbox.drain(now);
    } finally {
      draining = false;
    }
  }

  private void dropIfBehind(long now) {
    drain(now);
    if (!outbox.isOverfull(now)) {
      return;
    }
    if (!fellBehind || now - lastBehindNanos > CAUGHT_UP.toNanos()) {
      behindSinceNanos = now;
    }
    fellBehind = true;
    lastBehindNanos = now;
    if (!sink.canBeginAnew() || now - behindSinceNanos > MAX_BEHIND.toNanos()) {
      close(CloseReason.TOO_SLOW);
    } else {
      stalled = true;
      dropped += outbox.dropMedia();
    }
  }

  /**
   * Begins anew: with the recent pictures, unless the subscriber has begun with their key frame
   * already, which then has not helped it.
   */
  private void restart(long now) {
    dropped += outbox.dropMedia();
    List<RelayedFrame> past = source.recentPictures(now);
    if (!past.isEmpty()) {
      boolean again = past.getFirst().number() == pastFrom;
      pastFrom = past.getFirst().number();
      pastTo = past.getLast().number();
      past = again ? List.of() : past;
    }
    packaging.restart(past, now);
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
