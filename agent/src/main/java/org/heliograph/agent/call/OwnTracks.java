package org.heliograph.agent.call;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.heliograph.media.CaptureTrack;
import org.heliograph.media.Devices;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.BandwidthShares;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.heliograph.session.MediaSession;
import org.heliograph.session.TrackId;

/**
 * The own tracks of one call, and the way of their frames: each goes to the session, and a picture
 * to its view here as well. There is always one for the configured microphone and one for the
 * camera; the user adds others. What is wanted of a track, and what it is, belongs to its {@link
 * OwnDevice}. The list changes on the calls' loop; the rest is used from any thread.
 */
final class OwnTracks {
  /** Is told what becomes of the tracks. */
  interface Listener {
    /**
     * A frame of what this side sends, or would if the network had room; on the capturing thread.
     */
    void onFrame(OwnTrack track, MediaFrame frame);

    /** What a device is has changed, or a wish has been dealt with; on the loop. */
    void onDeviceChanged();

    /** A device failed while in use; on the loop. */
    void onDeviceLost(DeviceException cause);
  }

  /** Camera and microphone, which are there whether they are used or not. */
  private static final int GIVEN = 2;

  static final TrackId MICROPHONE = new TrackId("microphone");
  static final TrackId CAMERA = new TrackId("camera");

  /** What is assumed of the network until the connection says more. */
  private static final long FIRST_BITS_PER_SECOND = 300_000;

  private final Devices devices;
  private final Listener listener;
  private final Executor threads;
  private final Executor loop;
  private final BandwidthShares bandwidth;
  private final OwnTrack microphone;
  private final OwnTrack camera;

  /** Those two and then the others, in the order in which they were added. */
  private final List<OwnTrack> tracks = new CopyOnWriteArrayList<>();

  /** Of the added ones; the loop's own. */
  private final Set<OwnTrack> beingOpened = new HashSet<>();

  private volatile MediaSession session;
  private volatile BandwidthShares.Shares shares;
  private volatile String state = "";
  private long bitsPerSecond = FIRST_BITS_PER_SECOND;

  /**
   * @param cameraView for the camera's picture
   * @param threads runs what blocks
   * @param loop the calls' loop, to which the devices belong
   * @param audioBitsPerSecond what a sound takes
   * @param videoBitsPerSecond the most that a picture may take
   */
  OwnTracks(
      Devices devices,
      MediaRelay cameraView,
      Listener listener,
      Executor threads,
      Executor loop,
      int audioBitsPerSecond,
      int videoBitsPerSecond) {
    this.devices = devices;
    this.listener = listener;
    this.threads = threads;
    this.loop = loop;
    this.bandwidth = new BandwidthShares(audioBitsPerSecond, videoBitsPerSecond);
    this.shares = bandwidth.share(FIRST_BITS_PER_SECOND);
    this.microphone =
        make(MICROPHONE, TrackSource.MICROPHONE, ContentHint.NONE, Optional.empty(), noView());
    this.camera = make(CAMERA, TrackSource.CAMERA, ContentHint.NONE, Optional.empty(), cameraView);
    tracks.add(microphone);
    tracks.add(camera);
  }

  private static MediaRelay noView() {
    return new MediaRelay(() -> {});
  }

  private OwnTrack make(
      TrackId id, TrackSource source, ContentHint hint, Optional<String> name, MediaRelay view) {
    DeviceEvents events = new DeviceEvents();
    OwnDevice device =
        new OwnDevice(
            source.kind(),
            frames -> {
              view.expect(Set.of(source.kind()));
              return devices.open(source, hint, frames);
            },
            events,
            threads,
            loop);
    events.track = new OwnTrack(id, source, name, device, view);
    return events.track;
  }

  /** Every track there is: the microphone's, the camera's, the others. */
  List<OwnTrack> all() {
    return tracks;
  }

  /** Those that the user has added, and whose devices have been opened. */
  List<OwnTrack> added() {
    return tracks.stream().skip(GIVEN).filter(track -> !beingOpened.contains(track)).toList();
  }

  /** How many there are beside camera and microphone, also those that are being opened. */
  int addedCount() {
    return tracks.size() - GIVEN;
  }

  Optional<OwnTrack> find(TrackId id) {
    return tracks.stream().filter(track -> track.id().equals(id)).findFirst();
  }

  /** The track of the configured device of a kind. */
  OwnTrack first(MediaKind kind) {
    return kind == MediaKind.AUDIO ? microphone : camera;
  }

  /** The configured device of a kind. */
  OwnDevice device(MediaKind kind) {
    return first(kind).device();
  }

