package org.heliograph.peer;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualClock;
import org.heliograph.peer.netem.VirtualSocket;

/** A connection on a host of an emulated network, with everything that it tells. */
final class VirtualPeer implements PeerListener, VirtualClock.Driven {
  final PeerConnection connection;
  final List<IceCandidateInit> candidates = new ArrayList<>();
  final List<PeerConnectionState> states = new ArrayList<>();
  final List<SignalingState> signalingStates = new ArrayList<>();
  final List<Transceiver> tracks = new ArrayList<>();
  final List<MediaFrame> video = new ArrayList<>();
  final List<MediaFrame> audio = new ArrayList<>();
  final List<Long> bandwidthEstimates = new ArrayList<>();
  final List<DataChannel> dataChannels = new ArrayList<>();
  final Map<DataChannel, List<String>> texts = new HashMap<>();
  final Map<DataChannel, List<ByteBuffer>> binaries = new HashMap<>();
  final Map<DataChannel, List<DataChannelState>> channelStates = new HashMap<>();
  final List<DataChannel> lowBuffers = new ArrayList<>();
  boolean echoesTexts;
  final List<String> refusals = new ArrayList<>();
  String failure = "";

  /** Sees every datagram that is sent, and where to. */
  BiConsumer<InetSocketAddress, ByteBuffer> onSend = (remote, datagram) -> {};

  /** Sees every packet that is handed on. */
  BiConsumer<Transceiver, MediaPacket> onPacket = (transceiver, packet) -> {};

  /** Sees every frame that comes. */
  BiConsumer<Transceiver, MediaFrame> onFrame = (transceiver, frame) -> {};

  /** Is told of every key frame that is asked for. */
  Consumer<Transceiver> onKeyFrameRequested = transceiver -> {};

  int keyFrameRequests;
  int negotiationsNeeded;

  private final NetworkEmulator network;
  private final Map<InetSocketAddress, VirtualSocket> sockets = new HashMap<>();
  private VirtualPeer trickleTo;
  private Duration signallingDelay = Duration.ZERO;
  private int trickled;

  VirtualPeer(NetworkEmulator network, Host host, long seed, String... addresses) {
    this(PeerConfiguration.defaults(), network, host, seed, addresses);
  }

  VirtualPeer(
      PeerConfiguration configuration,
      NetworkEmulator network,
      Host host,
      long seed,
      String... addresses) {
    this.network = network;
    connection =
        new PeerConnection(
            configuration,
            this,
            this::send,
            network.nanoTime(),
            Instant.parse("2026-01-01T00:00:00Z"),
            new Random(seed));
    network.clock().drive(this);
    for (String address : addresses) {
      bind(host, address);
    }
    connection.endOfLocalAddresses(network.nanoTime());
  }

  /** Binds a socket and names it, as a driver does with a new address. */
  void bind(Host host, String address) {
    VirtualSocket socket =
        host.bind(
            address,
            0,
            (local, remote, packet) ->
                connection.handleDatagram(network.nanoTime(), local, remote, packet));
    sockets.put(socket.local(), socket);
    connection.addLocalAddress(network.nanoTime(), socket.local());
  }

  /** Closes an address' socket and ends its use, as a driver does when the address has gone. */
  void unbind(String address) {
    for (InetSocketAddress local : List.copyOf(sockets.keySet())) {
      if (local.getAddress().equals(InetAddress.ofLiteral(address))) {
        sockets.get(local).close();
        connection.removeLocalAddress(network.nanoTime(), local);
      }
    }
  }

