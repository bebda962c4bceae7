package org.heliograph.peer.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualClock;
import org.heliograph.peer.netem.VirtualSocket;

/** An agent on an emulated host, driven in virtual time, with all that it did and told. */
final class IcePeer implements IceAgent.Output, VirtualClock.Driven {
  /** A packet that left. */
  record Sent(long nanos, InetSocketAddress local, InetSocketAddress remote, StunMessage message) {}

  final IceAgent agent;
  final List<Candidate> candidates = new ArrayList<>();
  final List<IceState> states = new ArrayList<>();
  final List<SelectedPair> selectedPairs = new ArrayList<>();
  final List<String> skipped = new ArrayList<>();
  final List<Sent> sent = new ArrayList<>();
  final List<Sent> received = new ArrayList<>();
  int gatheringCompleted;

  /** When media came, in order. */
  final List<Long> media = new ArrayList<>();

  private Consumer<Candidate> trickle = candidate -> {};
  private final NetworkEmulator network;
  private final Host host;
  private final Map<InetSocketAddress, VirtualSocket> sockets = new HashMap<>();

  IcePeer(
      NetworkEmulator network, Host host, IceRole role, long seed, IceConfiguration configuration) {
    this.network = network;
    this.host = host;
    agent = new IceAgent(role, configuration, new Random(seed), this);
    network.clock().drive(this);
  }

  IcePeer(NetworkEmulator network, Host host, IceRole role, long seed) {
    this(network, host, role, seed, IceConfiguration.defaults());
  }

  /** Binds a socket and gives it to the agent. */
  InetSocketAddress bind(String address) {
    VirtualSocket socket = host.bind(address, 0, this::receive);
    sockets.put(socket.local(), socket);
    agent.addLocalAddress(network.nanoTime(), socket.local());
    return socket.local();
  }

  /** Closes the sockets of an address, and says which they were. */
  List<InetSocketAddress> unbind(String address) {
    List<InetSocketAddress> gone =
        sockets.keySet().stream()
            .filter(local -> local.getAddress().equals(InetAddress.ofLiteral(address)))
            .toList();
    gone.forEach(local -> sockets.get(local).close());
    return gone;
  }

  /** Signals everything known so far to the other side: credentials, candidates, their end. */
  void signalTo(IcePeer other) {
    signalCredentialsTo(other);
    signalCandidatesTo(other);
  }

  void signalCredentialsTo(IcePeer other) {
    other.agent.setRemoteCredentials(network.nanoTime(), agent.localCredentials(), false);
  }

  void signalCandidatesTo(IcePeer other) {
    for (Candidate candidate : candidates) {
      other.agent.addRemoteCandidate(network.nanoTime(), candidate);
    }
    other.agent.endOfRemoteCandidates(network.nanoTime());
  }

  boolean isConnected() {
    return agent.state() == IceState.CONNECTED || agent.state() == IceState.COMPLETED;
  }

  boolean isCompleted() {
    return agent.state() == IceState.COMPLETED;
  }

  SelectedPair selected() {
    return selectedPairs.getLast();
  }

  /** The last check or question that left. */
  Optional<StunMessage> lastRequest() {
    return sent.reversed().stream()
        .map(Sent::message)
        .filter(message -> message.messageClass() == StunClass.REQUEST)
        .findFirst();
  }

  List<Sent> sentRequests() {
    return sent.stream().filter(s -> s.message.messageClass() == StunClass.REQUEST).toList();
  }

  List<Sent> sent(Predicate<StunMessage> which) {
    return sent.stream().filter(s -> which.test(s.message)).toList();
  }

  List<Integer> receivedErrors() {
    return received.stream()
        .flatMap(s -> s.message.attribute(StunAttribute.ErrorCode.class).stream())
        .map(StunAttribute.ErrorCode::code)
        .toList();
  }

  /** Sends 50 packets of media a second from now on, over the selected pair while there is one. */
  void sendMedia() {
    agent
        .selectedPair()
        .ifPresent(
            pair ->
                sockets
                    .get(pair.local())
                    .send(pair.remote(), ByteBuffer.allocate(160).put(0, (byte) 0x80)));
    network.clock().after(Duration.ofMillis(20), this::sendMedia);
  }

  /** Every later candidate goes to the other side, after a while on the way. */
  void trickleTo(IcePeer other, Duration signallingDelay) {
    trickle =
        candidate ->
            network
                .clock()
                .after(
                    signallingDelay,
                    () -> other.agent.addRemoteCandidate(network.nanoTime(), candidate));
  }

  private void receive(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    if (!StunMessage.looksLikeStun(packet)) {
      media.add(network.nanoTime());
      agent.handleTraffic(network.nanoTime(), local, remote);
      return;
    }
    received.add(new Sent(network.nanoTime(), local, remote, parsed(packet)));
    agent.handleDatagram(network.nanoTime(), local, remote, packet);
  }

  private static StunMessage parsed(ByteBuffer packet) {
    try {
      byte[] copy = new byte[packet.remaining()];
      packet.get(packet.position(), copy);
      return StunMessage.parse(ByteBuffer.wrap(copy));
    } catch (StunException e) {
      throw new AssertionError("an agent sent what is not STUN", e);
    }
  }

  @Override
  public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    sent.add(new Sent(network.nanoTime(), local, remote, parsed(packet)));
    sockets.get(local).send(remote, packet);
  }

  @Override
  public void onLocalCandidate(Candidate candidate) {
    candidates.add(candidate);
    trickle.accept(candidate);
  }

  @Override
  public void onGatheringComplete() {
    gatheringCompleted++;
  }

  @Override
  public void onStateChange(IceState state) {
    states.add(state);
  }

  @Override
  public void onSelectedPairChange(SelectedPair pair) {
    selectedPairs.add(pair);
  }

  @Override
  public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
    skipped.add(reason);
  }

  @Override
  public long nextTimeoutNanos() {
    return agent.nextTimeoutNanos();
  }

  @Override
  public void handleTimeout(long nowNanos) {
    agent.handleTimeout(nowNanos);
  }
}
