package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How two agents find each other. */
class IceConnectingTest extends IceAgentFixture {
  @Test
  void connectsAndCompletesInBothRoles() {
    connect();
    assertSamePath();
    assertThat(a.states).containsExactly(IceState.CHECKING, IceState.CONNECTED, IceState.COMPLETED);
    assertThat(b.states).containsExactly(IceState.CHECKING, IceState.CONNECTED, IceState.COMPLETED);
    assertThat(a.agent.role()).isEqualTo(IceRole.CONTROLLING);
    assertThat(b.agent.role()).isEqualTo(IceRole.CONTROLLED);
  }

  @Test
  void connectsInOneRoundTrip() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    long start = network.nanoTime();
    a.signalTo(b);
    b.signalTo(a);
    network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT);
    assertThat(network.nanoTime() - start).isEqualTo(Duration.ofMillis(20).toNanos());
  }

  @Test
  void connectsOverIpv6() {
    InetSocketAddress local = a.bind("2001:db8::1");
    b.bind("2001:db8::2");
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    assertThat(a.selected().local()).isSameAs(local);
    assertSamePath();
  }

  @Test
  void pairsOnlyAddressesOfTheSameFamily() {
    a.bind("192.0.2.1");
    a.bind("2001:db8::1");
    b.bind("192.0.2.2");
    b.bind("2001:db8::2");
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertThat(a.agent.statistics())
        .hasSize(2)
        .allSatisfy(
            pair ->
                assertThat(pair.local().address().getAddress())
                    .hasSameClassAs(pair.remote().address().getAddress()));
    assertSamePath();
  }

  @Test
  void connectsWhereOnlyTheLesserFamilyWorks() {
    a.bind("2001:db8::1");
    a.bind("192.0.2.1");
    b.bind("2001:db8::2");
    b.bind("192.0.2.2");
    a.signalTo(b);
    b.signalTo(a);
    hostB.removeAddress("2001:db8::2");
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertThat(a.selected().remote().getAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.2"));
    assertThat(a.agent.statistics()).anyMatch(pair -> pair.selected() && pair.nominated());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void connectsOnALossyReorderingDuplicatingNetwork(long seed) {
    NetworkEmulator bad = new NetworkEmulator(seed);
    Host left = bad.host("192.0.2.1", "2001:db8::1");
    Host right = bad.host("192.0.2.2", "2001:db8::2");
    LinkConditions conditions =
        LinkConditions.delay(Duration.ofMillis(60))
            .withJitter(Duration.ofMillis(40))
            .withLoss(0.3)
            .withDuplicates(0.1)
            .withReordering(0.1, Duration.ofMillis(80));
    left.uplink().setConditions(conditions);
    right.uplink().setConditions(conditions);
    IcePeer one = new IcePeer(bad, left, IceRole.CONTROLLING, seed);
    IcePeer two = new IcePeer(bad, right, IceRole.CONTROLLED, seed + 100);
    for (IcePeer peer : List.of(one, two)) {
      String last = peer == one ? "1" : "2";
      peer.bind("192.0.2." + last);
      peer.bind("2001:db8::" + last);
      peer.agent.endOfLocalAddresses(bad.nanoTime());
    }
    one.signalTo(two);
    two.signalTo(one);
    assertThat(bad.runUntil(() -> one.isCompleted() && two.isCompleted(), LIMIT)).isTrue();
    // And it stays up: thirty per cent of loss in each direction is not a lost path.
    one.sendMedia();
    two.sendMedia();
    bad.run(Duration.ofMinutes(5));
    assertThat(one.states).doesNotContain(IceState.DISCONNECTED, IceState.FAILED);
    assertThat(two.states).doesNotContain(IceState.DISCONNECTED, IceState.FAILED);
    assertThat(one.selected().local()).isEqualTo(two.selected().remote());
    assertThat(one.selectedPairs.size() + two.selectedPairs.size()).isLessThan(10);
  }
}
