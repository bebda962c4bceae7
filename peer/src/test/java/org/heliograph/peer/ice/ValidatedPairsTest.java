package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** From which addresses something may be heard that proves nothing itself. */
class ValidatedPairsTest extends IceAgentFixture {
  private final InetSocketAddress stranger = address("203.0.113.66", 6666);

  @Test
  void aPairIsValidatedByAnAuthenticCheckOrAnAuthenticAnswerAndNoSooner() {
    InetSocketAddress ours = a.bind("192.0.2.1");
    InetSocketAddress theirs = b.bind("192.0.2.2");
    assertThat(a.agent.isValidated(ours, theirs)).isFalse();
    b.signalTo(a);
    // A checks; B, which has no answer of A's yet, hears it and answers, but checks nothing.
    network.run(Duration.ofMillis(15));
    assertThat(b.agent.isValidated(theirs, ours)).isTrue();
    assertThat(a.agent.isValidated(ours, theirs)).isFalse();
    network.run(Duration.ofMillis(10));
    assertThat(a.agent.isValidated(ours, theirs)).isTrue();
    assertThat(a.agent.isValidated(ours, stranger)).isFalse();
    assertThat(a.agent.isValidated(ours, address("192.0.2.2", theirs.getPort() + 1))).isFalse();
  }

  @Test
  void aPairOfTheGenerationBeforeStaysValidatedAndOneOfAGoneAddressDoesNot() {
    connect();
    InetSocketAddress ours = a.selected().local();
    InetSocketAddress theirs = a.selected().remote();
    a.agent.restart(network.nanoTime());
    b.agent.restart(network.nanoTime());
    assertThat(a.agent.isValidated(ours, theirs)).isTrue();
    a.agent.removeLocalAddress(network.nanoTime(), ours);
    assertThat(a.agent.isValidated(ours, theirs)).isFalse();
  }

  @Test
  void pairsAreForgottenThatWereShownLongestAgo() {
    ValidatedPairs pairs = new ValidatedPairs();
    InetSocketAddress ours = address("192.0.2.1", 5000);
    InetSocketAddress inUse = address("192.0.2.2", 5000);
    for (int port = 10_000; port < 60_000; port++) {
      pairs.add(ours, inUse);
      pairs.add(ours, address("203.0.113.66", port));
    }
    assertThat(pairs.size()).isEqualTo(ValidatedPairs.MAX_PAIRS);
    assertThat(pairs.contains(ours, inUse)).isTrue();
    assertThat(pairs.contains(ours, address("203.0.113.66", 10_000))).isFalse();
  }

  /** A permission lets through what comes from any port of the peer's address. */
  @Test
  void behindARelayTheSameHolds() {
    TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
    RelayPeer relayed = new RelayPeer(network, hostA, IceRole.CONTROLLING, 3, true);
    RelayPeer direct = new RelayPeer(network, hostB, IceRole.CONTROLLED, 4, false);
    relayed.bind("192.0.2.1");
    InetSocketAddress theirs = direct.bind("192.0.2.2");
    relayed.use(turn);
    relayed.signalTo(direct);
    direct.signalTo(relayed);
    assertThat(network.runUntil(() -> relayed.isConnected() && direct.isConnected(), LIMIT))
        .isTrue();
    InetSocketAddress relay = relayed.selected.local();
    assertThat(relayed.agent.isValidated(relay, theirs)).isTrue();
    assertThat(relayed.agent.isValidated(relay, address("192.0.2.2", 6666))).isFalse();

    // It does come through, as from that address.
    int before = relayed.data.size();
    hostB
        .bind("192.0.2.2", 6666, (local, remote, packet) -> {})
        .send(relay, ByteBuffer.allocate(100).put(0, (byte) 0x80).putInt(4, 7));
    network.run(Duration.ofSeconds(1));
    assertThat(relayed.data).hasSize(before + 1);
    assertThat(relayed.agent.isValidated(relay, address("192.0.2.2", 6666))).isFalse();
  }

  /** Whoever accepts a connection has shown nothing yet. */
  @Test
  void overTcpTheSameHolds() {
    List<Integer> streams = new ArrayList<>();
    RelayPeer peer = new RelayPeer(network, hostA, IceRole.CONTROLLING, 3, false);
    peer.streams =
        new RelayPeer.Streams() {
          @Override
          public void connect(
              int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
            streams.add(stream);
          }

          @Override
          public void send(int stream, ByteBuffer message) {}

          @Override
          public void disconnect(int stream) {}
        };
    peer.bind("192.0.2.1");
    InetSocketAddress theirs = address("192.0.2.2", 5000);
    peer.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    peer.paths.addRemoteCandidate(
        network.nanoTime(), candidate("1 1 tcp 99 192.0.2.2 5000 typ host tcptype passive"));
    network.run(Duration.ofMillis(100));
    peer.paths.handleStreamConnected(
        network.nanoTime(), streams.getFirst(), address("192.0.2.1", 40_000));
    network.run(Duration.ofMillis(100));
    InetSocketAddress ours = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 9);
    assertThat(peer.agent.statistics()).hasSize(1);
    assertThat(peer.agent.isValidated(ours, theirs)).isFalse();

    ByteBuffer check =
        new StunWriter()
            .begin(StunClass.REQUEST, StunMessage.BINDING, new TransactionId(1, 2))
            .add(
                new StunAttribute.Username(
                    peer.agent.localCredentials().usernameFragment()
                        + ":"
                        + b.agent.localCredentials().usernameFragment()))
            .add(new StunAttribute.Priority(1))
            .add(new StunAttribute.IceControlled(1))
            .finish(StunKey.shortTerm(peer.agent.localCredentials().password()));
    ByteBuffer framed = ByteBuffer.allocate(2 + check.remaining());
    framed.putShort((short) check.remaining()).put(check).flip();
    peer.paths.handleStreamData(network.nanoTime(), streams.getFirst(), framed);
    assertThat(peer.agent.isValidated(ours, theirs)).isTrue();
  }
}
