package org.heliograph.session;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.IceUrl;
import org.heliograph.peer.MediaCodec;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.SignalingState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.pcap.PcapFile;
import org.heliograph.text.Cause;
import org.heliograph.text.ForeignText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session on {@link PeerDriver}: which transceiver (W3C {@code RTCRtpTransceiver}) carries which
 * track. A frame goes from here to the driver's thread, which packs it; a received one comes on
 * that thread and goes to who has subscribed to its track.
 */
public final class PeerSession implements MediaSession {
  /** More tracks than anyone shows; further ones are not received. */
  static final int MAX_REMOTE_TRACKS = 64;

  /**
   * How a session treats what is not said of it section by section.
   *
   * @param receives whether it receives what the other side offers
   * @param synchronizationGroup what all that it receives is in time with, whatever the other side
   *     says of it; empty to go by that
   * @param soundCodecs the codecs of its sound, the preferred one first; none for the usual ones
   */
  public record Options(
      boolean receives, Optional<String> synchronizationGroup, List<MediaCodec> soundCodecs) {
    /** With one person, however a gateway names that person's tracks. */
    public static final Options ONE_PERSON =
        new Options(true, Optional.of("the other side"), List.of());

    /**
     * To a page on this machine, which is sent to only. Nothing is lost on loopback that copies of
     * packets (RED) would have to replace.
     */
    public static final Options TO_A_PAGE =
        new Options(false, Optional.empty(), List.of(MediaCodec.OPUS));
  }

  private static final Logger log = LoggerFactory.getLogger(PeerSession.class);

  private final Listener listener;
  private final Options options;
  private final boolean hasTurnServers;
  private final PeerDriver driver;

  /** The transceiver of each own track; written on the driver's thread, read on any. */
  private volatile Map<TrackId, Transceiver> sending = Map.of();

  /** The track that each transceiver receives; written on the driver's thread, read on any. */
  private volatile Map<Transceiver, RemoteTrack> receiving = Map.of();

  /** What is done with an own track's frames before they are sent. */
  private volatile Map<TrackId, FrameTransform> transforms = Map.of();

  private volatile Optional<PcapFile> packets = Optional.empty();

  // The driver's thread's own.
  private int remoteTracks;

  /** Sections that carried an own track once, and are given up when nothing comes in them. */
  private final Set<Transceiver> former = new HashSet<>();

  /**
   * Tracks that the other side has refused: they are sent when it opens a section, and not before.
   */
  private final Set<TrackId> refused = new HashSet<>();

  private PeerSession(Optional<PeerConfiguration> configuration, Options options, Listener listener)
      throws IOException {
    this.listener = listener;
    this.options = options;
    this.hasTurnServers =
        configuration.stream()
            .flatMap(known -> known.iceServers().stream())
            .flatMap(server -> server.urls().stream())
            .anyMatch(url -> IceUrl.parse(url).isTurn());
    this.driver =
        configuration.isPresent()
            ? PeerDriver.open(configuration.get(), new Events())
            : PeerDriver.openOnLoopback(new Events());
  }

  /**
   * Opens a session's sockets; may block for a moment.
   *
   * @throws IOException if no address can be bound
   */
  public static PeerSession open(
      PeerConfiguration configuration, Options options, Listener listener) throws IOException {
    return new PeerSession(Optional.of(configuration), options, listener);
  }

  /**
   * Opens a session to another program on this machine, from which nothing reaches another one.
   *
   * @throws IOException if no socket can be opened on loopback
   */
  public static PeerSession openOnLoopback(Options options, Listener listener) throws IOException {
    return new PeerSession(Optional.empty(), options, listener);
  }

  // --- Descriptions -----------------------------------------------------------------------------

  @Override
  public CompletableFuture<String> createOffer(List<Section> sections) {
    return driver.call(
        connection -> {
          giveUpFormer();
          place(connection, sections, true);
          SessionDescription offer = connection.createOffer();
          connection.setLocalDescription(offer);
          return offer.sdp();
        });
  }

