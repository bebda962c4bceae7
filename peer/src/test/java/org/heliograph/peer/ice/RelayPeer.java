package org.heliograph.peer.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualClock;
import org.heliograph.peer.netem.VirtualSocket;

/** An agent with its paths on an emulated host, in virtual time. */
final class RelayPeer implements IceAgent.Output, VirtualClock.Driven {
  /** Answers a stream that the paths open; everything happens after the call. */
  interface Streams {
    void connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName);

    void send(int stream, ByteBuffer message);

    void disconnect(int stream);
  }

  final IceAgent agent;
  final IcePaths paths;
  final List<Candidate> candidates = new ArrayList<>();
  final List<String> skipped = new ArrayList<>();

  /** What has become of the servers, in the order in which it was told. */
  final List<String> servers = new ArrayList<>();

  final List<String> lookups = new ArrayList<>();
  final List<Integer> data = new ArrayList<>();
  final List<InetSocketAddress> sentTo = new ArrayList<>();
  int gatheringCompleted;
  Streams streams;
  SelectedPair selected;

  private final NetworkEmulator network;
  private final Host host;
  private final Map<InetSocketAddress, VirtualSocket> sockets = new HashMap<>();
  private RelayPeer trickleTo;

  RelayPeer(NetworkEmulator network, Host host, IceRole role, long seed, boolean relayOnly) {
    this.network = network;
    this.host = host;
    agent = new IceAgent(role, IceConfiguration.defaults(), new Random(seed), this);
    paths = new IcePaths(agent, relayOnly, new Random(seed + 1), new Underneath());
    network.clock().drive(this);
  }

  InetSocketAddress bind(String address) {
    VirtualSocket socket = host.bind(address, 0, this::receive);
    sockets.put(socket.local(), socket);
    paths.addLocalAddress(network.nanoTime(), socket.local());
    return socket.local();
  }

  void use(TestTurnServer server) {
    use(server.server(), server.address());
  }

  void use(TurnServer server, InetSocketAddress... addresses) {
    paths.addTurnServer(network.nanoTime(), server, List.of(addresses));
  }

  void endOfServers() {
    endOfWaitingForServers();
    paths.endOfServers(network.nanoTime());
  }

  /** Some are still being looked up. */
  void endOfWaitingForServers() {
    paths.endOfLocalAddresses(network.nanoTime());
  }

  /** From now on the other side learns of every candidate at once. */
  void signalTo(RelayPeer other) {
    trickleTo = other;
    other.agent.setRemoteCredentials(network.nanoTime(), agent.localCredentials(), false);
    List.copyOf(candidates).forEach(this::trickle);
  }

  private void trickle(Candidate candidate) {
    RelayPeer to = trickleTo;
    if (to != null) {
      network
          .clock()
          .at(network.nanoTime(), () -> to.paths.addRemoteCandidate(network.nanoTime(), candidate));
    }
  }

  boolean isConnected() {
    return agent.state() == IceState.CONNECTED || agent.state() == IceState.COMPLETED;
  }

  /** Sends data on the selected pair: a number. */
  void send(int number) {
    SelectedPair pair = agent.selectedPair().orElseThrow();
    ByteBuffer packet = ByteBuffer.allocate(101).put(0, (byte) 0x80).putInt(4, number);
    paths.send(network.nanoTime(), pair.local(), pair.remote(), packet);
  }

  private void receive(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    long now = network.nanoTime();
    if (!paths.handleDatagram(now, local, remote, packet)) {
      take(now, local, remote, packet);
    }
  }

  private void take(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    if (StunMessage.looksLikeStun(packet)) {
      agent.handleDatagram(nowNanos, local, remote, packet);
    } else {
      data.add(packet.getInt(packet.position() + 4));
      agent.handleTraffic(nowNanos, local, remote);
    }
  }

  /** The emulated network. */
  private final class Underneath implements IcePaths.Output {
    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      sentTo.add(remote);
      sockets.get(local).send(remote, datagram);
    }

    @Override
    public boolean connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      if (streams != null) {
        streams.connect(stream, remote, tlsServerName);
      }
      return streams != null;
    }

    @Override
    public void sendToStream(int stream, ByteBuffer message) {
      streams.send(stream, message);
    }

    @Override
    public void disconnect(int stream) {
      streams.disconnect(stream);
    }

    @Override
    public boolean lookUp(String name) {
      lookups.add(name);
      return true;
    }

    @Override
    public void onPacket(
        long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      take(nowNanos, local, remote, packet);
    }

    @Override
    public void onServerUsable(String url, InetSocketAddress address) {
      servers.add(url + " " + address.getAddress().getHostAddress());
    }

    @Override
    public void onServerFailed(String url, int errorCode, String reason) {
      servers.add(url + " " + errorCode + " " + reason);
    }

    @Override
    public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
      skipped.add(reason);
    }
  }

  @Override
  public void onStunAnswer(InetSocketAddress server, InetSocketAddress mapped) {
    paths.onStunAnswer(server, mapped);
  }

  @Override
  public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    paths.send(network.nanoTime(), local, remote, packet);
  }

  void found(String name, InetAddress... addresses) {
    paths.handleAddressesFound(network.nanoTime(), name, List.of(addresses));
  }

  @Override
  public void onLocalCandidate(Candidate candidate) {
    candidates.add(candidate);
    trickle(candidate);
  }

  @Override
  public void onGatheringComplete() {
    gatheringCompleted++;
    paths.onGatheringComplete();
  }

  @Override
  public void onStateChange(IceState state) {}

  @Override
  public void onSelectedPairChange(SelectedPair pair) {
    selected = pair;
    paths.onSelectedPairChange(network.nanoTime(), pair);
  }

  @Override
  public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
    skipped.add(reason);
  }

  @Override
  public long nextTimeoutNanos() {
    return Math.min(agent.nextTimeoutNanos(), paths.nextTimeoutNanos());
  }

  @Override
  public void handleTimeout(long nowNanos) {
    paths.handleTimeout(nowNanos);
    agent.handleTimeout(nowNanos);
  }
}