  private void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    onSend.accept(remote, datagram);
    sockets.get(local).send(remote, datagram);
  }

  /** From now on every candidate goes to the other side, after a while on the way. */
  void trickleTo(VirtualPeer other, Duration delay) {
    trickleTo = other;
    signallingDelay = delay;
    trickle();
  }

  private void trickle() {
    while (trickleTo != null && trickled < candidates.size()) {
      IceCandidateInit candidate = candidates.get(trickled++);
      VirtualPeer to = trickleTo;
      network
          .clock()
          .after(
              signallingDelay,
              () -> {
                if (to.connection.signalingState() != SignalingState.CLOSED) {
                  to.connection.addIceCandidate(candidate);
                }
              });
    }
  }

  SessionDescription offer() {
    SessionDescription offer = connection.createOffer();
    connection.setLocalDescription(offer);
    return offer;
  }

  SessionDescription answer(SessionDescription offer) {
    connection.setRemoteDescription(offer);
    SessionDescription answer = connection.createAnswer();
    connection.setLocalDescription(answer);
    return answer;
  }

  void negotiateWith(VirtualPeer other) {
    connection.setRemoteDescription(other.answer(offer()));
  }

  void send(Transceiver transceiver, MediaFrame frame) {
    connection.send(network.nanoTime(), transceiver, frame);
  }

  boolean isConnected() {
    return connection.connectionState() == PeerConnectionState.CONNECTED;
  }

  @Override
  public void onIceCandidate(IceCandidateInit candidate) {
    candidates.add(candidate);
    trickle();
  }

  @Override
  public void onConnectionStateChange(PeerConnectionState state) {
    states.add(state);
  }

  @Override
  public void onSignalingStateChange(SignalingState state) {
    signalingStates.add(state);
  }

  @Override
  public void onFailed(String reason) {
    failure = reason;
  }

  @Override
  public void onNegotiationNeeded() {
    negotiationsNeeded++;
  }

  @Override
  public void onMediaRefused(MediaKind kind, String reason) {
    refusals.add(reason);
  }

  @Override
  public void onTrack(Transceiver transceiver) {
    tracks.add(transceiver);
  }

  @Override
  public void onFrame(Transceiver transceiver, MediaFrame frame) {
    (transceiver.kind() == MediaKind.VIDEO ? video : audio).add(frame);
    onFrame.accept(transceiver, frame);
  }

  @Override
  public void onKeyFrameRequested(Transceiver transceiver) {
    keyFrameRequests++;
    onKeyFrameRequested.accept(transceiver);
  }

  @Override
  public void onPacket(Transceiver transceiver, MediaPacket packet) {
    onPacket.accept(transceiver, packet);
  }

  @Override
  public void onDataChannel(DataChannel channel) {
    dataChannels.add(channel);
  }

  @Override
  public void onOpen(DataChannel channel) {
    note(channel, DataChannelState.OPEN);
  }

  @Override
  public void onClosing(DataChannel channel) {
    note(channel, DataChannelState.CLOSING);
  }

  @Override
  public void onClosed(DataChannel channel) {
    note(channel, DataChannelState.CLOSED);
  }

  private void note(DataChannel channel, DataChannelState state) {
    channelStates.computeIfAbsent(channel, _ -> new ArrayList<>()).add(state);
  }

  List<DataChannelState> states(DataChannel channel) {
    return channelStates.getOrDefault(channel, List.of());
  }

  @Override
  public void onMessage(DataChannel channel, String text) {
    texts.computeIfAbsent(channel, _ -> new ArrayList<>()).add(text);
    if (echoesTexts) {
      channel.send(text);
    }
  }

  List<String> texts(DataChannel channel) {
    return texts.getOrDefault(channel, List.of());
  }

  @Override
  public void onMessage(DataChannel channel, ByteBuffer binary) {
    binaries.computeIfAbsent(channel, _ -> new ArrayList<>()).add(binary);
  }

  List<ByteBuffer> binaries(DataChannel channel) {
    return binaries.getOrDefault(channel, List.of());
  }

  @Override
  public void onBufferedAmountLow(DataChannel channel) {
    lowBuffers.add(channel);
  }

  @Override
  public void onBandwidthEstimate(long bitsPerSecond) {
    bandwidthEstimates.add(bitsPerSecond);
  }

  @Override
  public long nextTimeoutNanos() {
    return connection.nextTimeoutNanos().orElse(Long.MAX_VALUE);
  }

  @Override
  public void handleTimeout(long nowNanos) {
    connection.handleTimeout(nowNanos);
  }
}
