package org.heliograph.agent.call;

import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerDriver;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.SignalingState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;

/** A call's connection on {@link PeerDriver}. */
public final class PeerMediaConnection implements MediaConnection {
  private final Listener listener;
  private final PeerDriver driver;

  /** The one transceiver of each kind; written on the driver's thread, read on any. */
  private volatile Map<MediaKind, Transceiver> transceivers = Map.of();

  private PeerMediaConnection(PeerConfiguration configuration, Listener listener)
      throws IOException {
    this.listener = listener;
    this.driver = PeerDriver.open(configuration, new Events());
  }

  /** Makes connections of one configuration. */
  public static Factory factory(PeerConfiguration configuration) {
    return listener -> new PeerMediaConnection(configuration, listener);
  }

  @Override
  public CompletableFuture<String> createOffer(Set<MediaKind> kinds, Set<MediaKind> sending) {
    return driver.call(
        connection -> {
          Map<MediaKind, Transceiver> known = new EnumMap<>(MediaKind.class);
          known.putAll(transceivers);
          for (MediaKind kind : kinds) {
            TransceiverDirection direction = direction(sending.contains(kind));
            if (known.containsKey(kind)) {
              known.get(kind).setDirection(direction);
            } else {
              known.put(kind, connection.addTransceiver(kind, direction));
            }
          }
          transceivers = known;
          SessionDescription offer = connection.createOffer();
          connection.setLocalDescription(offer);
          return offer.sdp();
        });
  }

  @Override
  public CompletableFuture<String> acceptOffer(String sdp, Set<MediaKind> sending) {
    return driver.call(
        connection -> {
          if (connection.signalingState() == SignalingState.HAVE_LOCAL_OFFER) {
            connection.setLocalDescription(new SessionDescription(SdpType.ROLLBACK, ""));
          }
          connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, sdp));
          adopt(connection, sending);
          SessionDescription answer = connection.createAnswer();
          connection.setLocalDescription(answer);
          tellReceiving();
          return answer.sdp();
        });
  }

  @Override
  public CompletableFuture<Void> acceptAnswer(String sdp) {
    return driver.call(
        connection -> {
          connection.setRemoteDescription(new SessionDescription(SdpType.ANSWER, sdp));
          tellReceiving();
          return null;
        });
  }

  /** Takes the first section of each kind; a further one of the same kind has nowhere to go. */
  private void adopt(PeerConnection connection, Set<MediaKind> sending) {
    Map<MediaKind, Transceiver> adopted = new EnumMap<>(MediaKind.class);
    for (Transceiver transceiver : connection.transceivers()) {
      if (transceiver.direction() == TransceiverDirection.STOPPED) {
        continue;
      }
      if (adopted.putIfAbsent(transceiver.kind(), transceiver) == null) {
        transceiver.setDirection(direction(sending.contains(transceiver.kind())));
      } else {
        transceiver.setDirection(TransceiverDirection.INACTIVE);
      }
    }
    transceivers = adopted;
  }

  private void tellReceiving() {
    Set<MediaKind> receiving = EnumSet.noneOf(MediaKind.class);
    transceivers.forEach(
        (kind, transceiver) -> {
          if (transceiver.currentDirection().filter(TransceiverDirection::receives).isPresent()) {
            receiving.add(kind);
          }
        });
    listener.onReceiving(receiving);
  }

  private static TransceiverDirection direction(boolean sends) {
    return sends ? TransceiverDirection.SENDRECV : TransceiverDirection.RECVONLY;
  }

  @Override
  public CompletableFuture<Void> addCandidate(IceCandidateInit candidate) {
    return driver.call(
        connection -> {
          connection.addIceCandidate(candidate);
          return null;
        });
  }

  @Override
  public void send(MediaKind kind, MediaFrame frame) {
    Transceiver transceiver = transceivers.get(kind);
    if (transceiver != null) {
      driver.send(transceiver, frame);
    }
  }

  @Override
  public void requestKeyFrame() {
    Transceiver video = transceivers.get(MediaKind.VIDEO);
    if (video != null) {
      var _ =
          driver.call(
              connection -> {
                connection.requestKeyFrame(video);
                return null;
              });
    }
  }

  @Override
  public CompletableFuture<List<Stats>> stats() {
    return driver.call(PeerConnection::getStats);
  }

  @Override
  public void close() {
    driver.close();
  }

  /** The way from the connection to the call. */
  private final class Events implements PeerListener {
    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      listener.onCandidate(candidate);
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      listener.onState(state);
    }

    @Override
    public void onFailed(String reason) {
      listener.onFailed(reason);
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      if (transceiver == transceivers.get(transceiver.kind())) {
        listener.onFrame(transceiver.kind(), frame);
      }
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      listener.onKeyFrameRequested(transceiver.kind());
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      listener.onBandwidthEstimate(bitsPerSecond);
    }
  }
}
