package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.netem.Nat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Another path for the same connection: by itself, or by a restart (RFC 8445 9). */
class IceMovingTest extends IceAgentFixture {
  @Test
  void movesToAnotherPairWhenTheSelectedOneDies() {
    connectOnTwoPaths();
    assertThat(a.selected().remote().getAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.2"));
    hostB.removeAddress("192.0.2.2");
    long start = network.nanoTime();
    network.runUntil(
        () ->
            a.selected().remote().getAddress().equals(InetAddress.ofLiteral("2001:db8::2"))
                && b.selected().remote().getAddress().equals(InetAddress.ofLiteral("2001:db8::1")),
        LIMIT);
    assertThat(network.nanoTime() - start).isLessThan(Duration.ofSeconds(9).toNanos());
    network.run(Duration.ofSeconds(10));
    assertThat(a.agent.state()).isEqualTo(IceState.COMPLETED);
    assertThat(b.agent.state()).isEqualTo(IceState.COMPLETED);
    assertThat(b.agent.statistics()).anyMatch(pair -> pair.selected() && pair.nominated());
    assertSamePath();
  }

  private void connectOnTwoPaths() {
    a.bind("192.0.2.1");
    a.bind("2001:db8::1");
    b.bind("192.0.2.2");
    b.bind("2001:db8::2");
    a.agent.endOfLocalAddresses(network.nanoTime());
    b.agent.endOfLocalAddresses(network.nanoTime());
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), LIMIT)).isTrue();
  }

  @Test
  void movesAtOnceWhenALocalAddressIsRemoved() {
    connectOnTwoPaths();
    hostA.removeAddress("192.0.2.1");
    a.agent.removeLocalAddress(network.nanoTime(), a.selected().local());
    assertThat(a.agent.selectedPair()).isEmpty();
    assertThat(network.runUntil(() -> a.agent.selectedPair().isPresent(), Duration.ofMillis(200)))
        .isTrue();
    assertThat(a.states).doesNotContain(IceState.DISCONNECTED);
    assertThat(a.selected().remote().getAddress()).isEqualTo(InetAddress.ofLiteral("2001:db8::2"));
    assertThat(
            network.runUntil(
                () ->
                    b.selected().remote().getAddress().equals(InetAddress.ofLiteral("2001:db8::1")),
                LIMIT))
        .isTrue();
  }

  @Test
  void natRebindingIsFollowedAsAPeerReflexiveCandidate() {
    Nat nat = network.nat(Nat.Behaviour.PORT_RESTRICTED, "203.0.113.1");
    IcePeer inside = new IcePeer(network, nat.host("10.0.0.2"), IceRole.CONTROLLING, 41);
    inside.bind("10.0.0.2");
    a = new IcePeer(network, hostA, IceRole.CONTROLLED, 42);
    a.bind("192.0.2.1");
    inside.signalTo(a);
    a.signalTo(inside);
    network.runUntil(() -> a.isConnected() && inside.isConnected(), LIMIT);
    network.run(Duration.ofSeconds(7));
    InetSocketAddress before = a.selected().remote();
    nat.rebind();
    network.runUntil(() -> !a.selected().remote().equals(before), Duration.ofSeconds(10));
    assertThat(a.selected().remote()).isNotEqualTo(before);
    network.run(Duration.ofMinutes(1));
    assertThat(a.isConnected()).isTrue();
    assertThat(inside.isConnected()).isTrue();
    assertThat(a.states).doesNotContain(IceState.FAILED);
  }

  @Test
  void longCallOutlivesAnyNumberOfNatRebindings() {
    Nat nat = network.nat(Nat.Behaviour.PORT_RESTRICTED, "203.0.113.1");
    IcePeer inside = new IcePeer(network, nat.host("10.0.0.2"), IceRole.CONTROLLING, 41);
    inside.bind("10.0.0.2");
    a = new IcePeer(network, hostA, IceRole.CONTROLLED, 42);
    a.bind("192.0.2.1");
    inside.signalTo(a);
    a.signalTo(inside);
    network.runUntil(() -> a.isConnected() && inside.isConnected(), LIMIT);
    for (int i = 0; i < 150; i++) {
      InetSocketAddress before = a.selected().remote();
      nat.rebind();
      assertThat(network.runUntil(() -> !a.selected().remote().equals(before), LIMIT))
          .as("rebinding %d", i)
          .isTrue();
      network.run(Duration.ofSeconds(20));
    }
    assertThat(a.isConnected()).isTrue();
    assertThat(inside.isConnected()).isTrue();
    assertThat(a.agent.statistics()).hasSizeLessThanOrEqualTo(CheckList.MAX_PAIRS);
  }

  @ParameterizedTest
  @EnumSource(IceRole.class)
  void restartFindsANewPathWhileTheOldOneIsUsed(IceRole initiator) {
    connect();
    IcePeer first = initiator == IceRole.CONTROLLING ? a : b;
    IcePeer second = first == a ? b : a;
    IceCredentials old = first.agent.localCredentials();
    first.candidates.clear();
    second.candidates.clear();
    first.agent.restart(network.nanoTime());
    assertThat(first.agent.localCredentials()).isNotEqualTo(old);
    assertThat(first.agent.remoteCredentials()).isEmpty();
    assertThat(first.candidates)
        .allMatch(
            c ->
                c.usernameFragment()
                    .equals(Optional.of(first.agent.localCredentials().usernameFragment())));
    network.run(Duration.ofSeconds(20));
    assertThat(first.isConnected()).as("on the old path").isTrue();
    assertThat(second.isConnected()).as("on the old path").isTrue();
    second.agent.restart(network.nanoTime());
    first.signalTo(second);
    second.signalTo(first);
    assertThat(
            network.runUntil(
                () -> first.selectedPairs.size() == 2 && second.selectedPairs.size() == 2, LIMIT))
        .isTrue();
    network.run(Duration.ofMinutes(1));
    assertThat(first.isCompleted()).isTrue();
    assertThat(second.isCompleted()).isTrue();
    assertThat(first.states).doesNotContain(IceState.DISCONNECTED, IceState.FAILED);
    assertThat(second.states).doesNotContain(IceState.DISCONNECTED, IceState.FAILED);
  }

  @Test
  void restartLeadsOutOfFailure() {
    connect();
    block(b);
    network.runUntil(
        () -> a.agent.state() == IceState.FAILED && b.agent.state() == IceState.FAILED, LIMIT);
    hostB.uplink().setConditions(NEAR);
    hostB.downlink().setConditions(NEAR);
    a.candidates.clear();
    b.candidates.clear();
    a.agent.restart(network.nanoTime());
    b.agent.restart(network.nanoTime());
    assertThat(a.agent.failureReason()).isEmpty();
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), LIMIT)).isTrue();
  }

  @Test
  void newRemoteCredentialsWithoutARestartAreRefused() {
    connect();
    IceCredentials others = IceCredentials.generate(new Random(9));
    assertThatThrownBy(() -> a.agent.setRemoteCredentials(network.nanoTime(), others, false))
        .isInstanceOf(IllegalStateException.class);
    b.signalCredentialsTo(a);
    assertThat(a.isCompleted()).isTrue();
  }
}
