package org.heliograph.media;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.Picture;
import org.heliograph.session.PictureAdaptation;
import org.heliograph.session.PictureReducer;
import org.heliograph.session.SharedSource;
import org.heliograph.session.VideoEncoder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's picture. The device's thread leaves each picture in a single slot, the track's own
 * thread encodes what it finds there: an encoder that is too slow loses pictures and never falls
 * behind.
 */
final class CameraTrack implements CaptureTrack, SharedSource.Subscriber<Picture> {
  private static final Logger log = LoggerFactory.getLogger(CameraTrack.class);
  private static final Duration FIRST_PICTURE_LIMIT = Duration.ofSeconds(5);
  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(1);
  private static final long SILENCE_LOOK_NANOS = 100_000_000;
  private static final long SECOND_NANOS = 1_000_000_000;
  private static final Duration BLACK_INTERVAL = Duration.ofSeconds(1);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final SharedSource<Picture> camera;
  private final CaptureListener listener;
  private final CaptureSettings settings;
  private final ContentHint hint;
  private final VideoEncoder encoder;
  private final Thread thread;

  /** Held while the device is switched, so that two callers do not cross. */
  private final ReentrantLock switching = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private boolean subscribed;
  private boolean gone;
  private boolean failed;
  private boolean closed;
  private boolean keyFrameWanted;
  private int bitsPerSecond;
  private boolean filled;
  private long filledTimeNanos;
  private I420Picture filling;
  private I420Picture taken;
  private PictureAdaptation adaptation;
  private long dueTimeNanos = Long.MIN_VALUE;
  private boolean blackWanted;

  /** A picture of the device is on its way from the slot to the listener. */
  private boolean underWay;

  /** The camera is open, so that pictures are to be expected of it. */
  private boolean expecting;

  private boolean begun;
  private long silentNanos;

  private DeviceException lost;

  // The encoding thread's own.
  private final PictureReducer reducer = new PictureReducer();
  private int encodedBitsPerSecond;
  private long encodedTimeNanos = Long.MIN_VALUE;
  private long pictures;
  private long encodingNanos;

  CameraTrack(
      SharedSource<Picture> camera,
      CaptureListener listener,
      CaptureSettings settings,
      VideoEncoder encoder)
      throws DeviceException {
    this(camera, listener, settings, ContentHint.NONE, encoder);
  }

  CameraTrack(
      SharedSource<Picture> camera,
      CaptureListener listener,
      CaptureSettings settings,
      ContentHint hint,
      VideoEncoder encoder)
      throws DeviceException {
    this.hint = hint;
    this.camera = camera;
    this.listener = listener;
    this.settings = settings;
    this.encoder = encoder;
    this.bitsPerSecond = settings.videoBitsPerSecond();
    this.encodedBitsPerSecond = bitsPerSecond;
    this.filling = new I420Picture(even(settings.width()), even(settings.height()));
    this.adaptation =
        new PictureAdaptation(
            even(settings.width()), even(settings.height()), settings.framesPerSecond(), hint);
    this.taken = new I420Picture(even(settings.width()), even(settings.height()));
    this.thread = Thread.ofPlatform().daemon().name("encode picture").unstarted(this::run);
    subscribed = true;
    try {
      camera.subscribe(this);
    } catch (DeviceException e) {
      free();
      throw e;
    }
    expecting = true;
    thread.start();
  }

  private static int even(int length) {
    return length & ~1;
  }

