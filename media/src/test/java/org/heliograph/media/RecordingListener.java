package org.heliograph.media;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.DeviceException;

/** Keeps what a track gives until a test takes it. */
final class RecordingListener implements CaptureListener {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  final BlockingQueue<MediaFrame> frames = new LinkedBlockingQueue<>();
  final BlockingQueue<DeviceException> losses = new LinkedBlockingQueue<>();

  @Override
  public void onFrame(MediaFrame frame) {
    frames.add(frame);
  }

  @Override
  public void onDeviceLost(DeviceException cause) {
    losses.add(cause);
  }

  MediaFrame nextFrame() throws InterruptedException {
    return next(frames);
  }

  DeviceException nextLoss() throws InterruptedException {
    return next(losses);
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    T item = queue.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
    if (item == null) {
      throw new AssertionError("nothing came within " + LIMIT);
    }
    return item;
  }
}
