package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where only relays may be used (W3C iceTransportPolicy), and there is none. */
class RelayOnlyTest {
  private static final Duration AT_ONCE = Duration.ofMillis(500);

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
  private final Host hostA = network.host("192.0.2.1");
  private final Host hostB = network.host("192.0.2.2");
  private final RelayPeer a = new RelayPeer(network, hostA, IceRole.CONTROLLING, 11, true);
  private final RelayPeer b = new RelayPeer(network, hostB, IceRole.CONTROLLED, 12, false);

  private static TurnServer named(String name) {
    return new TurnServer(name, 3478, TurnTransport.UDP, "user", "password");
  }

  @BeforeEach
  void bind() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    b.endOfServers();
  }

  private void introduce() {
    a.signalTo(b);
    b.signalTo(a);
  }

  private void assertFailedAtOnce() {
    network.run(AT_ONCE);
    assertThat(a.agent.state()).isEqualTo(IceState.FAILED);
    assertThat(a.agent.failureReason()).hasValue("only relays may be used, and none is left");
  }

  @Test
  void failsAtOnceWhereNoServersNameIsKnown() {
    a.use(named("turn.example"));
    a.use(named("turn2.example"));
    a.endOfServers();
    introduce();
    assertFailedAtOnce();
    assertThat(a.paths.failures())
        .allMatch(each -> each.endsWith(": " + IcePaths.UNKNOWN_NAME))
        .hasSize(2);
  }

  @Test
  void isNoFailureBeforeTheOtherSideIsKnown() {
    a.use(named("turn.example"));
    a.endOfServers();
    network.run(Duration.ofMinutes(2));
    assertThat(a.agent.state()).isEqualTo(IceState.NEW);
    introduce();
    assertFailedAtOnce();
  }

  @Test
  void failsAsSoonAsTheLastServerIsGivenUp() {
    a.use(named("turn.example"));
    // Nobody answers there: given up after 5.5 s.
    a.use(named("silent.example"), new InetSocketAddress("198.51.100.9", 3478));
    a.endOfServers();
    introduce();
    network.run(Duration.ofSeconds(5));
    assertThat(a.agent.state()).isEqualTo(IceState.CHECKING);
    network.run(Duration.ofSeconds(1));
    assertFailedAtOnce();
  }

  @Test
  void waitsForAServerWhoseNameTakesItsTime() {
    a.use(named("turn.example"));
    a.endOfWaitingForServers();
    introduce();
    network.run(Duration.ofSeconds(8));
    assertThat(a.agent.state()).isEqualTo(IceState.CHECKING);
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), Duration.ofSeconds(5)))
        .isTrue();
  }

  @Test
  void aServerThatWorksIsEnough() {
    a.use(named("turn.example"));
    a.use(turn);
    a.endOfServers();
    introduce();
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), Duration.ofSeconds(5)))
        .isTrue();
  }
}
