package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.heliograph.peer.netem.Nat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A call that had to take a worse path comes back to the better one when that works again. */
class IceReturnTest extends IceAgentFixture {
  /** Two reviews that are answered, the one that moves data, and the longest pause before. */
  private static final Duration RETURN = Duration.ofSeconds(26);

  @BeforeEach
  void connectOverTwoPaths() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.bind("2001:db8::1");
    b.bind("2001:db8::2");
    connectAll();
  }

  private void connectAll() {
    a.trickleTo(b, Duration.ofMillis(100));
    b.trickleTo(a, Duration.ofMillis(100));
    a.agent.endOfLocalAddresses(network.nanoTime());
    b.agent.endOfLocalAddresses(network.nanoTime());
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), LIMIT)).isTrue();
    a.sendMedia();
    b.sendMedia();
    network.run(Duration.ofSeconds(10));
    assertThat(List.of(isOnIpv4(a), isOnIpv4(b))).containsExactly(true, true);
  }

  private static boolean isOnIpv4(IcePeer peer) {
    return !(peer.selected().local().getAddress() instanceof Inet6Address);
  }

  private void losePath() {
    hostA.removeAddress("192.0.2.1");
    assertThat(network.runUntil(() -> !isOnIpv4(a) && !isOnIpv4(b), LIMIT)).isTrue();
  }

  /** The longest time that one side has heard nothing since an instant. */
  private static Duration longestGap(IcePeer peer, long sinceNanos) {
    long before = sinceNanos;
    long longest = 0;
    for (long came : peer.media) {
      if (came > before) {
        longest = Math.max(longest, came - before);
        before = came;
      }
    }
    return Duration.ofNanos(longest);
  }

  @Test
  void mediaReturnsToTheBetterPathWithoutAGap() {
    losePath();
    network.run(Duration.ofMinutes(2));
    long back = network.nanoTime();
    hostA.addAddress("192.0.2.1");
    assertThat(network.runUntil(() -> isOnIpv4(a) && isOnIpv4(b), RETURN)).isTrue();
    network.run(Duration.ofSeconds(30));
    assertThat(List.of(isOnIpv4(a), isOnIpv4(b))).containsExactly(true, true);
    assertThat(longestGap(a, back)).isLessThan(Duration.ofMillis(50));
    assertThat(longestGap(b, back)).isLessThan(Duration.ofMillis(50));
    assertThat(List.of(a.agent.state(), b.agent.state())).containsOnly(IceState.COMPLETED);
  }

  /** The address itself goes and comes again, as that of a wireless network does. */
  @ParameterizedTest
  @EnumSource(IceRole.class)
  void addressThatComesLaterIsUsedWhereItIsBetter(IceRole moving) {
    IcePeer peer = moving == IceRole.CONTROLLING ? a : b;
    String address = moving == IceRole.CONTROLLING ? "192.0.2.1" : "192.0.2.2";
    peer.unbind(address).forEach(local -> peer.agent.removeLocalAddress(network.nanoTime(), local));
    assertThat(network.runUntil(() -> !isOnIpv4(a) && !isOnIpv4(b), LIMIT)).isTrue();
    network.run(Duration.ofMinutes(1));
    peer.bind(address);
    assertThat(network.runUntil(() -> isOnIpv4(a) && isOnIpv4(b), RETURN)).isTrue();
  }

  @Test
  void pathThatComesAndGoesIsNotReturnedTo() {
    losePath();
    int changes = a.selectedPairs.size();
    for (int i = 0; i < 30; i++) {
      hostA.addAddress("192.0.2.1");
      network.run(Duration.ofSeconds(3));
      hostA.removeAddress("192.0.2.1");
      network.run(Duration.ofSeconds(7));
    }
    assertThat(a.selectedPairs).hasSize(changes);
    assertThat(longestGap(b, network.nanoTime() - Duration.ofMinutes(4).toNanos()))
        .isLessThan(Duration.ofMillis(50));
  }

  @Test
  void betterPairsThatNeverWorkCostLittle() {
    for (int i = 0; i < 30; i++) {
      a.agent.addRemoteCandidate(
          network.nanoTime(),
          candidate("9%d 1 udp 2147483647 10.77.0.%d 5000 typ host".formatted(i, i + 1)));
    }
    network.run(Duration.ofMinutes(10));
    long begin = network.nanoTime();
    network.run(Duration.ofMinutes(10));
    long sent =
        a.sentRequests().stream()
            .filter(request -> request.nanos() > begin)
            .filter(request -> request.remote().getAddress().getHostAddress().startsWith("10.77."))
            .count();
    assertThat(sent).isBetween(30L, 150L);
    assertThat(isOnIpv4(a)).isTrue();
  }

  /** Of two ways to one side, only the worse one was known at first. */
  @Test
  void wayThatBecomesKnownLaterIsTaken() {
    Nat nat = network.nat(Nat.Behaviour.PORT_RESTRICTED, "203.0.113.5");
    IcePeer inside = new IcePeer(network, nat.host("10.0.0.2"), IceRole.CONTROLLING, 31);
    IcePeer outside = new IcePeer(network, network.host("192.0.2.9"), IceRole.CONTROLLED, 32);
    inside.bind("10.0.0.2");
    InetSocketAddress direct = outside.bind("192.0.2.9");
    InetSocketAddress detour = outside.bind("192.0.2.9");
    inside.signalCredentialsTo(outside);
    outside.signalCredentialsTo(inside);
    inside.agent.addRemoteCandidate(
        network.nanoTime(),
        candidate("7 1 udp 1000 192.0.2.9 %d typ relay".formatted(detour.getPort())));
    assertThat(network.runUntil(() -> inside.isConnected() && outside.isConnected(), LIMIT))
        .isTrue();
    network.run(Duration.ofSeconds(10));
    assertThat(inside.selected().remote()).isEqualTo(detour);
    inside.agent.addRemoteCandidate(network.nanoTime(), outside.candidates.getFirst());
    assertThat(
            network.runUntil(
                () ->
                    inside.selected().remote().equals(direct)
                        && outside.selected().local().equals(direct),
                RETURN))
        .isTrue();
  }
}
