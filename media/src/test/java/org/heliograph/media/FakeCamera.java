package org.heliograph.media;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.heliograph.session.DeviceException;
import org.heliograph.session.I420Picture;
import org.heliograph.session.Picture;
import org.heliograph.session.Source;

/** A camera that gives a picture of one brightness when a test says so, and fails likewise. */
final class FakeCamera {
  private static final int UNPLUGGED = -1;

  /** However fast a test shows them, pictures are as far apart as a real camera's. */
  private static final long PICTURE_NANOS = 10_000_000;

  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();
  private final Semaphore attempts = new Semaphore(0);
  private final Semaphore closing = new Semaphore(0);
  private final Semaphore closed = new Semaphore(0);
  private volatile Duration longestClose = Duration.ZERO;
  private final BlockingQueue<Integer> brightnesses = new LinkedBlockingQueue<>();

  void show(int brightness) {
    brightnesses.add(brightness);
  }

  void unplug() {
    brightnesses.add(UNPLUGGED);
  }

  /** As a real one, it is had by one at a time. */
  Source<Picture> openSource() throws DeviceException {
    boolean free = open.compareAndSet(0, 1);
    attempts.release(); // not before: closing waits for it, and would make it free
    if (!free) {
      throw new DeviceException("fake camera", DeviceException.Reason.BUSY, "It is busy.", null);
    }
    opened.incrementAndGet();
    return new Opened();
  }

  /** From now on closing waits for the next attempt to open it, or for so long. */
  void closeSlowly(Duration longest) {
    longestClose = longest;
    attempts.drainPermits();
    closing.drainPermits();
    closed.drainPermits();
  }

  void awaitClosing() throws InterruptedException {
    closing.acquire();
  }

  void awaitClosed() throws InterruptedException {
    closed.acquire();
  }

  private final class Opened implements Source<Picture> {
    private final I420Picture picture = new I420Picture(160, 120);
    private long timeNanos = System.nanoTime();

    @Override
    public String name() {
      return "fake camera";
    }

    @Override
    public Optional<Picture> next() throws DeviceException, InterruptedException {
      Integer brightness = brightnesses.poll(100, TimeUnit.MILLISECONDS);
      if (brightness == null) {
        return Optional.empty();
      }
      if (brightness == UNPLUGGED) {
        throw new DeviceException(name(), DeviceException.Reason.LOST, "unplugged", null);
      }
      picture.y().fill((byte) (int) brightness);
      timeNanos += PICTURE_NANOS;
      return Optional.of(new Picture(timeNanos, picture));
    }

    @Override
    public void close() {
      picture.close();
      closing.release();
      boolean _ = Thread.interrupted();
      try {
        boolean _ = attempts.tryAcquire(longestClose.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      open.decrementAndGet();
      closed.release();
    }
  }
}
