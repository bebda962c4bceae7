package org.heliograph.agent.loopback;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.session.MediaSession;
import org.heliograph.session.PeerSession;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;

/**
 * The session with one page: the page offers, and this side sends what the call receives. A page's
 * first section of a kind has the first track of it, the second the second, and so on, whether
 * there is such a track yet or not.
 */
final class LoopbackConnection implements AutoCloseable {
  /** What the connection tells, on its own thread, which must not be blocked. */
  interface Listener {
    /** The page needs a key frame: it has just come, or cannot go on without one. */
    void onKeyFrameWanted();

    /** The page has gone, or could not be reached. */
    void onEnded(LoopbackConnection connection);
  }

  /** How many tracks of a kind a page can have. */
  static final int MAX_OF_A_KIND = 8;

  private static final List<MediaSession.Section> SECTIONS =
      Stream.of(MediaKind.values())
          .flatMap(
              kind ->
                  IntStream.range(0, MAX_OF_A_KIND)
                      .mapToObj(place -> new MediaSession.Section(slot(kind, place), kind, true)))
          .toList();

  private final String id;
  private final Listener listener;
  private final PeerSession session;
  private final List<IceCandidateInit> candidates = new ArrayList<>();
  private final List<Consumer<IceCandidateInit>> followers = new ArrayList<>();
  private volatile PeerConnectionState state = PeerConnectionState.NEW;

  /**
   * Opens a socket on loopback.
   *
   * @throws IOException if there is none to be had
   */
  LoopbackConnection(String id, Listener listener) throws IOException {
    this.id = id;
    this.listener = listener;
    this.session = PeerSession.openOnLoopback(PeerSession.Options.TO_A_PAGE, new Events());
  }

  /**
   * The name of a page's track.
   *
   * @param place which of its kind, from 0
   */
  static TrackId slot(MediaKind kind, int place) {
    return new TrackId(kind.token() + "-" + place);
  }

  String id() {
    return id;
  }

  /** Whether a page is at the other end, as far as is known, or on its way. */
  boolean isLive() {
    return state != PeerConnectionState.DISCONNECTED;
  }

  /**
   * Applies the page's offer, and gives the answer, this side's candidate in it. Fails with {@link
   * LoopbackException}.
   */
  CompletableFuture<String> accept(String offer) {
    return session
        .acceptOffer(offer, SECTIONS)
        .handle(
            (answer, failure) -> {
              if (failure != null) {
                throw Failures.of(LoopbackException.Code.BAD_DESCRIPTION, "The offer", failure);
              }
              return answer.sdp();
            })
        .thenApply(
            answer -> {
              if (SECTIONS.stream().noneMatch(section -> session.isSent(section.track()))) {
                throw Failures.wrapped(
                    LoopbackException.Code.NOTHING_WANTED,
                    "The offer has no section that receives sound as Opus or a picture as VP8 or"
                        + " VP9.");
              }
              return answer;
            });
  }

  /** Takes the page's candidate. Fails with {@link LoopbackException}. */
  CompletableFuture<Void> add(IceCandidateInit candidate) {
    return session
        .addCandidate(candidate)
        .exceptionally(
            failure -> {
              throw Failures.of(LoopbackException.Code.BAD_CANDIDATE, "The candidate", failure);
            });
  }

  /** Hands over every candidate of this side, those that there are and those that come. */
  void follow(Consumer<IceCandidateInit> follower) {
    synchronized (candidates) {
      candidates.forEach(follower);
      followers.add(follower);
    }
  }

  void unfollow(Consumer<IceCandidateInit> follower) {
    synchronized (candidates) {
      followers.remove(follower);
    }
  }

  /** Sends on what the call has received; from any thread, and never blocks. */
  void forward(TrackId slot, MediaPacket packet) {
    if (state == PeerConnectionState.CONNECTED) {
      session.forward(slot, packet);
    }
  }

  /** Ends the connection; returns when its thread and its socket are gone. */
  @Override
  public void close() {
    session.close();
  }

  private final class Events implements MediaSession.Listener {
    @Override
    public void onCandidate(IceCandidateInit candidate) {
      synchronized (candidates) {
        candidates.add(candidate);
        followers.forEach(follower -> follower.accept(candidate));
      }
    }

    @Override
    public void onState(PeerConnectionState changed) {
      state = changed;
      switch (changed) {
        case CLOSED, FAILED -> listener.onEnded(LoopbackConnection.this);
        case NEW, CONNECTING, CONNECTED, DISCONNECTED -> {}
      }
    }

    @Override
    public void onKeyFrameRequested(TrackId track) {
      listener.onKeyFrameWanted();
    }

    @Override
    public void onFailed(String reason) {
      // What is left of a page that has gone; its state says so too.
    }

    @Override
    public void onReceiving(List<RemoteTrack> tracks) {
      // Nothing is received from a page here.
    }

    @Override
    public void onMediaRefused(MediaKind kind, String reason) {
      // The answer says so.
    }
  }
}