  @Override
  public CompletableFuture<Answer> acceptOffer(String sdp, List<Section> sections) {
    return driver.call(
        connection -> {
          // Takes an open offer of this side back, unless the other side's is refused.
          connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, sdp));
          SessionDescription answer;
          boolean complete;
          try {
            complete = place(connection, sections, false);
            answer = connection.createAnswer();
            connection.setLocalDescription(answer);
          } catch (RuntimeException unanswerable) {
            takeRemoteOfferBack(connection);
            throw unanswerable;
          }
          settled(connection);
          return new Answer(connection.localDescription().orElse(answer).sdp(), complete);
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
          settled(connection);
          return null;
        });
  }

  /**
   * Finds a transceiver for each own track, and sets the direction of every one. A track keeps the
   * one that it has. Another gets the first of its kind that no track has, which the other side has
   * opened; in an offer, a new one where there is none.
   *
   * @return whether each track has its place in the description
   */
  private boolean place(PeerConnection connection, List<Section> sections, boolean offering) {
    Map<TrackId, Transceiver> placed = new LinkedHashMap<>();
    for (Section section : sections) {
      Transceiver kept = sending.get(section.track());
      if (kept != null && isLive(kept)) {
        placed.put(section.track(), kept);
      }
    }
    for (Section section : sections) {
      if (!placed.containsKey(section.track())) {
        unused(connection, section.kind(), placed.values())
            .or(
                () ->
                    offering && !refused.contains(section.track())
                        ? Optional.of(added(connection, section))
                        : Optional.empty())
            .ifPresent(found -> placed.put(section.track(), found));
      }
    }
    sending.forEach(
        (track, before) -> {
          if (placed.get(track) != before) {
            former.add(before);
          }
        });
    former.removeAll(placed.values());
    refused.removeAll(placed.keySet());
    sending = Collections.unmodifiableMap(placed);
    direct(connection, sections);
    return sections.stream()
        .filter(section -> section.sends() && !refused.contains(section.track()))
        .map(section -> placed.get(section.track()))
        .allMatch(carrier -> carrier != null && carrier.mid().isPresent());
  }

  private Transceiver added(PeerConnection connection, Section section) {
    return connection.addTransceiver(section.kind(), direction(section.sends()));
  }

  private static Optional<Transceiver> unused(
      PeerConnection connection, MediaKind kind, Collection<Transceiver> taken) {
    return connection.transceivers().stream()
        .filter(open -> open.kind() == kind && isLive(open) && !taken.contains(open))
        .findFirst();
  }

  private static boolean isLive(Transceiver transceiver) {
    return transceiver.direction() != TransceiverDirection.STOPPED;
  }

  /** Sets the directions: a track's section as its track wants it, any other to be received. */
  private void direct(PeerConnection connection, List<Section> sections) {
    Map<Transceiver, Boolean> own = new LinkedHashMap<>();
    for (Section section : sections) {
      Transceiver transceiver = sending.get(section.track());
      if (transceiver != null) {
        own.put(transceiver, section.sends());
      }
    }
    int received = 0;
    for (Transceiver transceiver : connection.transceivers()) {
      if (!isLive(transceiver)) {
        continue;
      }
      boolean receives = options.receives() && received++ < MAX_REMOTE_TRACKS;
      boolean sends = own.getOrDefault(transceiver, false);
      transceiver.setDirection(direction(sends, receives));
      transceiver.setSynchronizationGroup(options.synchronizationGroup());
      if (transceiver.kind() == MediaKind.AUDIO && !options.soundCodecs().isEmpty()) {
        transceiver.setCodecPreferences(options.soundCodecs());
      }
    }
  }

  private TransceiverDirection direction(boolean sends) {
    return direction(sends, options.receives());
  }

  private static TransceiverDirection direction(boolean sends, boolean receives) {
    if (sends) {
      return receives ? TransceiverDirection.SENDRECV : TransceiverDirection.SENDONLY;
    }
    return receives ? TransceiverDirection.RECVONLY : TransceiverDirection.INACTIVE;
  }

  /** Frees the sections that carried an own track and in which nothing comes. */
  private void giveUpFormer() {
    for (Transceiver transceiver : former) {
      if (!receives(transceiver)) {
        transceiver.stop();
      }
    }
    former.removeIf(transceiver -> !isLive(transceiver));
  }

  /** An exchange is complete: tells what it has settled. */
  private void settled(PeerConnection connection) {
    Map<Transceiver, RemoteTrack> now = new LinkedHashMap<>();
    for (Transceiver transceiver : connection.transceivers()) {
      if (receives(transceiver)) {
        RemoteTrack before = receiving.get(transceiver);
        now.put(transceiver, isSame(before, transceiver) ? before : newTrack(transceiver));
      }
    }
    receiving = Collections.unmodifiableMap(now);
    sending.forEach(
        (track, transceiver) -> {
          if (!isLive(transceiver)) {
            refused.add(track);
          }
        });
    listener.onReceiving(List.copyOf(now.values()));
    sending.values().forEach(this::tellWhatCannotBeSent);
  }

  /** A section goes on with another track where the other side names it anew. */
  private static boolean isSame(RemoteTrack before, Transceiver transceiver) {
    return before != null
        && (before.name().isEmpty() || before.name().equals(transceiver.remoteTrackId()));
  }

  private RemoteTrack newTrack(Transceiver transceiver) {
    return new RemoteTrack(
        new TrackId("in-" + ++remoteTracks),
        transceiver.kind(),
        transceiver.remoteTrackId(),
        transceiver.remoteStreamIds());
  }

  private static boolean receives(Transceiver transceiver) {
    return transceiver.currentDirection().filter(TransceiverDirection::receives).isPresent();
  }

  private static boolean sends(Transceiver transceiver) {
    return transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent();
  }

  /** The encoder here makes VP8; a side that takes VP9 alone can be received and not be sent to. */
  private void tellWhatCannotBeSent(Transceiver transceiver) {
    if (options.receives()
        && transceiver.kind() == MediaKind.VIDEO
        && sends(transceiver)
        && !transceiver.negotiatedCodecs().contains(MediaCodec.VP8)) {
      listener.onMediaRefused(
          MediaKind.VIDEO, "the other side does not take VP8, which is what this side sends");
    }
  }

  @Override
  public CompletableFuture<Void> addCandidate(IceCandidateInit candidate) {
    return driver.call(
        connection -> {
          connection.addIceCandidate(candidate);
          return null;
        });
  }

  // --- Media ------------------------------------------------------------------------------------

  @Override
  public void send(TrackId track, MediaFrame frame) {
    Transceiver transceiver = sending.get(track);
    if (transceiver != null) {
      MediaFrame transformed = transforms.getOrDefault(track, FrameTransform.NONE).apply(frame);
      if (transformed != null) {
        driver.send(transceiver, transformed);
      }
    }
  }

  @Override
  public void forward(TrackId track, MediaPacket packet) {
    Transceiver transceiver = sending.get(track);
    if (transceiver != null) {
      driver.forward(transceiver, packet);
    }
  }

  /** Sets what is done with an own track's frames before they are sent; from any thread. */
  public synchronized void setTransform(TrackId track, FrameTransform transform) {
    Map<TrackId, FrameTransform> changed = new LinkedHashMap<>(transforms);
    changed.put(track, transform);
    transforms = Map.copyOf(changed);
  }

  /** Whether a track of this side is negotiated to be sent. */
  public boolean isSent(TrackId track) {
    Transceiver transceiver = sending.get(track);
    return transceiver != null && sends(transceiver);
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

  /** From now on writes every packet to the file, decrypted; it is closed with the session. */
  public void writePacketsTo(PcapFile file) {
    packets = Optional.of(file);
    var _ =
        driver.call(
            connection -> {
              connection.observePackets(file);
              return null;
            });
  }

  @Override
  public boolean hasTurnServers() {
    return hasTurnServers;
  }

  @Override
  public void requestKeyFrame(TrackId track) {
    receiving.forEach(
        (transceiver, remote) -> {
          if (remote.id().equals(track)) {
            var _ =
                driver.call(
                    connection -> {
                      connection.requestKeyFrame(transceiver);
                      return null;
                    });
          }
        });
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

  /** The way from the connection to the session's user. */
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
      RemoteTrack track = receiving.get(transceiver);
      if (track != null) {
        track.receive(frame);
      }
    }

    @Override
    public void onPacket(Transceiver transceiver, MediaPacket packet) {
      RemoteTrack track = receiving.get(transceiver);
      if (track != null) {
        listener.onPacket(track, packet);
      }
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      withTrack(transceiver, listener::onKeyFrameRequested);
    }

    @Override
    public void onLossToPrepareFor(Transceiver transceiver, double share) {
      withTrack(transceiver, track -> listener.onLossToPrepareFor(track, share));
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      listener.onBandwidthEstimate(bitsPerSecond);
    }
  }

  private void withTrack(Transceiver transceiver, Consumer<TrackId> told) {
    sending.forEach(
        (track, carrier) -> {
          if (carrier == transceiver) {
            told.accept(track);
          }
        });
  }
}