  /**
   * Adds a track, which counts as added from {@link #opened} on; nothing of it is open yet. What is
   * wanted of it is said to its device.
   */
  OwnTrack add(TrackId id, TrackSource source, ContentHint hint, Optional<String> name) {
    OwnTrack[] added = new OwnTrack[1];
    MediaRelay view = new MediaRelay(() -> requestKeyFrame(added[0]));
    added[0] = make(id, source, hint, name, view);
    view.state(state);
    beingOpened.add(added[0]);
    tracks.add(added[0]);
    return added[0];
  }

  /** The device of a track that was added is open. */
  void opened(OwnTrack track) {
    beingOpened.remove(track);
  }

  /** Takes a track that was added away, and closes its device. */
  CompletableFuture<Void> remove(OwnTrack track, Exception why) {
    tracks.remove(track);
    beingOpened.remove(track);
    track.view().end("removed");
    share();
    return track.device().close(why);
  }

  /**
   * Closes everything, also what is just being opened; done when all is closed.
   *
   * @param why what those hear who wait for a device
   */
  CompletableFuture<Void> close(Exception why) {
    return CompletableFuture.allOf(
        tracks.stream().map(track -> track.device().close(why)).toArray(CompletableFuture[]::new));
  }

  /** Tells the call's state to every page that sees an own picture. */
  void state(String changed) {
    state = changed;
    tracks.forEach(track -> track.view().state(changed));
  }

  /** The call is over. */
  void end(String reason) {
    tracks.forEach(track -> track.view().end(reason));
  }

  /** From now on the frames go to this session too. */
  void sendTo(MediaSession session) {
    this.session = session;
  }

  /** Makes the next picture of every track a key frame. */
  void requestKeyFrames() {
    tracks.forEach(OwnTracks::requestKeyFrame);
  }

  /** Makes a track's next picture a key frame; does nothing where there is none. */
  void requestKeyFrame(TrackId id) {
    find(id).ifPresent(OwnTracks::requestKeyFrame);
  }

  private static void requestKeyFrame(OwnTrack track) {
    CaptureTrack open = track.device().track();
    if (open != null && track.kind() == MediaKind.VIDEO) {
      open.requestKeyFrame();
    }
  }

  /** Fits what is sent to what the network takes, all tracks together. */
  synchronized void setBitsPerSecond(long total) {
    bitsPerSecond = total;
    share();
  }

  private synchronized void share() {
    boolean suspended = shares.pictureSuspended();
    shares = bandwidth.share(bitsPerSecond, open(MediaKind.AUDIO), open(MediaKind.VIDEO));
    tracks.forEach(this::steer);
    if (suspended && !shares.pictureSuspended()) {
      requestKeyFrames();
    }
  }

  private int open(MediaKind kind) {
    return (int)
        tracks.stream()
            .filter(track -> track.kind() == kind && track.device().track() != null)
            .count();
  }

  private void steer(OwnTrack track) {
    CaptureTrack open = track.device().track();
    if (open != null) {
      open.setBitsPerSecond(track.kind() == MediaKind.AUDIO ? shares.sound() : shares.picture());
    }
  }

  /** Prepares a sound for the loss of that share of its packets, 0 to 1. */
  void setLossToPrepareFor(TrackId id, double share) {
    find(id)
        .map(track -> track.device().track())
        .ifPresent(open -> open.setExpectedLossPercent((int) Math.ceil(100 * share)));
  }

  /** The way of one track's frames, and of what becomes of its device. */
  private final class DeviceEvents implements OwnDevice.Host {
    private volatile OwnTrack track;

    /** Pictures were left out, so that the next to be sent is a key frame. */
    private volatile boolean interrupted;

    @Override
    public void opened(MediaKind kind) {
      share();
    }

    /** The way of a frame of this side: to the session, to its view here, to the recording. */
    @Override
    public void onFrame(MediaKind kind, MediaFrame frame) {
      MediaSession to = session;
      if (to != null && goesOnWith(frame)) {
        to.send(track.id(), frame);
      }
      if (kind == MediaKind.VIDEO) {
        track.view().publish(kind, frame);
      }
      listener.onFrame(track, frame);
    }

    private boolean goesOnWith(MediaFrame frame) {
      if (track.kind() == MediaKind.AUDIO) {
        return true;
      }
      interrupted = shares.pictureSuspended() || (interrupted && !frame.key());
      return !interrupted;
    }

    @Override
    public void changed(MediaKind kind) {
      listener.onDeviceChanged();
    }

    @Override
    public void lost(MediaKind kind, DeviceException cause) {
      listener.onDeviceLost(cause);
    }
  }
}
