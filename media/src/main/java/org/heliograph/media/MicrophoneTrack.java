package org.heliograph.media;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.CodecException;
import org.heliograph.session.DeviceException;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.SharedSource;
import org.heliograph.session.Sound;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's sound: packets of 20 ms on a time line without gaps. Where the microphone gives
 * nothing, because it is muted, was lost or stumbles, silence takes its place.
 */
final class MicrophoneTrack implements CaptureTrack, SharedSource.Subscriber<Sound> {
  private static final Logger log = LoggerFactory.getLogger(MicrophoneTrack.class);
  private static final int QUEUE_LIMIT = 10;

  /** How long a microphone that is open may be late before silence goes out in its place. */
  private static final Duration PATIENCE = Duration.ofMillis(200);

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final SharedSource<Sound> microphone;
  private final CaptureListener listener;
  private final OpusEncoder encoder;
  private final short[] silence;
  private final Thread thread;

  /** Held while the device is switched, so that two callers do not cross. */
  private final ReentrantLock switching = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final ArrayDeque<Sound> queue = new ArrayDeque<>();
  private boolean subscribed;
  private boolean muted;
  private boolean failed;
  private boolean closed;
  private int bitsPerSecond;
  private int expectedLossPercent = LocalDevices.EXPECTED_LOSS_PERCENT;

  /** A sound of the device is on its way from the queue to the listener. */
  private boolean underWay;

  private DeviceException lost;

  // The encoding thread's own.
  private int encodedBitsPerSecond;
  private int encodedLossPercent = LocalDevices.EXPECTED_LOSS_PERCENT;
  private boolean started;
  private long nextTimeNanos;
  private long packets;
  private long encodingNanos;

  MicrophoneTrack(
      SharedSource<Sound> microphone,
      CaptureListener listener,
      CaptureSettings settings,
      OpusEncoder encoder,
      int channels)
      throws DeviceException {
    this.microphone = microphone;
    this.listener = listener;
    this.encoder = encoder;
    this.bitsPerSecond = settings.audioBitsPerSecond();
    this.encodedBitsPerSecond = bitsPerSecond;
    this.silence = new short[OpusEncoder.FRAME_SAMPLES * channels];
    this.thread = Thread.ofPlatform().daemon().name("encode sound").unstarted(this::run);
    subscribed = true;
    try {
      microphone.subscribe(this);
    } catch (DeviceException e) {
      encoder.close();
      throw e;
    }
    thread.start();
  }

