package org.heliograph.agent.call;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.heliograph.media.CaptureListener;
import org.heliograph.media.CaptureTrack;
import org.heliograph.media.Devices;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;

/** Devices that a test watches, breaks, and gives frames. */
public final class FakeDevices implements Devices {
  /** One opened device. */
  public static final class Track implements CaptureTrack {
    private final MediaKind kind;
    private final CaptureListener listener;
    private final FakeDevices devices;
    volatile boolean enabled = true;
    volatile boolean lost;
    volatile boolean closed;
    volatile int keyFrameRequests;
    volatile int bitsPerSecond;
    volatile int expectedLossPercent = -1;

    private Track(MediaKind kind, CaptureListener listener, FakeDevices devices) {
      this.kind = kind;
      this.listener = listener;
      this.devices = devices;
    }

    /** Gives a frame of one byte. */
    public void give(int content) {
      listener.onFrame(
          new MediaFrame(
              MediaFormat.VP8,
              System.nanoTime(),
              0,
              true,
              ByteBuffer.wrap(new byte[] {(byte) content})));
    }

    void give(MediaFrame frame) {
      listener.onFrame(frame);
    }

    /** Unplugs it. */
    void lose() {
      lost = true;
      tellLost();
    }

    /** Tells of a loss, which may have been some time ago. */
    void tellLost() {
      listener.onDeviceLost(
          new DeviceException(
              nameOf(kind), DeviceException.Reason.LOST, nameOf(kind) + " was unplugged.", null));
    }

    @Override
    public void setEnabled(boolean enabled) throws DeviceException {
      if (enabled && !isLive()) {
        devices.attempt(kind);
        lost = false;
      }
      this.enabled = enabled;
    }

    /** Whether what the device gives is taken. */
    boolean isLive() {
      return enabled && !lost && !closed;
    }

    @Override
    public State state() {
      if (closed) {
        return State.ENDED;
      }
      return lost ? State.LOST : enabled ? State.ON : State.OFF;
    }

    @Override
    public synchronized void requestKeyFrame() {
      keyFrameRequests++;
    }

    @Override
    public void setExpectedLossPercent(int percent) {
      expectedLossPercent = percent;
    }

    @Override
    public void setBitsPerSecond(int bitsPerSecond) {
      this.bitsPerSecond = bitsPerSecond;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final List<Track> tracks = new CopyOnWriteArrayList<>();
  private final Map<MediaKind, DeviceException> broken = new ConcurrentHashMap<>();
  private volatile MediaKind failNext;
  private volatile Semaphore gate = new Semaphore(Integer.MAX_VALUE);
  private volatile CountDownLatch waiting = new CountDownLatch(0);

  static String nameOf(MediaKind kind) {
    return kind == MediaKind.VIDEO ? "/dev/video7" : "hw:7";
  }

  /** From now on a kind's device cannot be opened. */
  public void breakDevice(MediaKind kind, DeviceException.Reason reason) {
    broken.put(
        kind,
        new DeviceException(
            nameOf(kind),
            reason,
            "%s is %s.".formatted(nameOf(kind), reason.name().toLowerCase(Locale.ROOT)),
            null));
  }

  void repair(MediaKind kind) {
    broken.remove(kind);
  }

  /** From now on opening hangs until {@link #release}. */
  void holdBack() {
    if (gate.availablePermits() > 0) {
      gate = new Semaphore(0);
    }
    waiting = new CountDownLatch(1);
  }

  void awaitOpening() throws InterruptedException {
    waiting.await();
  }

  void release() {
    if (gate.availablePermits() == 0) {
      gate.release(1000);
    }
  }

  private void failIfBroken(MediaKind kind) throws DeviceException {
    DeviceException failure = broken.get(kind);
    if (failure != null) {
      throw failure;
    }
  }

  /** The next opening of a kind's device fails, and only that. */
  void failNext(MediaKind kind) {
    failNext = kind;
  }

  private void attempt(MediaKind kind) throws DeviceException {
    waiting.countDown();
    gate.acquireUninterruptibly();
    failIfBroken(kind);
    if (failNext == kind) {
      failNext = null;
      throw new DeviceException(
          nameOf(kind), DeviceException.Reason.BUSY, nameOf(kind) + " is busy.", null);
    }
  }

  private CaptureTrack open(MediaKind kind, CaptureListener listener) throws DeviceException {
    attempt(kind);
    Track track = new Track(kind, listener, this);
    tracks.add(track);
    return track;
  }

  @Override
  public CaptureTrack open(TrackSource source, ContentHint hint, CaptureListener listener)
      throws DeviceException {
    return open(source.kind(), listener);
  }

  /** Every device that was ever opened. */
  public List<Track> everOpened() {
    return tracks;
  }

  /** The kinds of {@link #everOpened}. */
  public List<MediaKind> everOpenedKinds() {
    return tracks.stream().map(track -> track.kind).toList();
  }

  /** The kinds whose devices are open now, in the order of their opening. */
  public List<MediaKind> open() {
    return tracks.stream().filter(track -> !track.closed).map(track -> track.kind).toList();
  }

  /** The one open device of a kind. */
  public Track only(MediaKind kind) {
    List<Track> found =
        tracks.stream().filter(track -> !track.closed && track.kind == kind).toList();
    if (found.size() != 1) {
      throw new AssertionError("open devices of " + kind + ": " + found.size());
    }
    return found.getFirst();
  }

  @Override
  public void close() {
    tracks.forEach(Track::close);
  }
}
