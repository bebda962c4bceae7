package org.heliograph.relay;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/**
 * Hands one sender's frames on to any number of subscribers, none of which can slow it, or another.
 * Each has its own queue and its own WebM or frames, which begin with a key frame: one of the last
 * two seconds, or one that the sender is asked for.
 *
 * <p>A frame's payload is copied once into the message that all subscribers of single frames share,
 * and once into the WebM of each subscriber, whose time begins when it comes. Sound that
 * subscribers want as samples is decoded once for all.
 */
public final class MediaRelay {
  /** Against a page that comes again and again and never goes; nobody watches a call in so many. */
  static final int MAX_SUBSCRIBERS = 256;

  /** How often subscribers are told that time passes. */
  static final Duration TICK = Duration.ofMillis(20);

  /** Runs a task again and again. */
  public interface Ticker {
    /** Starts; the result stops it. */
    Runnable start(Runnable task);
  }

  private final KeyFrameRequests keyFrames;
  private final LongSupplier clock;
  private final Ticker ticker;
  private final Source source = new Source();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final RecentPictures recent = new RecentPictures();
  private final DecodedSound sound = new DecodedSound();
  private final AtomicLong frames = new AtomicLong();

  // A subscription that begins reads these after it was added to the list, and a change of them is
  // told to the list afterwards: so none is missed, without a lock around both. The same holds for
  // the recent pictures.
  private volatile Set<MediaKind> expected = Set.of(MediaKind.values());
  private volatile boolean soundKnown;
  private volatile Optional<String> stateMessage = Optional.empty();
  private volatile Optional<String> endMessage = Optional.empty();

  /** What is time 0 for those who are sent single frames; the first frame's, on its clock. */
  private volatile Long zeroNanos;

  private final Object ticksLock = new Object();
  private Runnable stopTicks;

  /**
   * @param keyFrameRequest asks the sender for a key frame; called from any thread, once a second
   *     at most, must not block
   */
  public MediaRelay(Runnable keyFrameRequest) {
    this(keyFrameRequest, System::nanoTime, SharedTicker.EVERY_TICK);
  }

  /** A relay whose time is what the clock and the ticker make of it. */
  public MediaRelay(Runnable keyFrameRequest, LongSupplier clock, Ticker ticker) {
    this.keyFrames =
        new KeyFrameRequests(Objects.requireNonNull(keyFrameRequest, "keyFrameRequest"));
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
    if (!kinds.contains(MediaKind.VIDEO)) {
      recent.clear();
    }
    subscriptions.forEach(Subscription::expectedHasChanged);
  }

  /**
   * Hands a frame on; never blocks and never throws; one thread at a time for each kind. A frame
   * that is older than the one before of its kind is dropped, and so is one after {@link #end}.
   */
  public void publish(MediaKind kind, MediaFrame frame) {
    if (zeroNanos == null) {
      zeroNanos = frame.timeNanos();
    }
    RelayedFrame relayed =
        new RelayedFrame(
            frames.incrementAndGet(), kind, frame, clock.getAsLong(), zeroNanos.longValue(), sound);
    if (kind == MediaKind.VIDEO) {
      recent.add(relayed);
    } else if (!soundKnown) {
      soundKnown = expected.contains(MediaKind.AUDIO);
    }
    for (Subscription subscription : subscriptions) {
      subscription.frame(relayed);
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
      recent.clear();
      sound.close();
      subscriptions.forEach(subscription -> subscription.end(message));
    }
  }

  /**
   * Asks the sender for a key frame for one who is fed past this relay, under the same limit as for
   * all others; from any thread.
   */
  public void requestKeyFrame() {
    keyFrames.need(clock.getAsLong());
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
  public Optional<Subscription> subscribe(MediaFormat format, SubscriberSink sink) {
    var subscription = new Subscription(format, sink, clock, source);
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

  private boolean removeLast(Subscription subscription) {
    synchronized (ticksLock) {
      boolean last = subscriptions.remove(subscription) && subscriptions.isEmpty();
      if (last) {
        stopTicks.run();
      }
      return last;
    }
  }

  /** What a subscription asks of the relay. */
  private final class Source implements Subscription.Source {
    @Override
    public Set<MediaKind> expected() {
      return expected;
    }

    @Override
    public boolean soundIsKnown() {
      return soundKnown;
    }

    @Override
    public List<RelayedFrame> recentPictures(long nowNanos) {
      return recent.since(nowNanos);
    }

    @Override
    public void keyFrameNeeded(long nowNanos) {
      keyFrames.need(nowNanos);
    }

    /**
     * When nobody watches any more, the page is probably being reloaded. A key frame that is asked
     * for now has come when it is back, and while nobody watches it costs nobody anything.
     */
    @Override
    public void closed(Subscription subscription) {
      boolean mayComeBack = removeLast(subscription) && endMessage.isEmpty();
      if (mayComeBack && expected.contains(MediaKind.VIDEO)) {
        keyFrames.need(clock.getAsLong());
      }
    }
  }
}
