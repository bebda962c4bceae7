package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;
import org.junit.jupiter.api.Test;

/** TURN over streams (RFC 8656 3.1), candidates over TCP (RFC 6544), names; in virtual time. */
class TurnStreamTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final InetSocketAddress LOCAL =
      new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 40_000);

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
  private final Host hostA = network.host("192.0.2.1");
  private final RelayPeer a = new RelayPeer(network, hostA, IceRole.CONTROLLING, 11, true);
  private final RelayPeer b =
      new RelayPeer(network, network.host("192.0.2.2"), IceRole.CONTROLLED, 12, false);

  /** Streams to the TURN server, in pieces, with ten milliseconds each way. */
  private final class TurnStreams implements RelayPeer.Streams {
    final List<String> opened = new ArrayList<>();
    final Set<Integer> open = new HashSet<>();
    boolean dead;

    @Override
    public void connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      opened.add(remote.getAddress().getHostAddress() + tlsServerName.map(n -> " " + n).orElse(""));
      if (!dead) {
        open.add(stream);
        later(stream, () -> a.paths.handleStreamConnected(network.nanoTime(), stream, LOCAL));
      }
    }

    @Override
    public void send(int stream, ByteBuffer message) {
      assertThat(open).contains(stream);
      ByteBuffer copy = ByteBuffer.allocate(message.remaining()).put(message).flip();
      assertThat(copy.remaining() % 4).as("padding").isZero();
      later(stream, () -> turn.take(stream, copy, answer -> answer(stream, answer)));
    }

    private void answer(int stream, ByteBuffer answer) {
      byte[] octets = new byte[answer.remaining()];
      answer.get(octets);
      for (int i = 0; i < octets.length; i += 7) {
        ByteBuffer piece = ByteBuffer.wrap(octets, i, Math.min(7, octets.length - i)).slice();
        later(stream, () -> a.paths.handleStreamData(network.nanoTime(), stream, piece));
      }
    }

    private void later(int stream, Runnable step) {
      network
          .clock()
          .after(
              Duration.ofMillis(10),
              () -> {
                if (open.contains(stream)) {
                  step.run();
                }
              });
    }

    @Override
    public void disconnect(int stream) {
      open.remove(stream);
    }

    void breakOff(int stream) {
      open.remove(stream);
      a.paths.handleStreamClosed(network.nanoTime(), stream, "Connection reset");
    }
  }

  private final TurnStreams streams = new TurnStreams();

  private void start(TurnTransport transport) {
    a.streams = streams;
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.use(turn.server(transport, TestTurnServer.PASSWORD), turn.address());
    a.endOfServers();
    b.endOfServers();
    a.signalTo(b);
    b.signalTo(a);
  }

  private void assertDataGoesBothWays(int number) {
    a.send(number);
    b.send(-number);
    network.run(Duration.ofMillis(200));
    assertThat(b.data).contains(number);
    assertThat(a.data).contains(-number);
  }

  @Test
  void dataGoesThroughAStreamWhateverPiecesItComesIn() {
    start(TurnTransport.TCP);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertDataGoesBothWays(1);
    assertThat(turn.channelPackets).isPositive();
    assertThat(streams.opened).containsExactly("198.51.100.1");
    assertThat(a.sentTo).as("datagrams").isEmpty();
  }

  @Test
  void tlsStreamAsksForTheNameThatWasConfigured() {
    start(TurnTransport.TLS);
    assertThat(network.runUntil(() -> a.isConnected(), LIMIT)).isTrue();
    assertThat(streams.opened).containsExactly("198.51.100.1 198.51.100.1");
  }

  @Test
  void streamThatBreaksIsOpenedAgainAndTheCallGoesOn() {
    start(TurnTransport.TCP);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    streams.breakOff(1);
    long broken = network.nanoTime();
    assertThat(
            network.runUntil(
                () -> a.candidates.size() == 2 && a.agent.selectedPair().isPresent(),
                Duration.ofSeconds(3)))
        .isTrue();
    for (int i = 2; !b.data.contains(2) || a.data.isEmpty(); i++) {
      a.send(i);
      b.send(-i);
      network.run(Duration.ofMillis(20));
      assertThat(Duration.ofNanos(network.nanoTime() - broken)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void serverThatTakesNoConnectionIsGivenUp() {
    streams.dead = true;
    start(TurnTransport.TCP);
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(6))).isTrue();
    assertThat(a.paths.failures()).singleElement().asString().contains("no connection");
  }

  @Test
  void relayOverUdpIsPreferredToTcpAndThatToTls() {
    start(TurnTransport.TLS);
    a.use(turn.server(TurnTransport.TCP, TestTurnServer.PASSWORD), turn.address());
    a.use(turn.server(TurnTransport.UDP, TestTurnServer.PASSWORD), turn.address());
    network.run(Duration.ofSeconds(3));
    assertThat(turn.liveAllocations()).isEqualTo(3);
    // UDP takes one round trip less than the streams, which take the same.
    List<Long> priorities =
        a.candidates.stream()
            .map(Candidate::priority)
            .sorted((x, y) -> Long.compare(y, x))
            .toList();
    assertThat(priorities.get(0) >> 8 >> 13).isEqualTo(3);
    assertThat(priorities.get(1) >> 8 >> 13).isEqualTo(2);
    assertThat(priorities.get(2) >> 8 >> 13).isEqualTo(1);
  }

  // ---- Candidates over TCP ----

  /** A passive TCP candidate: what arrives there goes to an agent on a datagram socket. */
  private final class PassiveEnd implements RelayPeer.Streams {
    final InetSocketAddress address =
        new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 443);
    final List<Integer> opened = new ArrayList<>();
    final List<Integer> ended = new ArrayList<>();
    final StreamDeframer deframer = new StreamDeframer(StreamDeframer.Format.RFC4571);
    private final RelayPeer client;
    private final VirtualSocket bridge;
    private final InetSocketAddress to;
    private int current;

    PassiveEnd(RelayPeer client, InetSocketAddress to) {
      this.client = client;
      this.to = to;
      bridge =
          network.host("192.0.2.9").bind("192.0.2.9", 0, (local, remote, packet) -> back(packet));
    }

    Candidate candidate(String tcpType) {
      return candidateOf("1 1 tcp 99 192.0.2.9 443 typ host tcptype " + tcpType);
    }

    @Override
    public void connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      assertThat(remote).isEqualTo(address);
      opened.add(stream);
      current = stream;
      network
          .clock()
          .after(
              Duration.ofMillis(10),
              () -> client.paths.handleStreamConnected(network.nanoTime(), stream, LOCAL));
    }

    @Override
    public void send(int stream, ByteBuffer message) {
      ByteBuffer copy = ByteBuffer.allocate(message.remaining()).put(message).flip();
      assertThat(deframer.take(copy, packet -> bridge.send(to, packet))).isTrue();
    }

    private void back(ByteBuffer packet) {
      ByteBuffer framed = ByteBuffer.allocate(2 + packet.remaining());
      framed.putShort((short) packet.remaining()).put(packet).flip();
      client.paths.handleStreamData(network.nanoTime(), current, framed);
    }

    @Override
    public void disconnect(int stream) {
      ended.add(stream);
    }
  }

  private static Candidate candidateOf(String line) {
    try {
      return Candidate.parse(line);
    } catch (CandidateFormatException e) {
      throw new AssertionError(e);
    }
  }

  private final RelayPeer direct =
      new RelayPeer(network, network.host("192.0.2.3"), IceRole.CONTROLLING, 13, false);

  @Test
  void passiveTcpCandidateIsConnectedToAndCarriesData() {
    direct.bind("192.0.2.3");
    PassiveEnd passive = new PassiveEnd(direct, b.bind("192.0.2.2"));
    direct.streams = passive;
    // The other side knows no candidate of this one: only through TCP is there a way.
    b.agent.setRemoteCredentials(network.nanoTime(), direct.agent.localCredentials(), false);
    direct.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    direct.paths.addRemoteCandidate(network.nanoTime(), passive.candidate("passive"));
    assertThat(network.runUntil(() -> direct.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertThat(direct.selected.localCandidate().transport()).isEqualTo("tcp");
    assertThat(passive.opened).hasSize(1);
    direct.send(1);
    b.send(-1);
    network.run(Duration.ofMillis(100));
    assertThat(b.data).containsExactly(1);
    assertThat(direct.data).containsExactly(-1);

    direct.paths.handleStreamClosed(network.nanoTime(), passive.opened.getFirst(), "reset");
    network.run(Duration.ofSeconds(7));
    direct.send(2);
    network.run(Duration.ofSeconds(1));
    assertThat(passive.opened).as("opened again").hasSize(2);
    assertThat(b.data).contains(2);
  }

  /** Pion tells its generations apart by the connection that the first check of each came over. */
  @Test
  void restartOpensAConnectionOfItsOwnAndTheOldOneServesUntilThatIsInUse() {
    direct.bind("192.0.2.3");
    PassiveEnd passive = new PassiveEnd(direct, b.bind("192.0.2.2"));
    direct.streams = passive;
    b.agent.setRemoteCredentials(network.nanoTime(), direct.agent.localCredentials(), false);
    direct.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    direct.paths.addRemoteCandidate(network.nanoTime(), passive.candidate("passive"));
    assertThat(network.runUntil(() -> direct.isConnected() && b.isConnected(), LIMIT)).isTrue();

    for (int restart = 1; restart <= 3; restart++) {
      direct.agent.restart(network.nanoTime());
      b.agent.restart(network.nanoTime());
      direct.send(10 * restart);
      network.run(Duration.ofSeconds(1));
      assertThat(b.data).as("over the path of before").contains(10 * restart);
      assertThat(passive.opened).hasSize(restart);

      direct.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
      b.agent.setRemoteCredentials(network.nanoTime(), direct.agent.localCredentials(), false);
      direct.paths.addRemoteCandidate(network.nanoTime(), passive.candidate("passive"));
      network.run(Duration.ofSeconds(5));
      assertThat(passive.opened).hasSize(restart + 1);
      assertThat(passive.ended).as("once another one is in use").hasSize(restart);
      direct.send(10 * restart + 1);
      network.run(Duration.ofMillis(100));
      assertThat(b.data).contains(10 * restart + 1);
      assertThat(direct.isConnected()).isTrue();
    }
  }

  @Test
  void udpIsPreferredToTcpAtTheSameAddress() {
    direct.bind("192.0.2.3");
    InetSocketAddress udp = b.bind("192.0.2.2");
    PassiveEnd passive = new PassiveEnd(direct, udp);
    direct.streams = passive;
    direct.paths.addRemoteCandidate(network.nanoTime(), passive.candidate("passive"));
    direct.signalTo(b);
    b.signalTo(direct);
    network.run(Duration.ofSeconds(5));
    assertThat(direct.selected.localCandidate().transport()).isEqualTo("udp");
    assertThat(direct.selected.remote()).isEqualTo(udp);
  }

  @Test
  void otherTcpCandidatesAreSkippedWithAReason() {
    PassiveEnd passive = new PassiveEnd(direct, LOCAL);
    for (String type : List.of("active", "so")) {
      direct.paths.addRemoteCandidate(network.nanoTime(), passive.candidate(type));
    }
    assertThat(direct.skipped)
        .containsExactly(
            "it is of tcptype active, and this side accepts no TCP connections",
            "it is of tcptype so, and this side accepts no TCP connections");
  }

  @Test
  void relayOnlySideOpensNoConnectionToTheOther() {
    PassiveEnd passive = new PassiveEnd(a, LOCAL);
    a.streams = passive;
    a.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    a.paths.addRemoteCandidate(network.nanoTime(), passive.candidate("passive"));
    network.run(Duration.ofSeconds(2));
    assertThat(passive.opened).isEmpty();
    assertThat(a.skipped).containsExactly("its transport is tcp");
  }

  // ---- Names ----

  private static final Candidate NAMED =
      candidateOf("1 1 udp 99 0f1c.local 5000 typ host ufrag abcd");

  @Test
  void nameIsLookedUpOnceAndItsAddressesAreUsed() {
    direct.paths.addRemoteCandidate(network.nanoTime(), NAMED);
    direct.paths.addRemoteCandidate(
        network.nanoTime(), candidateOf("2 1 udp 98 0f1c.local 5001 typ host"));
    assertThat(direct.lookups).containsExactly("0f1c.local");
    direct.bind("192.0.2.3");
    InetSocketAddress at = b.bind("192.0.2.2");
    direct.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    b.agent.setRemoteCredentials(network.nanoTime(), direct.agent.localCredentials(), false);
    direct.paths.addRemoteCandidate(
        network.nanoTime(), candidateOf("3 1 udp 97 b.local " + at.getPort() + " typ host"));
    direct.found("b.local", at.getAddress());
    assertThat(network.runUntil(() -> direct.isConnected(), LIMIT)).isTrue();
    assertThat(direct.selected.remote()).isEqualTo(at);
  }

  @Test
  void nameThatNobodyKnowsIsSkippedWithAReason() {
    direct.paths.addRemoteCandidate(network.nanoTime(), NAMED);
    direct.found("0f1c.local");
    assertThat(direct.skipped).containsExactly("nobody here knows the name 0f1c.local");
  }

  @Test
  void noMoreThanSixteenNamesAreLookedUpAtATime() {
    for (int i = 0; i < 20; i++) {
      direct.paths.addRemoteCandidate(
          network.nanoTime(), candidateOf("1 1 udp 99 n" + i + ".local 5000 typ host"));
    }
    assertThat(direct.lookups).hasSize(16);
    assertThat(direct.skipped).hasSize(4).containsOnly("too many names are being looked up");
  }

  @Test
  void relayOnlySideAsksTheLocalNetworkNothing() {
    a.paths.addRemoteCandidate(network.nanoTime(), NAMED);
    assertThat(a.lookups).isEmpty();
    assertThat(a.skipped).hasSize(1);
  }
}