  @Override
  public void take(Picture picture) {
    lock.lock();
    try {
      if (closed || !subscribed) {
        return;
      }
      begun = true;
      silentNanos = 0;
      adapt(picture);
      if (isTooSoon(picture.timeNanos())) {
        return;
      }
      if (!filling.hasSizeOf(picture.pixels())) {
        filling.close();
        filling = new I420Picture(picture.pixels().width(), picture.pixels().height());
      }
      filling.copyFrom(picture.pixels());
      filledTimeNanos = picture.timeNanos();
      filled = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void adapt(Picture picture) {
    int width = picture.pixels().width();
    int height = picture.pixels().height();
    if (!adaptation.isFor(width, height)) {
      adaptation = new PictureAdaptation(width, height, settings.framesPerSecond(), hint);
    }
    PictureAdaptation.Step before = adaptation.step();
    PictureAdaptation.Step now = adaptation.update(bitsPerSecond, picture.timeNanos());
    if (!now.equals(before)) {
      log.debug("encode {} at {} bit/s", now, bitsPerSecond);
    }
  }

  /**
   * A camera may give more pictures than are wanted: so many are left out that the rate is right on
   * average, with room for jitter.
   */
  private boolean isTooSoon(long timeNanos) {
    long interval = 1_000_000_000L / adaptation.step().framesPerSecond();
    if (dueTimeNanos == Long.MIN_VALUE) {
      dueTimeNanos = timeNanos;
    }
    if (timeNanos < dueTimeNanos - interval * 3 / 10) {
      return true;
    }
    dueTimeNanos = Math.max(dueTimeNanos, timeNanos - interval) + interval;
    return false;
  }

  @Override
  public void lost(DeviceException cause) {
    lock.lock();
    try {
      expecting = false;
      subscribed = false;
      gone = true;
      filled = false;
      blackWanted = true;
      lost = cause;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void setEnabled(boolean enabled) throws DeviceException {
    switching.lock();
    try {
      boolean wasGone;
      lock.lock();
      try {
        if (closed || failed || subscribed == enabled) {
          return;
        }
        subscribed = enabled;
        expecting = false;
        wasGone = gone;
        gone = wasGone && !enabled;
        filled = false;
        blackWanted = !enabled;
        keyFrameWanted |= enabled; // it is another picture altogether
        dueTimeNanos = Long.MIN_VALUE;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      if (enabled) {
        subscribeAgain(wasGone);
      } else {
        camera.unsubscribe(this);
        awaitNoneUnderWay();
      }
    } finally {
      switching.unlock();
    }
  }

  private void awaitNoneUnderWay() {
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    lock.lock();
    try {
      long left = CLOSE_LIMIT.toNanos();
      while (underWay && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public State state() {
    lock.lock();
    try {
      if (closed || failed) {
        return State.ENDED;
      }
      return subscribed ? State.ON : gone ? State.LOST : State.OFF;
    } finally {
      lock.unlock();
    }
  }

  private void subscribeAgain(boolean wasGone) throws DeviceException {
    try {
      camera.subscribe(this);
    } catch (DeviceException e) {
      lock.lock();
      try {
        subscribed = false;
        gone = wasGone;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      throw e;
    }
    if (isClosed()) {
      camera.unsubscribe(this);
      return;
    }
    lock.lock();
    try {
      expecting = true;
      begun = false;
      silentNanos = 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void requestKeyFrame() {
    lock.lock();
    try {
      keyFrameWanted = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void setExpectedLossPercent(int percent) {
    // Lost pictures are sent again.
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) {
    lock.lock();
    try {
      this.bitsPerSecond = Math.max(1, bitsPerSecond);
    } finally {
      lock.unlock();
    }
  }

  /** The whole way of a picture from the slot to the listener. */
  private void run() {
    try {
      while (true) {
        Work work = awaitWork();
        switch (work) {
          case Work.Closed() -> {
            return;
          }
          case Work.Lost(DeviceException cause) -> deliver(() -> listener.onDeviceLost(cause));
          case Work.Silent() -> giveUpSilentCamera();
          case Work.Encode encode -> encode(encode);
        }
      }
    } catch (CodecException | RuntimeException | Error e) {
      log.error("encoding the picture of a call failed", e);
      encoderFailed();
      camera.unsubscribe(this);
      deliver(
          () ->
              listener.onDeviceLost(
                  new DeviceException(
                      "the video encoder",
                      DeviceException.Reason.UNSUPPORTED,
                      "The picture can no longer be encoded: "
                          + (e instanceof CodecException ? e.getMessage() : e),
                      e)));
    } finally {
      free();
    }
  }

  private sealed interface Work {
    record Closed() implements Work {}

    record Lost(DeviceException cause) implements Work {}

    /** The camera is open and gives no pictures. */
    record Silent() implements Work {}

    record Encode(
        I420Picture picture,
        PictureAdaptation.Step step,
        long timeNanos,
        boolean key,
        int bitsPerSecond)
        implements Work {}
  }

  private Work awaitWork() {
    lock.lock();
    try {
      underWay = false;
      changed.signalAll();
      while (true) {
        if (closed) {
          return new Work.Closed();
        }
        if (lost != null) {
          DeviceException cause = lost;
          lost = null;
          return new Work.Lost(cause);
        }
        if (filled) {
          return takePicture();
        }
        long now = System.nanoTime();
        boolean blackDue =
            blackWanted || keyFrameWanted || now - encodedTimeNanos >= BLACK_INTERVAL.toNanos();
        if (!subscribed && blackDue) {
          return blackPicture(now);
        }
        if (subscribed && expecting) {
          if (silentNanos >= silenceLimitNanos()) {
            return new Work.Silent();
          }
          long _ = changed.awaitNanos(SILENCE_LOOK_NANOS);
          countSilence(now);
        } else if (subscribed) {
          changed.await();
        } else {
          long _ = changed.awaitNanos(encodedTimeNanos + BLACK_INTERVAL.toNanos() - now);
        }
      }
    } catch (InterruptedException e) {
      return new Work.Closed();
    } finally {
      lock.unlock();
    }
  }

  /** A stall of this process is no silence of the camera: each look counts only so much. */
  private void countSilence(long sinceNanos) {
    if (!filled) {
      silentNanos += Math.min(System.nanoTime() - sinceNanos, SILENCE_LOOK_NANOS);
    }
  }

  /** A camera may take some seconds for its first picture, and may be a slow one by choice. */
  private long silenceLimitNanos() {
    long two = 2 * SECOND_NANOS / settings.framesPerSecond();
    return begun ? Math.max(SILENCE_LIMIT.toNanos(), two) : FIRST_PICTURE_LIMIT.toNanos();
  }

  /** Rather black and told than a picture that stands still as if it were live. */
  private void giveUpSilentCamera() {
    switching.lock();
    try {
      DeviceException cause;
      lock.lock();
      try {
        if (closed || !subscribed || !expecting || silentNanos < silenceLimitNanos()) {
          return;
        }
        cause = camera.silent("picture", Duration.ofNanos(silenceLimitNanos()));
        expecting = false;
        subscribed = false;
        gone = true;
        filled = false;
        blackWanted = true;
      } finally {
        lock.unlock();
      }
      log.info("{}", cause.getMessage());
      camera.unsubscribe(this);
      deliver(() -> listener.onDeviceLost(cause));
    } finally {
      switching.unlock();
    }
  }

  private Work takePicture() {
    I420Picture full = filling;
    filling = taken;
    taken = full;
    filled = false;
    underWay = true;
    return encodeTaken(filledTimeNanos);
  }

  private Work blackPicture(long now) {
    blackWanted = false;
    taken.fillBlack();
    return encodeTaken(now);
  }

  private Work encodeTaken(long timeNanos) {
    boolean key = keyFrameWanted;
    keyFrameWanted = false;
    return new Work.Encode(taken, adaptation.step(), timeNanos, key, bitsPerSecond);
  }

  private void encode(Work.Encode work) throws CodecException {
    if (work.bitsPerSecond() != encodedBitsPerSecond) {
      encoder.setBitsPerSecond(work.bitsPerSecond());
      encodedBitsPerSecond = work.bitsPerSecond();
    }
    long time =
        encodedTimeNanos == Long.MIN_VALUE
            ? work.timeNanos()
            : Math.max(work.timeNanos(), encodedTimeNanos + 1_000_000);
    long started = System.nanoTime();
    I420Picture picture = reducer.reduce(work.picture(), work.step().width(), work.step().height());
    Optional<MediaFrame> frame = encoder.encode(picture, time, work.key());
    countEncoding(System.nanoTime() - started);
    encodedTimeNanos = time;
    if (frame.isPresent()) {
      deliver(() -> listener.onFrame(frame.get()));
    } else if (work.key()) {
      requestKeyFrame();
    }
  }

  private void countEncoding(long nanos) {
    pictures++;
    encodingNanos += nanos;
    if (pictures % 300 == 0 && log.isDebugEnabled()) {
      log.debug("{}: {} µs a picture", encoder.name(), encodingNanos / pictures / 1000);
    }
  }

  private void deliver(Runnable delivery) {
    if (isClosed()) {
      return;
    }
    try {
      delivery.run();
    } catch (RuntimeException e) {
      log.error("a listener of a picture failed", e);
    }
  }

  private void encoderFailed() {
    lock.lock();
    try {
      failed = true;
      subscribed = false;
      underWay = false;
    } finally {
      lock.unlock();
    }
  }

  private boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    boolean wasSubscribed;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      wasSubscribed = subscribed;
      subscribed = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (wasSubscribed) {
      camera.unsubscribe(this);
    }
    awaitLastDelivery();
  }

  private void awaitLastDelivery() {
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      if (!thread.join(CLOSE_LIMIT)) {
        log.warn("a listener of a picture blocks its track, which therefore ends later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void free() {
    lock.lock();
    try {
      closed = true;
      encoder.close();
      filling.close();
      taken.close();
      reducer.close();
    } finally {
      lock.unlock();
    }
  }
}
