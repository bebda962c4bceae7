package org.heliograph.agent.call;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.heliograph.media.CaptureListener;
import org.heliograph.media.CaptureTrack;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call's camera or its microphone: what the user wants of it, and what it is. The two are kept
 * apart. A wish never changes what is told of the device; only the device does, which is asked
 * after each step and after each loss. One step is under way at a time, and each wish is tried
 * once; an outcome that a newer wish has overtaken leads on to that wish. A step that fails takes
 * back the wish that it was for, unless there is a newer one.
 *
 * <p>What a device gives is handed on only from the moment on when it is told to be on, and no
 * longer where the user wants it off by then.
 *
 * <p>Belongs to the calls' loop, but for {@link #track} and the frames. Steps block and run on
 * other threads, in order.
 */
final class OwnDevice {
  /** Takes what the device gives, and is told of what becomes of it. */
  interface Host {
    /** The device is open; on a step's thread. */
    void opened(MediaKind kind);

    /** On the capturing thread. */
    void onFrame(MediaKind kind, MediaFrame frame);

    /** What the device is has changed, or a wish has been dealt with; on the loop. */
    void changed(MediaKind kind);

    /** The device has failed in use; on the loop. */
    void lost(MediaKind kind, DeviceException cause);
  }

  /** Opens the device. */
  interface Opener {
    CaptureTrack open(CaptureListener listener) throws DeviceException;
  }

  /** What the device is, as the API tells it. */
  enum Status {
    OFF,
    ON,
    FAILED
  }

  /**
   * @param used whether the call uses the device at all
   * @param on whether the user lets it be seen or heard
   */
  private record Wish(boolean used, boolean on) {
    boolean live() {
      return used && on;
    }
  }

  /** What a step is to bring the device to. */
  private enum Target {
    CLOSED,
    /** Open, but giving silence; a camera that is off is closed and needs no step. */
    MUTED,
    OFF,
    ON,
    /** As it is: the step only looks. */
    LOOK
  }

  /**
   * @param state empty where the device is closed
   */
  private record Outcome(Optional<CaptureTrack.State> state, Optional<DeviceException> failure) {}

  /**
   * Who waits for a wish.
   *
   * @param opens whether the wish needs the device to be open, and fails where it cannot be
   */
  private record Waiter(int wish, boolean opens, CompletableFuture<Void> done) {}

  private static final Logger log = LoggerFactory.getLogger(OwnDevice.class);

  private final MediaKind kind;
  private final Opener opener;
  private final Host host;
  private final Executor loop;
  private final SerialExecutor steps;

  // The loop's own.
  private Wish newest = new Wish(false, true);

  /** The last wish that was dealt with, and not taken back. */
  private Wish held = newest;

  private int wishes;
  private int tried;
  private boolean optional;
  private boolean toBeOpened;
  private boolean stepping;
  private boolean failed;
  private boolean over;
  private Optional<CaptureTrack.State> state = Optional.empty();
  private DeviceException loss;
  private final List<Waiter> waiters = new ArrayList<>();

  // The steps' own, but that anybody may read them.
  private volatile CaptureTrack track;
  private volatile Passage passage;
  private volatile boolean closed;

  /**
   * @param threads runs what blocks
   */
  OwnDevice(MediaKind kind, Opener opener, Host host, Executor threads, Executor loop) {
    this.kind = kind;
    this.opener = opener;
    this.host = host;
    this.loop = loop;
    this.steps = new SerialExecutor(threads);
  }

  // --- What the user wants ----------------------------------------------------------------------

  /**
   * The call is to use the device: a microphone is opened, silent where the user wants that, and a
   * camera unless the user has it off.
   *
   * @param optional whether the wish stays although the device cannot be opened
   * @return fails with {@link DeviceException} where the device cannot be opened; done when the
   *     device is what the user wants of it by then
   */
  CompletableFuture<Void> use(boolean optional) {
    this.optional = optional;
    toBeOpened = kind == MediaKind.AUDIO;
    return want(new Wish(true, newest.on()), toBeOpened || newest.on());
  }

