package org.heliograph.agent.call;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.relay.MediaRelay;
import org.heliograph.relay.PictureLimit;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;

/**
 * What one call receives, and the way of its frames: the first track of each kind goes to the pages
 * that show the call, each track to the pages that show it alone, and all to the recording. Which
 * tracks there are is said on the connection's thread; the rest is used from any.
 */
final class RemoteTracks {
  /** Who makes use of what is received. */
  interface Listener {
    /** A frame that is fit to be shown; on the connection's thread. */
    void onFrame(RemoteTrack track, boolean first, MediaFrame frame);

    /** A picture is too large to be handed on; in a clause. Told once for each track. */
    void onPictureKeptBack(RemoteTrack track, String why);

    /** A track is received no longer; on the connection's thread. */
    void onEnded(RemoteTrack track);

    /** A track needs a key frame; from any thread. */
    void onKeyFrameWanted(TrackId track);
  }

  private final Listener listener;

  /** For the pages that show the call. */
  private final MediaRelay call;

  /** What is received now, in the order of the sections. */
  private volatile Map<TrackId, Received> received = Map.of();

  private volatile String state;

  /**
   * @param call what the first tracks are handed to
   * @param state the call's
   */
  RemoteTracks(MediaRelay call, String state, Listener listener) {
    this.call = call;
    this.state = state;
    this.listener = listener;
  }

  /** What is received now. */
  List<RemoteTrack> all() {
    return received.values().stream().map(now -> now.track).toList();
  }

  /** Takes note of what is received from now on. */
  void receive(List<RemoteTrack> tracks) {
    Map<TrackId, Received> before = received;
    Map<TrackId, Received> now = new LinkedHashMap<>();
    List<RemoteTrack> firstBefore = firsts();
    Set<MediaKind> kinds = EnumSet.noneOf(MediaKind.class);
    for (RemoteTrack track : tracks) {
      Received going = before.get(track.id());
      Received one = going == null ? new Received(track) : going;
      one.beFirst(kinds.add(track.kind()), firstBefore);
      now.put(track.id(), one);
    }
    received = now;
    call.expect(kinds);
    now.values().stream()
        .filter(one -> one.keyFrameDue)
        .forEach(one -> listener.onKeyFrameWanted(one.track.id()));
    now.values().stream().filter(one -> !before.containsValue(one)).forEach(Received::begin);
    before.values().stream().filter(one -> !now.containsValue(one)).forEach(Received::end);
  }

  /** The first track of each kind. */
  private List<RemoteTrack> firsts() {
    return received.values().stream().filter(one -> one.first).map(one -> one.track).toList();
  }

  /** The relay of one track alone. */
  Optional<MediaRelay> relay(TrackId id) {
    return Optional.ofNullable(received.get(id)).map(Received::relay);
  }

  /** The first picture, if any is received. */
  Optional<TrackId> firstPicture() {
    return firsts().stream()
        .filter(track -> track.kind() == MediaKind.VIDEO)
        .map(RemoteTrack::id)
        .findFirst();
  }

  /** Asks for a key frame of the first picture. */
  void requestKeyFrame() {
    firstPicture().ifPresent(listener::onKeyFrameWanted);
  }

  /** Tells the call's state to every page. */
  void state(String changed) {
    state = changed;
    call.state(changed);
    received.values().forEach(one -> one.tell(relay -> relay.state(changed)));
  }

  /** The call is over. */
  void end(String reason) {
    call.end(reason);
    received.values().forEach(one -> one.tell(relay -> relay.end(reason)));
  }

  /** One received track. */
  private final class Received implements RemoteTrack.Subscriber {
    private final RemoteTrack track;
    private final PictureLimit pictureLimit = new PictureLimit();
    private Runnable unsubscribe = () -> {};
    private volatile boolean first;

    /** What the pages of the call have seen was another track's. */
    private volatile boolean keyFrameDue;

    /** For pages that show this track alone; made when the first comes. */
    private volatile MediaRelay own;

    // The connection's thread's own.
    private boolean toldOfPicture;

    Received(RemoteTrack track) {
      this.track = track;
    }

    void begin() {
      unsubscribe = track.subscribe(this);
    }

    void beFirst(boolean isFirst, List<RemoteTrack> firstBefore) {
      boolean takesOver =
          isFirst
              && track.kind() == MediaKind.VIDEO
              && firstBefore.stream()
                  .anyMatch(one -> one.kind() == MediaKind.VIDEO && !one.equals(track));
      keyFrameDue = takesOver || (isFirst && keyFrameDue);
      first = isFirst;
    }

    synchronized MediaRelay relay() {
      if (own == null) {
        MediaRelay made = new MediaRelay(() -> listener.onKeyFrameWanted(track.id()));
        made.expect(Set.of(track.kind()));
        made.state(state);
        own = made;
      }
      return own;
    }

    void tell(Consumer<MediaRelay> what) {
      MediaRelay made = own;
      if (made != null) {
        what.accept(made);
      }
    }

    void end() {
      unsubscribe.run();
      tell(relay -> relay.end("removed"));
      listener.onEnded(track);
    }

    /** The way of a received frame: to the call's pages, to its own, to the recording. */
    @Override
    public void onFrame(MediaFrame frame) {
      MediaKind kind = track.kind();
      if (kind == MediaKind.VIDEO && !pictureLimit.admits(frame)) {
        keepBack();
        return;
      }
      if (first && isDecodable(frame)) {
        call.publish(kind, frame);
      }
      MediaRelay alone = own;
      if (alone != null) {
        alone.publish(kind, frame);
      }
      listener.onFrame(track, first, frame);
    }

    private boolean isDecodable(MediaFrame frame) {
      if (keyFrameDue && frame.key()) {
        keyFrameDue = false;
      } else if (keyFrameDue) {
        call.requestKeyFrame();
      }
      return !keyFrameDue;
    }

    private void keepBack() {
      if (!toldOfPicture) {
        toldOfPicture = true;
        listener.onPictureKeptBack(track, pictureLimit.why());
      }
      if (pictureLimit.wantsKeyFrame()) {
        listener.onKeyFrameWanted(track.id());
      }
    }
  }
}
