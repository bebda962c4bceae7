package org.heliograph.interop.peer;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.media.Encoders;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.session.CodecException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.VideoEncoder;

/**
 * Sends a picture with a code and a tone in real time, encoded by the agent's encoders. One thread
 * makes both; {@link #close} tells what went wrong on it.
 */
final class CodedMedia implements AutoCloseable {
  /** The tone of the peer that is tested. */
  static final int TONE_HERTZ = 440;

  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;
  private static final int PICTURES_PER_SECOND = 20;
  private static final int CODES = 1 << 24;

  private static final int MOST_FOR_SOUND = 32_000;
  private static final int MOST_FOR_PICTURE = 400_000;

  private final PeerDriver driver;
  private final int toneHertz;
  private final SharedBandwidth bandwidth = new SharedBandwidth(MOST_FOR_SOUND, MOST_FOR_PICTURE);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Set<Integer> painted = ConcurrentHashMap.newKeySet();
  private final I420Picture picture = new I420Picture(WIDTH, HEIGHT);
  private final VideoEncoder vp8;
  private final OpusEncoder opus;
  private final short[] samples = new short[OpusEncoder.FRAME_SAMPLES];
  private volatile boolean keyFrameRequested;

  /** What the network takes; 0 where it is not known, or known to the encoders. */
  private final AtomicLong changedBitsPerSecond = new AtomicLong();

  private Future<?> pictures;
  private Future<?> tone;
  private int nextCode = (int) (System.currentTimeMillis() % CODES);
  private long nextSample;

  CodedMedia(PeerDriver driver, int toneHertz) {
    this.driver = driver;
    this.toneHertz = toneHertz;
    try {
      vp8 =
          Encoders.openVp8(
              new VideoEncoder.Settings(
                  WIDTH, HEIGHT, PICTURES_PER_SECOND, MOST_FOR_PICTURE, false));
      opus = Encoders.openOpus(new OpusEncoder.Settings(1, MOST_FOR_SOUND, true, 5, false));
    } catch (CodecException e) {
      throw new AssertionError("./check installs the encoders", e);
    }
  }

  void sendPictures(Transceiver transceiver) {
    // Whoever receives them from now on knows nothing of those before.
    keyFrameRequested = true;
    pictures = repeat(1000 / PICTURES_PER_SECOND, () -> sendPicture(transceiver));
  }

  void sendTone(Transceiver transceiver) {
    tone = repeat(20, () -> sendSound(transceiver));
  }

  void stopPictures() {
    pictures.cancel(false);
  }

  void stopTone() {
    tone.cancel(false);
  }

  void requestKeyFrame() {
    keyFrameRequested = true;
  }

  /** Fits what is sent to what the network takes, as a call of the agent does. */
  void setBitsPerSecond(long total) {
    changedBitsPerSecond.set(total);
  }

  private void fit() throws CodecException {
    long changed = changedBitsPerSecond.getAndSet(0);
    if (changed > 0) {
      boolean suspended = bandwidth.isPictureSuspended();
      bandwidth.share(changed);
      vp8.setBitsPerSecond(bandwidth.picture());
      opus.setBitsPerSecond(bandwidth.sound());
      if (suspended && !bandwidth.isPictureSuspended()) {
        keyFrameRequested = true;
      }
    }
  }

  /** The codes of all pictures so far. */
  Set<Integer> painted() {
    return Set.copyOf(painted);
  }

  private interface Work {
    void run() throws CodecException;
  }

  private Future<?> repeat(long millis, Work work) {
    return clock.scheduleAtFixedRate(
        () -> {
          try {
            work.run();
          } catch (CodecException e) {
            throw new IllegalStateException(e);
          }
        },
        0,
        millis,
        TimeUnit.MILLISECONDS);
  }

  private void sendPicture(Transceiver transceiver) throws CodecException {
    fit();
    if (bandwidth.isPictureSuspended()) {
      return;
    }
    int code = nextCode++ % CODES;
    painted.add(code);
    PictureCode.paint(picture.y().asByteBuffer(), WIDTH, WIDTH, HEIGHT, code);
    boolean key = keyFrameRequested;
    keyFrameRequested = false;
    Optional<MediaFrame> frame = vp8.encode(picture, PeerDriver.nanoTime(), key);
    if (frame.isPresent()) {
      driver.send(transceiver, frame.get());
    } else if (key) {
      keyFrameRequested = true;
    }
  }

  private void sendSound(Transceiver transceiver) throws CodecException {
    fit();
    for (int i = 0; i < samples.length; i++) {
      samples[i] =
          (short)
              (8000 * Math.sin(2 * Math.PI * toneHertz * nextSample++ / OpusEncoder.SAMPLE_RATE));
    }
    driver.send(transceiver, opus.encode(samples, PeerDriver.nanoTime()));
  }

  @Override
  public void close() {
    clock.shutdownNow();
    try {
      if (!clock.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the sending thread does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    vp8.close();
    opus.close();
    picture.close();
    for (Future<?> task : new Future<?>[] {pictures, tone}) {
      if (task != null && task.state() == Future.State.FAILED) {
        throw new AssertionError("media could not be sent", task.exceptionNow());
      }
    }
  }
}