  /** The call is not to use the device; it is closed. */
  void release() {
    failed = false;
    var _ = want(new Wish(false, newest.on()), false);
  }

  /** Switches the device off, or on; fails as {@link #use} does. */
  CompletableFuture<Void> setOn(boolean on) {
    optional = false;
    return want(new Wish(newest.used() || on, on), on);
  }

  /** Says what {@link #use} will find, and opens nothing. */
  void choose(boolean on) {
    newest = new Wish(newest.used(), on);
    held = newest;
  }

  /** Whether the call is to use the device. */
  boolean isWanted() {
    return newest.used();
  }

  /** Whether the user lets the device be seen or heard, if the call uses it. */
  boolean isChosenOn() {
    return newest.on();
  }

  /** Whether the user wants the device to be seen or heard now. */
  boolean isWantedOn() {
    return newest.live();
  }

  /** Whether the call sends what the device gives, even if that is black or silence. */
  boolean isSent() {
    return held.used() && !failed;
  }

  /** What the device is. */
  Status status() {
    if (isOn()) {
      return Status.ON;
    }
    return failed ? Status.FAILED : Status.OFF;
  }

  private boolean isOn() {
    return state.filter(CaptureTrack.State.ON::equals).isPresent();
  }

  private CompletableFuture<Void> want(Wish wish, boolean opens) {
    if (over) {
      return CompletableFuture.failedFuture(new IllegalStateException("the call is over"));
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    newest = wish;
    waiters.add(new Waiter(++wishes, opens, done));
    if (!stepping) {
      goOn();
    }
    return done;
  }

  // --- From what it is to what is wanted --------------------------------------------------------

  private void goOn() {
    if (loss != null) {
      step(Target.LOOK);
    } else if (tried < wishes && !isAsWanted()) {
      step(target());
    } else {
      rest();
    }
  }

  private boolean isAsWanted() {
    return switch (target()) {
      case CLOSED -> state.isEmpty();
      case MUTED -> state.isPresent() && !isOn();
      case OFF -> !isOn();
      case ON -> isOn();
      case LOOK -> throw new IllegalStateException();
    };
  }

  private Target target() {
    if (!newest.used()) {
      return Target.CLOSED;
    }
    if (newest.on()) {
      return Target.ON;
    }
    return toBeOpened ? Target.MUTED : Target.OFF;
  }

  private void step(Target target) {
    stepping = true;
    int wish = wishes;
    if (target != Target.LOOK) {
      tried = wish;
    }
    steps.execute(
        () -> {
          Outcome outcome = run(target);
          loop.execute(() -> stepped(target, wish, outcome));
        });
  }

  private void stepped(Target target, int wish, Outcome outcome) {
    stepping = false;
    if (over) {
      return;
    }
    Status before = status();
    state = outcome.state();
    if (outcome.failure().isPresent()) {
      stepFailed(wish, outcome.failure().get());
    } else if (target == Target.LOOK) {
      lookedAfterLoss();
      before = status();
    } else if (!isLost()) {
      failed = failed && target == Target.OFF;
    }
    if (isOn()) {
      letPass();
    }
    if (status() != before) {
      host.changed(kind);
    }
    goOn();
  }

  private void stepFailed(int wish, DeviceException cause) {
    toBeOpened = false;
    boolean overtaken = wish != wishes;
    failed = !overtaken || newest.used();
    if (!overtaken && !optional) {
      newest = held;
    }
    for (Waiter waiter : List.copyOf(waiters)) {
      if (waiter.wish() <= wish && waiter.opens()) {
        waiters.remove(waiter);
        waiter.done().completeExceptionally(cause);
      }
    }
  }

  /** What was lost may have been opened again since, and is what matters then. */
  private void lookedAfterLoss() {
    DeviceException cause = loss;
    loss = null;
    if (isLost()) {
      failed = true;
      host.lost(kind, cause);
    }
  }

  private boolean isLost() {
    return state
        .filter(now -> now == CaptureTrack.State.LOST || now == CaptureTrack.State.ENDED)
        .isPresent();
  }

  private void letPass() {
    Passage opened = passage;
    if (opened != null && newest.live()) {
      opened.open();
    }
  }

  private void rest() {
    held = newest;
    toBeOpened = false;
    if (!waiters.isEmpty()) {
      List<Waiter> served = List.copyOf(waiters);
      waiters.clear();
      host.changed(kind);
      served.forEach(waiter -> waiter.done().complete(null));
    }
  }

  /** Takes note of a loss. The device is asked, because the word of it may be late. */
  private void lost(DeviceException cause) {
    if (over) {
      return;
    }
    loss = cause;
    if (!stepping) {
      goOn();
    }
  }

  /**
   * Closes the device for good, also one that is just being opened.
   *
   * @param why what those hear who wait for a wish
   * @return done when the device is closed
   */
  CompletableFuture<Void> close(Exception why) {
    over = true;
    closed = true;
    List<Waiter> left = List.copyOf(waiters);
    waiters.clear();
    left.forEach(waiter -> waiter.done().completeExceptionally(why));
    return CompletableFuture.runAsync(this::closeTrack, steps);
  }

  // --- The steps, on other threads --------------------------------------------------------------

  private Outcome run(Target target) {
    Optional<DeviceException> failure = Optional.empty();
    try {
      if (!closed) {
        bring(target);
      }
    } catch (DeviceException cause) {
      failure = Optional.of(cause);
    } catch (RuntimeException | Error unexpected) {
      log.error("A device cannot be switched", unexpected);
      failure = Optional.of(unusable(unexpected));
    }
    CaptureTrack now = track;
    Optional<CaptureTrack.State> state = Optional.ofNullable(now).map(CaptureTrack::state);
    if (state.isPresent() && state.get() != CaptureTrack.State.ON) {
      passage.open();
    }
    return new Outcome(state, failure);
  }

  private void bring(Target target) throws DeviceException {
    CaptureTrack now = track;
    switch (target) {
      case CLOSED -> closeTrack();
      case OFF -> {
        if (now != null) {
          now.setEnabled(false);
        }
      }
      case MUTED -> {
        if (now == null) {
          open();
        }
        track.setEnabled(false);
      }
      case ON -> {
        if (now == null) {
          open();
        } else if (now.state() == CaptureTrack.State.ENDED) {
          closeTrack();
          open();
        } else {
          passage.shut();
          now.setEnabled(true);
        }
      }
      case LOOK -> {}
    }
  }

  private void open() throws DeviceException {
    Passage opening = new Passage();
    track = opener.open(opening);
    passage = opening;
    host.opened(kind);
  }

  private void closeTrack() {
    CaptureTrack closing = track;
    track = null;
    if (closing != null) {
      closing.close();
    }
  }

  private DeviceException unusable(Throwable cause) {
    String name = kind == MediaKind.VIDEO ? "camera" : "microphone";
    return new DeviceException(
        name,
        DeviceException.Reason.UNSUPPORTED,
        "The %s cannot be used: %s".formatted(name, cause),
        cause);
  }

  /** The open device, or null; from any thread. */
  CaptureTrack track() {
    return track;
  }

  /** Hands frames on, or not: while it is shut nobody is told yet that the device is on. */
  private final class Passage implements CaptureListener {
    private volatile boolean open;
    private volatile boolean missed;

    void shut() {
      open = false;
    }

    /** What follows a frame that was not handed on cannot be decoded without a key frame. */
    void open() {
      open = true;
      CaptureTrack now = track;
      if (missed && now != null) {
        missed = false;
        now.requestKeyFrame();
      }
    }

    @Override
    public void onFrame(MediaFrame frame) {
      if (open) {
        host.onFrame(kind, frame);
      } else {
        missed = true;
      }
    }

    @Override
    public void onDeviceLost(DeviceException cause) {
      loop.execute(() -> lost(cause));
    }
  }
}
