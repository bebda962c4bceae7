package org.heliograph.agent.call;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.IceUrl;
import org.heliograph.peer.MediaCodec;
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
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.pcap.PcapFile;
import org.heliograph.text.Cause;
import org.heliograph.text.ForeignText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A call's connection on {@link PeerDriver}. */
public final class PeerMediaConnection implements MediaConnection {
  private static final Logger log = LoggerFactory.getLogger(PeerMediaConnection.class);
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
  private static final Optional<String> OTHER_SIDE = Optional.of("the other side");
  private static final AtomicLong FILE_NUMBER = new AtomicLong();

  private final Listener listener;
  private final boolean hasTurnServers;
  private final PeerDriver driver;
  private final Optional<PcapFile> packets;

  /** The one transceiver of each kind; written on the driver's thread, read on any. */
  private volatile Map<MediaKind, Transceiver> transceivers = Map.of();

  private PeerMediaConnection(
      PeerConfiguration configuration, Optional<Path> packetDirectory, Listener listener)
      throws IOException {
    this.listener = listener;
    this.hasTurnServers =
        configuration.iceServers().stream()
            .flatMap(server -> server.urls().stream())
            .anyMatch(url -> IceUrl.parse(url).isTurn());
    this.driver = PeerDriver.open(configuration, new Events());
    this.packets = packetDirectory.flatMap(PeerMediaConnection::createPacketFile);
    packets.ifPresent(
        file -> {
          var _ =
              driver.call(
                  connection -> {
                    connection.observePackets(file);
                    return null;
                  });
        });
  }

  /**
   * Makes connections.
   *
   * @param configuration asked for each one, because credentials in it may end; it is told whether
   *     the other side may be on this machine
   * @param packetDirectory where each writes its decrypted packets, if anywhere
   */
  public static Factory factory(
      Function<Boolean, PeerConfiguration> configuration, Optional<Path> packetDirectory) {
    return (onThisMachine, listener) ->
        new PeerMediaConnection(configuration.apply(onThisMachine), packetDirectory, listener);
  }

  /** A call goes on without its file. */
  private static Optional<PcapFile> createPacketFile(Path directory) {
    Instant now = Instant.now();
    String name =
        "call-%sZ-%d-%d.pcap"
            .formatted(
                FILE_TIME.format(now),
                ProcessHandle.current().pid(),
                FILE_NUMBER.incrementAndGet());
    try {
      Files.createDirectories(directory);
      PcapFile file =
          PcapFile.create(
              directory.resolve(name), PcapFile.DEFAULT_MAX_BYTES, PeerDriver.nanoTime(), now);
      log.warn("What is said and shown in this call is written, decrypted, to {}", file.path());
      return Optional.of(file);
    } catch (IOException failure) {
      log.warn(
          "The packets of a call cannot be written to {} (calls.packet_directory): {}",
          directory,
          Cause.words(failure));
      return Optional.empty();
    }
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
              known.put(kind, onePersons(connection.addTransceiver(kind, direction)));
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
          // Takes an open offer of this side back, unless the other side's is refused.
          connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, sdp));
          SessionDescription answer;
          try {
            adopt(connection, sending);
            answer = connection.createAnswer();
            connection.setLocalDescription(answer);
          } catch (RuntimeException unanswerable) {
            takeRemoteOfferBack(connection);
            throw unanswerable;
          }
          tellReceiving();
          return answer.sdp();
        });
  }

  /** An offer that cannot be answered must not keep this side from making its own. */
  private static void takeRemoteOfferBack(PeerConnection connection) {
    if (connection.signalingState() == SignalingState.HAVE_REMOTE_OFFER) {
      connection.setRemoteDescription(new SessionDescription(SdpType.ROLLBACK, ""));
    }
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
      if (adopted.putIfAbsent(transceiver.kind(), onePersons(transceiver)) == null) {
        transceiver.setDirection(direction(sending.contains(transceiver.kind())));
      } else {
        transceiver.setDirection(TransceiverDirection.INACTIVE);
      }
    }
    transceivers = adopted;
  }

  /** A call is with one person, however a gateway names that person's tracks. */
  private static Transceiver onePersons(Transceiver transceiver) {
    transceiver.setSynchronizationGroup(OTHER_SIDE);
    return transceiver;
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
    tellWhatCannotBeSent();
  }

  /** The encoder here makes VP8; a side that takes VP9 alone can be received and not be sent to. */
  private void tellWhatCannotBeSent() {
    Transceiver video = transceivers.get(MediaKind.VIDEO);
    if (video != null
        && video.currentDirection().filter(TransceiverDirection::sends).isPresent()
        && !video.negotiatedCodecs().contains(MediaCodec.VP8)) {
      listener.onMediaRefused(
          MediaKind.VIDEO, "the other side does not take VP8, which is what this side sends");
    }
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
  public void setHandsOnPackets(boolean handsOn) {
    var _ =
        driver.call(
            connection -> {
              connection.setHandsOnPackets(handsOn);
              return null;
            });
  }

  @Override
  public boolean hasTurnServers() {
    return hasTurnServers;
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
    packets.ifPresent(
        file -> {
          try {
            file.close();
          } catch (IOException failure) {
            log.warn("{} may be incomplete: {}", file.path(), Cause.words(failure));
          }
        });
  }

  /** The way from the connection to the call. */
  private final class Events implements PeerListener {
    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      listener.onCandidate(candidate);
    }

    @Override
    public void onIceCandidateError(String url, int errorCode, String errorText) {
      log.warn("The ICE server {} is of no use to this call: {}", url, ForeignText.line(errorText));
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      listener.onState(state);
    }

    @Override
    public void onFailed(String reason) {
      listener.onFailed(ForeignText.line(reason));
    }

    @Override
    public void onMediaRefused(MediaKind kind, String reason) {
      listener.onMediaRefused(kind, ForeignText.line(reason));
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      if (transceiver == transceivers.get(transceiver.kind())) {
        listener.onFrame(transceiver.kind(), frame);
      }
    }

    @Override
    public void onPacket(Transceiver transceiver, MediaPacket packet) {
      if (transceiver == transceivers.get(transceiver.kind())) {
        listener.onPacket(transceiver.kind(), packet);
      }
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      listener.onKeyFrameRequested(transceiver.kind());
    }

    @Override
    public void onLossToPrepareFor(Transceiver transceiver, double share) {
      if (transceiver == transceivers.get(MediaKind.AUDIO)) {
        listener.onSoundLoss(share);
      }
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      listener.onBandwidthEstimate(bitsPerSecond);
    }
  }
}
