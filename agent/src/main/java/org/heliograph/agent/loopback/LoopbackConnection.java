package org.heliograph.agent.loopback;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaCodec;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerDriver;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaPacket;

/** The connection to one page: the page offers, and this side sends what the call receives. */
final class LoopbackConnection implements AutoCloseable {
  /** What the connection tells, on its own thread, which must not be blocked. */
  interface Listener {
    /** The page needs a key frame: it has just come, or cannot go on without one. */
    void onKeyFrameWanted();

    /** The page has gone, or could not be reached. */
    void onEnded(LoopbackConnection connection);
  }

  private final String id;
  private final Listener listener;
  private final PeerDriver driver;
  private final List<IceCandidateInit> candidates = new ArrayList<>();
  private final List<Consumer<IceCandidateInit>> followers = new ArrayList<>();

  /** The one transceiver of each kind; written on the driver's thread, read on any. */
  private volatile Map<MediaKind, Transceiver> senders = Map.of();

  private volatile PeerConnectionState state = PeerConnectionState.NEW;

  /**
   * Opens a socket on loopback.
   *
   * @throws IOException if there is none to be had
   */
  LoopbackConnection(String id, Listener listener) throws IOException {
    this.id = id;
    this.listener = listener;
    this.driver = PeerDriver.openOnLoopback(new Events());
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
    return driver
        .call(connection -> answer(connection, offer))
        .handle(
            (answer, failure) -> {
              if (failure != null) {
                throw Failures.of(LoopbackException.Code.BAD_DESCRIPTION, "The offer", failure);
              }
              return answer;
            })
        .thenApply(
            answer -> {
              if (senders.isEmpty()) {
                throw Failures.wrapped(
                    LoopbackException.Code.NOTHING_WANTED,
                    "The offer has no section that receives sound as Opus or a picture as VP8 or"
                        + " VP9.");
              }
              return answer;
            });
  }

  private String answer(PeerConnection connection, String offer) {
    connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer));
    Map<MediaKind, Transceiver> first = new EnumMap<>(MediaKind.class);
    for (Transceiver transceiver : connection.transceivers()) {
      if (transceiver.direction() == TransceiverDirection.STOPPED) {
        continue;
      }
      boolean sends = first.putIfAbsent(transceiver.kind(), transceiver) == null;
      transceiver.setDirection(
          sends ? TransceiverDirection.SENDONLY : TransceiverDirection.INACTIVE);
      if (transceiver.kind() == MediaKind.AUDIO) {
        // Nothing is lost on loopback that copies would have to replace.
        transceiver.setCodecPreferences(List.of(MediaCodec.OPUS));
      }
    }
    SessionDescription answer = connection.createAnswer();
    connection.setLocalDescription(answer);
    first.values().removeIf(transceiver -> !sends(transceiver));
    senders = first;
    return connection.localDescription().orElse(answer).sdp();
  }

  private static boolean sends(Transceiver transceiver) {
    return transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent();
  }

  /** Takes the page's candidate. Fails with {@link LoopbackException}. */
  CompletableFuture<Void> add(IceCandidateInit candidate) {
    return driver
        .<Void>call(
            connection -> {
              connection.addIceCandidate(candidate);
              return null;
            })
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
  void forward(MediaKind kind, MediaPacket packet) {
    Transceiver sender = senders.get(kind);
    if (sender != null && state == PeerConnectionState.CONNECTED) {
      driver.forward(sender, packet);
    }
  }

  /** Ends the connection; returns when its thread and its socket are gone. */
  @Override
  public void close() {
    driver.close();
  }

  private final class Events implements PeerListener {
    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      synchronized (candidates) {
        candidates.add(candidate);
        followers.forEach(follower -> follower.accept(candidate));
      }
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState changed) {
      state = changed;
      switch (changed) {
        case CLOSED, FAILED -> listener.onEnded(LoopbackConnection.this);
        case NEW, CONNECTING, CONNECTED, DISCONNECTED -> {}
      }
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      listener.onKeyFrameWanted();
    }
  }
}
