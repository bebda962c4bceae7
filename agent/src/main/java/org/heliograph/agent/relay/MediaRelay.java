package org.heliograph.agent.relay;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/**
 * Hands one sender's frames on to any number of subscribers, none of which can slow it, or another.
 * Each has its own queue and its own WebM or frames, which begin with a key frame. A frame's
 * payload is copied once for each subscriber, into the message that is sent.
 */
public final class MediaRelay {
  /** More pages than anyone watches a call in. */
  static final int MAX_SUBSCRIBERS = 16;

  /** How often subscribers are told that time passes. */
  static final Duration TICK = Duration.ofMillis(20);

  /** Runs a task again and again. */
  interface Ticker {
    /** Starts; the result stops it. */
    Runnable start(Runnable task);
  }

  private static final ScheduledExecutorService TICKS = ticks();

  private final Runnable keyFrameRequest;
  private final LongSupplier clock;
  private final Ticker ticker;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  // A subscription that begins reads these after it was added to the list, and a change of them is
  // told to the list afterwards: so none is missed, without a lock around both.
  private volatile Set<MediaKind> expected = Set.of(MediaKind.values());
  private volatile boolean soundKnown;
  private volatile Optional<String> stateMessage = Optional.empty();
  private volatile Optional<String> endMessage = Optional.empty();

  private final Object ticksLock = new Object();
  private Runnable stopTicks;

  /**
   * @param keyFrameRequest asks the sender for a key frame; called from any thread, must not block,
   *     and limits its own rate
   */
  public MediaRelay(Runnable keyFrameRequest) {
    this(keyFrameRequest, System::nanoTime, MediaRelay::everyTick);
  }

  /** A relay whose time is what the clock and the ticker make of it. */
  MediaRelay(Runnable keyFrameRequest, LongSupplier clock, Ticker ticker) {
    this.keyFrameRequest = Objects.requireNonNull(keyFrameRequest, "keyFrameRequest");
    this.clock = clock;
    this.ticker = ticker;
  }

  /**
   * Says which kinds the sender is negotiated to send from now on; from any thread. Until it is
   * said, both are expected. A kind that is not expected is not handed on, and none waits for it.
   */
  public void expect(Set<MediaKind> kinds) {
    expected = Set.copyOf(kinds);
    if (!kinds.contains(MediaKind.AUDIO)) {
      soundKnown = false;
    }
    subscriptions.forEach(Subscription::expectedHasChanged);
  }

  /**
   * Hands a frame on; never blocks and never throws. One that is older than the one before of its
   * kind is dropped, and so is one after {@link #end}.
   */
  public void publish(MediaKind kind, MediaFrame frame) {
    if (kind == MediaKind.AUDIO && !soundKnown) {
      soundKnown = expected.contains(MediaKind.AUDIO);
    }
    for (Subscription subscription : subscriptions) {
      subscription.frame(kind, frame);
    }
  }

  /** Tells the call's state to every subscriber, and to each later one when it comes. */
  public void state(String state) {
    String message = RelayMessage.state(state);
    stateMessage = Optional.of(message);
    subscriptions.forEach(subscription -> subscription.text(message));
  }

  /**
   * Ends every subscription with {@code {"type":"ended"}} and close code 1000, and each later one
   * at once; does nothing the second time.
   */
  public void end(String reason) {
    if (endMessage.isEmpty()) {
      String message = RelayMessage.ended(reason);
      endMessage = Optional.of(message);
      subscriptions.forEach(subscription -> subscription.end(message));
    }
  }

  /** The figures of each subscriber there is. */
  public List<SubscriberStats> stats() {
    return subscriptions.stream().map(Subscription::stats).toList();
  }

  /**
   * Adds a subscriber.
   *
   * @return empty if the call is over or there are too many; the sink has been told then
   */
  Optional<Subscription> subscribe(MediaFormat format, SubscriberSink sink) {
    var leaving = new AtomicReference<Subscription>();
    var subscription =
        new Subscription(
            format,
            sink,
            clock,
            () -> expected,
            () -> soundKnown,
            keyFrameRequest,
            () -> remove(leaving.get()));
    leaving.set(subscription);
    if (!add(subscription)) {
      sink.close(CloseReason.TOO_MANY);
      return Optional.empty();
    }
    subscription.begin(() -> stateMessage);
    Optional<String> ended = endMessage;
    ended.ifPresent(subscription::end);
    return ended.isPresent() ? Optional.empty() : Optional.of(subscription);
  }

  private boolean add(Subscription subscription) {
    synchronized (ticksLock) {
      if (subscriptions.size() >= MAX_SUBSCRIBERS) {
        return false;
      }
      if (subscriptions.isEmpty()) {
        stopTicks = ticker.start(() -> subscriptions.forEach(Subscription::tick));
      }
      return subscriptions.add(subscription);
    }
  }

  private void remove(Subscription subscription) {
    synchronized (ticksLock) {
      if (subscriptions.remove(subscription) && subscriptions.isEmpty()) {
        stopTicks.run();
      }
    }
  }

  private static Runnable everyTick(Runnable task) {
    ScheduledFuture<?> ticks =
        TICKS.scheduleAtFixedRate(task, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    return () -> ticks.cancel(false);
  }

  private static ScheduledExecutorService ticks() {
    var executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("media-relay-ticks").factory());
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }
}
