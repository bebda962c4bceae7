package org.heliograph.agent.call;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.heliograph.agent.capture.CaptureListener;
import org.heliograph.agent.capture.CaptureTrack;
import org.heliograph.agent.capture.DeviceException;
import org.heliograph.agent.capture.Devices;
import org.heliograph.agent.relay.MediaRelay;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;

/**
 * The own camera and microphone of one call, and the way of their frames: each goes to the
 * connection, and a picture to the self-view as well. Devices block when they are opened and
 * closed, so each step runs on a thread for them, in order; whatever is asked after {@link #close}
 * finds everything closed.
 */
final class LocalMedia {
  /** Called on the capturing thread. */
  interface Listener {
    /** A frame of what this side sends, or would if the network had room. */
    void onFrame(MediaKind kind, MediaFrame frame);

    /** A device fails while in use. */
    void onDeviceLost(MediaKind kind, DeviceException cause);
  }

  /** What is assumed of the network until the connection says more. */
  private static final long FIRST_BITS_PER_SECOND = 300_000;

  private final Devices devices;
  private final MediaRelay selfView;
  private final Listener listener;
  private final BandwidthShares bandwidth;
  private final SerialExecutor steps;

  private volatile CaptureTrack camera;
  private volatile CaptureTrack microphone;
  private volatile MediaConnection connection;
  private volatile BandwidthShares.Shares shares;
  private volatile boolean closed;

  /**
   * @param threads runs what blocks
   * @param audioBitsPerSecond what the sound takes
   * @param videoBitsPerSecond the most that the picture may take
   */
  LocalMedia(
      Devices devices,
      MediaRelay selfView,
      Listener listener,
      Executor threads,
      int audioBitsPerSecond,
      int videoBitsPerSecond) {
    this.devices = devices;
    this.selfView = selfView;
    this.listener = listener;
    this.bandwidth = new BandwidthShares(audioBitsPerSecond, videoBitsPerSecond);
    this.shares = bandwidth.share(FIRST_BITS_PER_SECOND);
    this.steps = new SerialExecutor(threads);
  }

  /**
   * Opens devices.
   *
   * @param muted whether the microphone is to be silent from its first sample on
   * @return what could not be opened, and why
   */
  CompletableFuture<Map<MediaKind, DeviceException>> open(Set<MediaKind> kinds, boolean muted) {
    return CompletableFuture.supplyAsync(
        () -> {
          Map<MediaKind, DeviceException> failures = new EnumMap<>(MediaKind.class);
          for (MediaKind kind : kinds) {
            try {
              if (!closed) {
                openOne(kind, muted);
              }
            } catch (DeviceException cause) {
              failures.put(kind, cause);
            }
          }
          return failures;
        },
        steps);
  }

  private void openOne(MediaKind kind, boolean muted) throws DeviceException {
    switch (kind) {
      case AUDIO -> {
        if (microphone == null) {
          Microphone frames = new Microphone();
          CaptureTrack track = devices.openMicrophone(frames);
          if (muted) {
            track.setEnabled(false);
          }
          frames.open = true;
          microphone = track;
          steer(MediaKind.AUDIO);
        }
      }
      case VIDEO -> {
        if (camera == null) {
          selfView.expect(Set.of(MediaKind.VIDEO));
          camera = devices.openCamera(new Camera());
          steer(MediaKind.VIDEO);
        }
      }
    }
  }

  /**
   * Switches a kind off or on, and opens its device where it has none yet.
   *
   * @return fails with a {@link DeviceException} in a {@link
   *     java.util.concurrent.CompletionException} if the device cannot be opened
   */
  CompletableFuture<Void> setEnabled(MediaKind kind, boolean enabled) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    steps.execute(
        () -> {
          try {
            CaptureTrack track = track(kind);
            if (!closed && track != null) {
              track.setEnabled(enabled);
            } else if (!closed && enabled) {
              openOne(kind, false);
            }
            done.complete(null);
          } catch (DeviceException | RuntimeException cause) {
            done.completeExceptionally(cause);
          }
        });
    return done;
  }

  /** Closes a kind's device. */
  void close(MediaKind kind) {
    steps.execute(() -> closeOne(kind));
  }

  /** Closes everything, also what is just being opened; done when all is closed. */
  CompletableFuture<Void> close() {
    closed = true;
    return CompletableFuture.runAsync(
        () -> {
          closeOne(MediaKind.AUDIO);
          closeOne(MediaKind.VIDEO);
        },
        steps);
  }

  private void closeOne(MediaKind kind) {
    CaptureTrack track = track(kind);
    switch (kind) {
      case AUDIO -> microphone = null;
      case VIDEO -> camera = null;
    }
    if (track != null) {
      track.close();
    }
  }

  private CaptureTrack track(MediaKind kind) {
    return kind == MediaKind.AUDIO ? microphone : camera;
  }

  /** From now on the frames go to this connection too. */
  void sendTo(MediaConnection connection) {
    this.connection = connection;
  }

  /** Makes the camera's next picture a key frame. */
  void requestKeyFrame() {
    CaptureTrack track = camera;
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
    CaptureTrack track = track(kind);
    if (track != null) {
      track.setBitsPerSecond(kind == MediaKind.AUDIO ? shares.sound() : shares.picture());
    }
  }

  /** Prepares the sound for the loss of that share of its packets, 0 to 1. */
  void setSoundLoss(double share) {
    CaptureTrack track = microphone;
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

  private final class Camera implements CaptureListener {
    @Override
    public void onFrame(MediaFrame frame) {
      if (!shares.pictureSuspended()) {
        send(MediaKind.VIDEO, frame);
      }
      selfView.publish(MediaKind.VIDEO, frame);
      listener.onFrame(MediaKind.VIDEO, frame);
    }

    @Override
    public void onDeviceLost(DeviceException cause) {
      listener.onDeviceLost(MediaKind.VIDEO, cause);
    }
  }

  private final class Microphone implements CaptureListener {
    /** False while it is not yet certain that the microphone is as silent as it should be. */
    private volatile boolean open;

    @Override
    public void onFrame(MediaFrame frame) {
      if (open) {
        send(MediaKind.AUDIO, frame);
        listener.onFrame(MediaKind.AUDIO, frame);
      }
    }

    @Override
    public void onDeviceLost(DeviceException cause) {
      listener.onDeviceLost(MediaKind.AUDIO, cause);
    }
  }
}
