package org.heliograph.agent.call;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.heliograph.media.CaptureTrack;
import org.heliograph.media.Devices;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.BandwidthShares;
import org.heliograph.session.DeviceException;

/**
 * The own camera and microphone of one call, and the way of their frames: each goes to the
 * connection, and a picture to the self-view as well. What the user wants of the two, and what they
 * are, belongs to {@link OwnDevice}; the rest is used from any thread.
 */
final class LocalMedia {
  /** Is told what becomes of the devices. */
  interface Listener {
    /**
     * A frame of what this side sends, or would if the network had room; on the capturing thread.
     */
    void onFrame(MediaKind kind, MediaFrame frame);

    /** What a device is has changed, or a wish has been dealt with; on the loop. */
    void onDeviceChanged(MediaKind kind);

    /** A device failed while in use; on the loop. */
    void onDeviceLost(MediaKind kind, DeviceException cause);
  }

  /** What is assumed of the network until the connection says more. */
  private static final long FIRST_BITS_PER_SECOND = 300_000;

  private final MediaRelay selfView;
  private final Listener listener;
  private final BandwidthShares bandwidth;
  private final OwnDevice camera;
  private final OwnDevice microphone;

  private volatile MediaConnection connection;
  private volatile BandwidthShares.Shares shares;

  /**
   * @param threads runs what blocks
   * @param loop the calls' loop, to which the devices belong
   * @param audioBitsPerSecond what the sound takes
   * @param videoBitsPerSecond the most that the picture may take
   */
  LocalMedia(
      Devices devices,
      MediaRelay selfView,
      Listener listener,
      Executor threads,
      Executor loop,
      int audioBitsPerSecond,
      int videoBitsPerSecond) {
    this.selfView = selfView;
    this.listener = listener;
    this.bandwidth = new BandwidthShares(audioBitsPerSecond, videoBitsPerSecond);
    this.shares = bandwidth.share(FIRST_BITS_PER_SECOND);
    OwnDevice.Host host = new DeviceEvents();
    this.microphone = new OwnDevice(MediaKind.AUDIO, devices::openMicrophone, host, threads, loop);
    this.camera =
        new OwnDevice(
            MediaKind.VIDEO,
            frames -> {
              selfView.expect(Set.of(MediaKind.VIDEO));
              return devices.openCamera(frames);
            },
            host,
            threads,
            loop);
  }

  /** The device of a kind. */
  OwnDevice device(MediaKind kind) {
    return kind == MediaKind.AUDIO ? microphone : camera;
  }

  /** The kinds that the call is to use devices of. */
  Set<MediaKind> wanted() {
    return kinds(OwnDevice::isWanted);
  }

  /** The kinds that go to the other side: used, and with a device that did not fail. */
  Set<MediaKind> sent() {
    return kinds(OwnDevice::isSent);
  }

  private Set<MediaKind> kinds(Predicate<OwnDevice> which) {
    Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
    for (MediaKind kind : MediaKind.values()) {
      if (which.test(device(kind))) {
        kinds.add(kind);
      }
    }
    return kinds;
  }

  /**
   * Closes everything, also what is just being opened; done when all is closed.
   *
   * @param why what those hear who wait for a device
   */
  CompletableFuture<Void> close(Exception why) {
    return CompletableFuture.allOf(microphone.close(why), camera.close(why));
  }

  /** From now on the frames go to this connection too. */
  void sendTo(MediaConnection connection) {
    this.connection = connection;
  }

  /** Makes the camera's next picture a key frame. */
  void requestKeyFrame() {
    CaptureTrack track = camera.track();
    if (track != null) {
      track.requestKeyFrame();
    }
  }

  /**
   * Fits what is sent to what the network takes, all kinds together; called by one thread at a
   * time.
   */
  void setBitsPerSecond(long total) {
    boolean suspended = shares.pictureSuspended();
    shares = bandwidth.share(total);
    steer(MediaKind.AUDIO);
    steer(MediaKind.VIDEO);
    if (suspended && !shares.pictureSuspended()) {
      requestKeyFrame();
    }
  }

  private void steer(MediaKind kind) {
    CaptureTrack track = device(kind).track();
    if (track != null) {
      track.setBitsPerSecond(kind == MediaKind.AUDIO ? shares.sound() : shares.picture());
    }
  }

  /** Prepares the sound for the loss of that share of its packets, 0 to 1. */
  void setSoundLoss(double share) {
    CaptureTrack track = microphone.track();
    if (track != null) {
      track.setExpectedLossPercent((int) Math.ceil(100 * share));
    }
  }

  private void send(MediaKind kind, MediaFrame frame) {
    MediaConnection to = connection;
    if (to != null) {
      to.send(kind, frame);
    }
  }

  /** The way of the frames, and of what becomes of the devices. */
  private final class DeviceEvents implements OwnDevice.Host {
    /** Pictures were left out, so that the next to be sent is a key frame. */
    private volatile boolean interrupted;

    @Override
    public void opened(MediaKind kind) {
      steer(kind);
    }

    @Override
    public void onFrame(MediaKind kind, MediaFrame frame) {
      switch (kind) {
        case AUDIO -> send(kind, frame);
        case VIDEO -> {
          if (goesOnWith(frame)) {
            send(kind, frame);
          }
          selfView.publish(kind, frame);
        }
      }
      listener.onFrame(kind, frame);
    }

    private boolean goesOnWith(MediaFrame picture) {
      interrupted = shares.pictureSuspended() || (interrupted && !picture.key());
      return !interrupted;
    }

    @Override
    public void changed(MediaKind kind) {
      listener.onDeviceChanged(kind);
    }

    @Override
    public void lost(MediaKind kind, DeviceException cause) {
      listener.onDeviceLost(kind, cause);
    }
  }
}
