package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.Nat;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a TURN server refuses, to each request, and what comes of it for the rest of the call. */
class TurnErrorsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TURN_URL = "turn:198.51.100.1:3478?transport=udp";

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
  private final Nat nat = network.nat(Nat.Behaviour.SYMMETRIC, "203.0.113.1");
  private final Host hostA = nat.host("10.0.0.2");
  private final Host hostB = network.host("192.0.2.2");
  private final RelayPeer a = new RelayPeer(network, hostA, IceRole.CONTROLLING, 11, true);
  private final RelayPeer b = new RelayPeer(network, hostB, IceRole.CONTROLLED, 12, false);
  private int number = 1;

  TurnErrorsTest() {
    hostA.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(10)));
    hostB.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(10)));
  }

  private void gather() {
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
  }

  private void connect() {
    b.bind("192.0.2.2");
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    b.endOfServers();
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
  }

  private void assertDataGoesBothWays() {
    int first = number;
    for (; number < first + 10; number++) {
      a.send(number);
      b.send(-number);
      network.run(Duration.ofMillis(20));
    }
    network.run(Duration.ofMillis(200));
    List<Integer> sent = IntStream.range(first, number).boxed().toList();
    assertThat(b.data).containsSequence(sent);
    assertThat(a.data).containsSequence(sent.stream().map(i -> -i).toList());
  }

  private void talkFor(int minutes) {
    for (int minute = 0; minute < minutes; minute++) {
      network.run(Duration.ofMinutes(1));
      assertDataGoesBothWays();
    }
  }

  @Test
  void anAllocationThatWasInTheWayCostsOneMoreRequestAndNotOneAtEachRefresh() {
    turn.refuse(StunMessage.ALLOCATE, 437);
    turn.setLifetime(Duration.ofMinutes(2));
    connect();
    talkFor(20);
    assertThat(turn.count("allocate")).isEqualTo(2);
    assertThat(turn.count("refresh")).isGreaterThan(10);
    assertThat(a.candidates).hasSize(1);
  }

  @Test
  void aRefreshThatFindsNoAllocationCostsOneNewAllocation() {
    turn.setLifetime(Duration.ofMinutes(2));
    connect();
    turn.refuse(StunMessage.REFRESH, 437);
    network.run(Duration.ofMinutes(2));
    talkFor(20);
    // The server has the old one yet: it is refused once, ended, and made anew.
    assertThat(turn.count("allocate")).isEqualTo(3);
    assertThat(a.candidates).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 400, 401, 403, 420, 441, 486, 500, 508, 599})
  void aRefreshThatIsRefusedIsMadeAgainWhileTheAllocationLasts(int code) {
    turn.setLifetime(Duration.ofMinutes(2));
    connect();
    turn.refuse(StunMessage.REFRESH, code);
    talkFor(15);
    assertThat(turn.count("allocate")).isEqualTo(1);
    assertThat(a.candidates).hasSize(1);
    assertThat(a.servers).containsExactly(TURN_URL + " 198.51.100.1");
  }

  @Test
  void aServerThatRefusesEveryRefreshCostsAnAllocationForEachLifetime() {
    turn.setLifetime(Duration.ofMinutes(2));
    connect();
    for (int i = 0; i < 1000; i++) {
      turn.refuse(StunMessage.REFRESH, 500);
    }
    long before = turn.count("allocate");
    network.run(Duration.ofMinutes(20));
    assertThat(turn.count("allocate") - before).isBetween(5L, 11L);
    assertThat(turn.count("refresh")).isLessThan(150);
  }

  @Test
  void anAllocationOfSomebodyElseIsToldAsSuchAndTriedAgainAfterTwoMinutes() {
    turn.refuse(StunMessage.ALLOCATE, 437);
    turn.refuse(StunMessage.REFRESH, 441);
    gather();
    assertThat(a.servers)
        .singleElement()
        .asString()
        .startsWith(TURN_URL + " 441 it keeps an earlier allocation of this address")
        .doesNotContain("password");
    network.run(Duration.ofSeconds(119));
    assertThat(turn.count("allocate")).isEqualTo(1);
    network.run(Duration.ofSeconds(2));
    assertThat(turn.count("allocate")).isEqualTo(2);
    assertThat(a.candidates).hasSize(1);
    assertThat(a.paths.failures()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {486, 500, 508, 599})
  void aServerThatCannotNowIsToldAtOnceAndAskedAgainAfterAMinute(int code) {
    turn.refuse(StunMessage.ALLOCATE, code);
    gather();
    assertThat(a.servers).singleElement().asString().startsWith(TURN_URL + " " + code + " ");
    network.run(Duration.ofSeconds(59));
    assertThat(turn.count("allocate")).isEqualTo(1);
    network.run(Duration.ofSeconds(2));
    assertThat(turn.count("allocate")).isEqualTo(2);
    assertThat(a.candidates).hasSize(1);
  }

  /** The allocation that the NAT has cut off counts against the user's number until it ends. */
  @Test
  void aQuotaThatTheLostAllocationUsesUpDoesNotEndTheRelayForGood() {
    connect();
    turn.refuse(StunMessage.ALLOCATE, 486);
    nat.rebind();
    a.send(0);
    assertThat(network.runUntil(() -> a.candidates.size() == 2, Duration.ofSeconds(70))).isTrue();
  }

  @Test
  void anotherRealmIsAnsweredWithItsOwnCredential() {
    turn.setLifetime(Duration.ofMinutes(2));
    connect();
    turn.refuse(
        StunMessage.REFRESH,
        401,
        new StunAttribute.Realm("another.example"),
        new StunAttribute.Nonce("of another realm"));
    talkFor(5);
    assertThat(turn.count("allocate")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {486, 500, 508})
  void aPeerThatTheServerCannotServeNowIsAskedForAgain(int code) {
    for (int i = 0; i < 2; i++) {
      turn.refuse(StunMessage.CREATE_PERMISSION, code);
      turn.refuse(StunMessage.CHANNEL_BIND, code);
    }
    connect();
    network.run(Duration.ofSeconds(20));
    assertDataGoesBothWays();
    assertThat(turn.channelPackets).isPositive();
    assertThat(turn.count("allocate")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {StunMessage.CREATE_PERMISSION, StunMessage.CHANNEL_BIND})
  void aRenewalThatIsRefusedOnceCostsNoPacket(int method) {
    connect();
    assertDataGoesBothWays();
    turn.refuse(method, 500);
    talkFor(12);
    assertThat(turn.count("allocate")).isEqualTo(1);
  }

  @Test
  void anAlternateServerThatDiesLeadsBackToTheOneThatWasConfigured() {
    TestTurnServer other = new TestTurnServer(network, "198.51.100.2");
    turn.refuse(StunMessage.ALLOCATE, 300, new StunAttribute.AlternateServer(other.address()));
    connect();
    assertThat(host(a.candidates.getFirst().address())).isEqualTo("198.51.100.2");
    other.fallSilent();
    a.send(0);
    assertThat(network.runUntil(() -> a.candidates.size() == 2, LIMIT)).isTrue();
    assertThat(host(a.candidates.getLast().address())).isEqualTo("198.51.100.1");
  }

  private static String host(InetSocketAddress address) {
    return address.getAddress().getHostAddress();
  }
}
