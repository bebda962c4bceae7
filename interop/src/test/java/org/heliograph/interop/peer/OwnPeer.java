package org.heliograph.interop.peer;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Stream;
import org.heliograph.peer.DataChannel;
import org.heliograph.peer.DataChannelState;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Stats;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.IceCandidateStats;
import org.heliograph.peer.stats.TransportStats;

/** This project's side of a call: sends a picture with a code and a tone, and reads what comes. */
final class OwnPeer implements AutoCloseable {
  private final Listener listener = new Listener();
  private final FrameReader reader = new FrameReader();
  private final Queue<IceCandidateInit> candidates = new ConcurrentLinkedQueue<>();
  private final Map<MediaKind, Transceiver> transceivers = new EnumMap<>(MediaKind.class);
  private final Map<MediaKind, Transceiver> tracks = new ConcurrentHashMap<>();
  private final Map<String, OwnChannel> channels = new ConcurrentHashMap<>();
  private final PeerDriver driver;
  private final CodedMedia media;

  /**
   * @param toneHertz the tone that it sends
   */
  OwnPeer(PeerConfiguration configuration, int toneHertz) throws IOException {
    driver = PeerDriver.open(configuration, listener);
    media = new CodedMedia(driver, toneHertz);
  }

  private final class Listener implements PeerListener {
    private final List<String> events = new ArrayList<>();
    private PeerConnectionState state = PeerConnectionState.NEW;

    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      candidates.add(candidate);
    }

    @Override
    public synchronized void onConnectionStateChange(PeerConnectionState changed) {
      state = changed;
      events.add(changed.toString());
      notifyAll();
    }

    @Override
    public synchronized void onFailed(String reason) {
      events.add(reason);
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      media.setBitsPerSecond(bitsPerSecond);
    }

    @Override
    public void onTrack(Transceiver transceiver) {
      tracks.put(transceiver.kind(), transceiver);
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      reader.add(transceiver.kind(), frame.payload());
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      media.requestKeyFrame();
    }

    @Override
    public void onOpen(DataChannel channel) {
      OwnChannel own = channels.get(channel.label());
      if (own != null) {
        own.flush();
      }
    }

    @Override
    public void onMessage(DataChannel channel, String text) {
      receive(channel, new ChannelMessage.Text(text));
    }

    @Override
    public void onMessage(DataChannel channel, ByteBuffer binary) {
      receive(channel, new ChannelMessage.Binary(binary));
    }

    /** What comes on a channel of the other side is sent back. */
    private void receive(DataChannel channel, ChannelMessage message) {
      OwnChannel own = channels.get(channel.label());
      if (own != null) {
        own.received.add(message);
      } else {
        message.sendOn(channel);
      }
    }

    synchronized PeerConnectionState state() {
      return state;
    }