  @Override
  public void take(Sound sound) {
    lock.lock();
    try {
      if (closed || !subscribed) {
        return;
      }
      if (queue.size() == QUEUE_LIMIT) {
        queue.removeFirst();
      }
      // A muted sample is not even queued.
      queue.addLast(new Sound(sound.timeNanos(), muted ? silence : sound.samples().clone()));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void lost(DeviceException cause) {
    lock.lock();
    try {
      subscribed = false;
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
      boolean reopen;
      lock.lock();
      try {
        if (closed || failed) {
          return;
        }
        muted = !enabled;
        if (muted) {
          muteQueue();
          awaitNoneUnderWay();
        }
        reopen = enabled && !subscribed;
        subscribed |= reopen;
      } finally {
        lock.unlock();
      }
      if (reopen) {
        subscribeAgain();
      }
    } finally {
      switching.unlock();
    }
  }

  @Override
  public State state() {
    lock.lock();
    try {
      if (closed || failed) {
        return State.ENDED;
      }
      return !subscribed ? State.LOST : muted ? State.OFF : State.ON;
    } finally {
      lock.unlock();
    }
  }

  private void awaitNoneUnderWay() {
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      long left = CLOSE_LIMIT.toNanos();
      while (underWay && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void muteQueue() {
    for (int i = queue.size(); i > 0; i--) {
      queue.addLast(new Sound(queue.removeFirst().timeNanos(), silence));
    }
  }

  private void subscribeAgain() throws DeviceException {
    try {
      microphone.subscribe(this);
    } catch (DeviceException e) {
      lock.lock();
      try {
        subscribed = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      throw e;
    }
    if (isClosed()) {
      microphone.unsubscribe(this);
    }
  }

  @Override
  public void requestKeyFrame() {
    // Every Opus packet is one.
  }

  @Override
  public void setExpectedLossPercent(int percent) {
    lock.lock();
    try {
      expectedLossPercent = percent;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void setBitsPerSecond(int bitsPerSecond) {
    lock.lock();
    try {
      this.bitsPerSecond = bitsPerSecond;
    } finally {
      lock.unlock();
    }
  }

  /** The whole way of a sound from the queue to the listener. */
  private void run() {
    try {
      while (true) {
        switch (awaitWork()) {
          case Work.Closed() -> {
            return;
          }
          case Work.Lost(DeviceException cause) -> deliver(() -> listener.onDeviceLost(cause));
          case Work.Encode(Sound sound, int rate, int lossPercent) -> {
            if (rate != encodedBitsPerSecond) {
              encoder.setBitsPerSecond(rate);
              encodedBitsPerSecond = rate;
            }
            if (lossPercent != encodedLossPercent) {
              encoder.setExpectedLossPercent(lossPercent);
              encodedLossPercent = lossPercent;
            }
            placeOnTimeLine(sound);
          }
          case Work.Silence() -> encode(silence);
        }
      }
    } catch (CodecException | RuntimeException | Error e) {
      log.error("encoding the sound of a call failed", e);
      encoderFailed();
      microphone.unsubscribe(this);
      deliver(
          () ->
              listener.onDeviceLost(
                  new DeviceException(
                      "the audio encoder",
                      DeviceException.Reason.UNSUPPORTED,
                      "The sound can no longer be encoded: "
                          + (e instanceof CodecException ? e.getMessage() : e),
                      e)));
    } finally {
      free();
    }
  }

  private sealed interface Work {
    record Closed() implements Work {}

    record Lost(DeviceException cause) implements Work {}

    record Encode(Sound sound, int bitsPerSecond, int expectedLossPercent) implements Work {}

    record Silence() implements Work {}
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
        if (!queue.isEmpty()) {
          underWay = true;
          return new Work.Encode(queue.removeFirst(), bitsPerSecond, expectedLossPercent);
        }
        long wait = nanosUntilSilenceIsDue();
        if (wait <= 0) {
          return new Work.Silence();
        }
        long _ = changed.awaitNanos(wait);
      }
    } catch (InterruptedException e) {
      return new Work.Closed();
    } finally {
      lock.unlock();
    }
  }

  private long nanosUntilSilenceIsDue() {
    if (!started) {
      return Long.MAX_VALUE;
    }
    long patience = subscribed ? PATIENCE.toNanos() : 0;
    return nextTimeNanos + OpusEncoder.FRAME_NANOS + patience - System.nanoTime();
  }

  /**
   * Encodes the sound as the next packet. A sound that comes too late, since silence went out
   * already, is left out; a gap before it is filled with silence.
   */
  private void placeOnTimeLine(Sound sound) throws CodecException {
    if (!started) {
      started = true;
      nextTimeNanos = sound.timeNanos();
    }
    if (sound.timeNanos() < nextTimeNanos - OpusEncoder.FRAME_NANOS / 2) {
      return;
    }
    while (sound.timeNanos() > nextTimeNanos + OpusEncoder.FRAME_NANOS / 2) {
      encode(silence);
    }
    encode(sound.samples());
  }

  private void encode(short[] samples) throws CodecException {
    long begun = System.nanoTime();
    MediaFrame frame = encoder.encode(samples, nextTimeNanos).withAudioLevel(audioLevel(samples));
    countEncoding(System.nanoTime() - begun);
    nextTimeNanos += OpusEncoder.FRAME_NANOS;
    deliver(() -> listener.onFrame(frame));
  }

  /** The root mean square of the samples, in dB below overload (RFC 6464 3). */
  static int audioLevel(short[] samples) {
    double energy = 0;
    for (short sample : samples) {
      energy += (double) sample * sample;
    }
    double level = Math.sqrt(energy / samples.length) / -(double) Short.MIN_VALUE;
    return level == 0
        ? MediaFrame.SILENCE_LEVEL
        : Math.clamp(Math.round(-20 * Math.log10(level)), 0, MediaFrame.SILENCE_LEVEL);
  }

  private void countEncoding(long nanos) {
    packets++;
    encodingNanos += nanos;
    if (packets % 500 == 0 && log.isDebugEnabled()) {
      log.debug("{}: {} µs a packet", encoder.name(), encodingNanos / packets / 1000);
    }
  }

  private void deliver(Runnable delivery) {
    if (isClosed()) {
      return;
    }
    try {
      delivery.run();
    } catch (RuntimeException e) {
      log.error("a listener of a sound failed", e);
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
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    microphone.unsubscribe(this);
    awaitLastDelivery();
  }

  private void awaitLastDelivery() {
    if (Thread.currentThread().equals(thread)) {
      return;
    }
    try {
      if (!thread.join(CLOSE_LIMIT)) {
        log.warn("a listener of a sound blocks its track, which therefore ends later");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void free() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      encoder.close();
    } finally {
      lock.unlock();
    }
  }
}