    synchronized void awaitState(PeerConnectionState wanted, Duration limit) {
      long deadline = System.nanoTime() + limit.toNanos();
      while (state != wanted) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("not " + wanted + " in " + limit + ": " + events);
        }
        try {
          wait(Math.max(1, left / 1_000_000));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError("interrupted", e);
        }
      }
    }

    synchronized List<String> events() {
      return List.copyOf(events);
    }
  }

  /** A data channel that this side opened; on the connection's thread, but for what came. */
  private static final class OwnChannel {
    private final DataChannel channel;
    private final Deque<ChannelMessage> waiting = new ArrayDeque<>();
    private final Queue<ChannelMessage> received = new ConcurrentLinkedQueue<>();

    OwnChannel(DataChannel channel) {
      this.channel = channel;
    }

    void flush() {
      while (channel.readyState() == DataChannelState.OPEN && !waiting.isEmpty()) {
        waiting.remove().sendOn(channel);
      }
    }
  }

  private <T> T call(Function<PeerConnection, T> step) {
    return driver.call(step).join();
  }

  /** Wants to send and to receive it, from the next exchange on, and has nothing to send yet. */
  void prepare(MediaKind kind) {
    Transceiver transceiver = transceivers.get(kind);
    if (transceiver == null) {
      transceivers.put(
          kind, call(peer -> peer.addTransceiver(kind, TransceiverDirection.SENDRECV)));
    } else {
      setDirection(transceiver, TransceiverDirection.SENDRECV);
    }
  }

  /** Sends a picture or a tone, and wants to receive one, from the next exchange on. */
  void send(MediaKind kind) {
    prepare(kind);
    switch (kind) {
      case AUDIO -> media.sendTone(transceivers.get(kind));
      case VIDEO -> media.sendPictures(transceivers.get(kind));
    }
  }

  /** Wants to send it no longer. */
  void stopSending(MediaKind kind) {
    setDirection(transceivers.get(kind), TransceiverDirection.RECVONLY);
    switch (kind) {
      case AUDIO -> media.stopTone();
      case VIDEO -> media.stopPictures();
    }
  }

  /** Wants all media to go that way, from the next exchange on; it is sent as before. */
  void setDirection(TransceiverDirection direction) {
    transceivers.values().forEach(transceiver -> setDirection(transceiver, direction));
  }

  /** Forgets how to decode the picture that it had, and asks for a new one (PLI). */
  void requestPicture() {
    reader.resetVideo();
    call(
        peer -> {
          peer.requestKeyFrame(tracks.get(MediaKind.VIDEO));
          return null;
        });
  }

  private void setDirection(Transceiver transceiver, TransceiverDirection direction) {
    call(
        peer -> {
          transceiver.setDirection(direction);
          return null;
        });
  }

  /** Makes an offer and applies it. */
  String offer() {
    return call(
        peer -> {
          SessionDescription offer = peer.createOffer();
          peer.setLocalDescription(offer);
          return offer.sdp();
        });
  }

  /** Makes an offer that begins ICE anew, and applies it. */
  String offerIceRestart() {
    call(
        peer -> {
          peer.restartIce();
          return null;
        });
    return offer();
  }

  /** Applies an offer, makes the answer and applies that. */
  String answer(String offer) {
    return call(
        peer -> {
          peer.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer));
          SessionDescription answer = peer.createAnswer();
          peer.setLocalDescription(answer);
          return answer.sdp();
        });
  }

  /** Applies the answer to the offer made before. */
  void accept(String answer) {
    call(
        peer -> {
          peer.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer));
          return null;
        });
  }

  void addCandidate(IceCandidateInit candidate) {
    call(
        peer -> {
          peer.addIceCandidate(candidate);
          return null;
        });
  }

  /** The candidates found since the last time. */
  List<IceCandidateInit> takeCandidates() {
    List<IceCandidateInit> taken = new ArrayList<>();
    for (var next = candidates.poll(); next != null; next = candidates.poll()) {
      taken.add(next);
    }
    return taken;
  }

  /** Opens a data channel. */
  void openChannel(String label) {
    call(peer -> channels.put(label, new OwnChannel(peer.createDataChannel(label))));
  }

  /** Sends a message on a channel that this side opened, as soon as it is open. */
  void sendMessage(String label, ChannelMessage message) {
    call(
        _ -> {
          OwnChannel channel = channels.get(label);
          channel.waiting.add(message);
          channel.flush();
          return null;
        });
  }

  /** The messages that came on a channel that this side opened, since the last time. */
  List<ChannelMessage> takeMessages(String label) {
    List<ChannelMessage> taken = new ArrayList<>();
    Queue<ChannelMessage> received = channels.get(label).received;
    for (var next = received.poll(); next != null; next = received.poll()) {
      taken.add(next);
    }
    return taken;
  }

  /** What is seen and heard since {@link #forget}. */
  ReceivedContent received() {
    return reader.content();
  }

  /** How much sound came since {@link #forget}, in samples of 48 kHz. */
  long receivedSamples() {
    return reader.samples();
  }

  /** Begins to look and to listen anew. */
  void forget() {
    reader.forget();
  }

  /** The codes of all pictures sent so far. */
  Set<Integer> painted() {
    return media.painted();
  }

  PeerConnectionState state() {
    return listener.state();
  }

  void awaitState(PeerConnectionState wanted, Duration limit) {
    listener.awaitState(wanted, limit);
  }

  Optional<TransceiverDirection> direction(MediaKind kind) {
    return transceivers.get(kind).currentDirection();
  }

  /** What tells the present path's generation of ICE; empty while there is no path. */
  String selectedUsernameFragments() {
    return selectedCandidates().stream()
        .map(IceCandidateStats::usernameFragment)
        .collect(joining(" "));
  }

  /** The type of this side's candidate on the present path; empty while there is none. */
  String selectedCandidateType() {
    return selectedCandidates().stream()
        .map(IceCandidateStats::candidateType)
        .findFirst()
        .orElse("");
  }

  /** This side's candidate on the present path, and the other side's; none while there is none. */
  private List<IceCandidateStats> selectedCandidates() {
    Map<String, Stats> all = new HashMap<>();
    stats().forEach(one -> all.put(one.id(), one));
    return all.values().stream()
        .filter(TransportStats.class::isInstance)
        .map(transport -> all.get(((TransportStats) transport).selectedCandidatePairId()))
        .filter(IceCandidatePairStats.class::isInstance)
        .map(IceCandidatePairStats.class::cast)
        .flatMap(pair -> Stream.of(pair.localCandidateId(), pair.remoteCandidateId()))
        .map(id -> (IceCandidateStats) all.get(id))
        .toList();
  }

  /** Everything that the connection has to say. */
  List<Stats> stats() {
    return call(PeerConnection::getStats);
  }

  /** What there is to say about a call that does not come about. */
  String troubles() {
    return "events %s%n%s%n%s"
        .formatted(
            listener.events(),
            call(PeerConnection::localDescription).map(SessionDescription::sdp).orElse("no offer"),
            stats().toString().replace("Stats[", "\n  Stats["));
  }

  @Override
  public void close() {
    try {
      media.close();
    } finally {
      driver.close();
      reader.close();
    }
  }
}
