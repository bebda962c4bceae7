package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.Nat;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Relayed paths (RFC 8656), shown by the data that arrives. */
class TurnTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String TURN_URL = "turn:198.51.100.1:3478?transport=udp";

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
  private final Nat nat = network.nat(Nat.Behaviour.SYMMETRIC, "203.0.113.1");
  private final Host hostA = nat.host("10.0.0.2");
  private final Host hostB = network.host("192.0.2.2");
  private final RelayPeer a = new RelayPeer(network, hostA, IceRole.CONTROLLING, 11, true);
  private final RelayPeer b = new RelayPeer(network, hostB, IceRole.CONTROLLED, 12, false);

  TurnTest() {
    hostA.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(10)));
    hostB.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(10)));
  }

  private void start() {
    a.bind("10.0.0.2");
    b.bind("192.0.2.2");
    a.use(turn);
    a.endOfServers();
    b.endOfServers();
    a.signalTo(b);
    b.signalTo(a);
  }

  private void connect() {
    start();
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
  }

  /** What one side sends the other one gets, both ways; the numbers are new each time. */
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

  private int number = 1;

  // ---- The allocation ----

  @Test
  void relayOnlySideTellsNothingButItsRelayAndDataGoesThroughAChannel() {
    connect();
    assertThat(a.candidates).hasSize(1);
    Candidate candidate = a.candidates.getFirst();
    assertThat(candidate.type()).isEqualTo(CandidateType.RELAYED);
    assertThat(candidate.address().getAddress()).isEqualTo(turn.address().getAddress());
    assertThat(candidate.relatedAddress()).contains(new InetSocketAddress("0.0.0.0", 0));
    assertDataGoesBothWays();
    assertThat(turn.channelPackets).isGreaterThanOrEqualTo(10);
    assertThat(turn.refusedPackets).isZero();
    // Nothing has left that side but to the relay.
    assertThat(a.sentTo).containsOnly(turn.address());
  }

  @Test
  void relayedCandidateNamesTheMappedAddressWhereItIsNoSecret() {
    RelayPeer open = new RelayPeer(network, hostA, IceRole.CONTROLLING, 3, false);
    open.bind("10.0.0.2");
    open.use(turn);
    network.run(Duration.ofSeconds(1));
    assertThat(open.candidates)
        .extracting(Candidate::type)
        .containsExactlyInAnyOrder(
            CandidateType.HOST, CandidateType.SERVER_REFLEXIVE, CandidateType.RELAYED);
    Candidate relayed =
        open.candidates.stream()
            .filter(candidate -> candidate.type() == CandidateType.RELAYED)
            .findFirst()
            .orElseThrow();
    assertThat(relayed.relatedAddress().orElseThrow().getAddress())
        .isEqualTo(InetAddress.ofLiteral("203.0.113.1"));
    assertThat(relayed.priority())
        .isLessThan(
            open.candidates.stream()
                .filter(candidate -> candidate.type() != CandidateType.RELAYED)
                .mapToLong(Candidate::priority)
                .min()
                .orElseThrow());
  }

  @Test
  void directPathIsTakenInsteadOfTheRelayWhereThereIsOne() {
    RelayPeer open = new RelayPeer(network, hostA, IceRole.CONTROLLING, 3, false);
    open.bind("10.0.0.2");
    b.bind("192.0.2.2");
    open.use(turn);
    open.endOfServers();
    b.endOfServers();
    open.signalTo(b);
    b.signalTo(open);
    network.run(Duration.ofSeconds(5));
    assertThat(open.selected.localCandidate().type()).isNotEqualTo(CandidateType.RELAYED);
    assertThat(open.selected.remote().getAddress()).isEqualTo(InetAddress.ofLiteral("192.0.2.2"));
    assertThat(b.selected.remote().getAddress()).isEqualTo(InetAddress.ofLiteral("203.0.113.1"));
  }

  @Test
  void allocationIsGivenBackAtTheEnd() {
    connect();
    assertThat(turn.liveAllocations()).isEqualTo(1);
    a.agent.close();
    a.paths.close(network.nanoTime());
    network.run(Duration.ofSeconds(1));
    assertThat(turn.freed).isEqualTo(1);
    assertThat(turn.liveAllocations()).isZero();
  }

  @Test
  void oneAllocationForEachServerAndTransportWhateverIsConfigured() {
    a.bind("10.0.0.2");
    a.use(turn);
    a.use(turn);
    a.use(turn.server(TurnTransport.UDP, "another password"), turn.address());
    network.run(Duration.ofSeconds(2));
    assertThat(turn.liveAllocations()).isEqualTo(1);
    assertThat(a.candidates).hasSize(1);
  }

  @Test
  void pathThatAnswersIsTakenWhereAnotherOneIsDead() {
    Host twoNetworks = network.host("192.0.2.50", "192.0.2.51");
    RelayPeer peer = new RelayPeer(network, twoNetworks, IceRole.CONTROLLING, 3, true);
    peer.bind("192.0.2.50");
    peer.bind("192.0.2.51");
    twoNetworks.removeAddress("192.0.2.50");
    peer.use(turn);
    network.run(Duration.ofMillis(500));
    assertThat(peer.candidates).hasSize(1);
    network.run(Duration.ofSeconds(10));
    assertThat(turn.liveAllocations()).isEqualTo(1);
  }

  // ---- Time ----

  @Test
  void allocationPermissionsAndChannelOutliveAnHourOfCall() {
    turn.setLifetime(Duration.ofMinutes(10));
    connect();
    for (int minute = 0; minute < 60; minute++) {
      network.run(Duration.ofMinutes(1));
      assertDataGoesBothWays();
    }
    assertThat(turn.count("allocate")).isEqualTo(1);
    assertThat(turn.refusedPackets).isZero();
    assertThat(turn.count("refresh")).isBetween(6L, 8L);
  }

  @Test
  void shortLifetimeIsRefreshedInTime() {
    turn.setLifetime(Duration.ofSeconds(20));
    connect();
    for (int i = 0; i < 10; i++) {
      network.run(Duration.ofSeconds(9));
      assertDataGoesBothWays();
    }
    assertThat(turn.count("allocate")).isEqualTo(1);
  }

  @Test
  void idleRelayKeepsItsMappingInTheNat() {
    a.bind("10.0.0.2");
    a.use(turn);
    network.run(Duration.ofSeconds(1));
    int before = a.sentTo.size();
    network.run(Duration.ofSeconds(100));
    assertThat(a.sentTo.size() - before).isBetween(4, 6);
  }

  // ---- What goes wrong ----

  @Test
  void newNonceIsTakenByEveryRequest() {
    connect();
    for (int minute = 0; minute < 15; minute++) {
      turn.renewNonce();
      network.run(Duration.ofMinutes(1));
      assertDataGoesBothWays();
    }
    assertThat(turn.count("allocate")).isEqualTo(1);
    assertThat(turn.refusedPackets).isZero();
  }

  @Test
  void wrongPasswordEndsAtOnceWithTheReasonAndGatheringWithIt() {
    a.bind("10.0.0.2");
    a.use(turn.server(TurnTransport.UDP, "wrong"), turn.address());
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
    assertThat(a.paths.failures())
        .singleElement()
        .asString()
        .contains("turn:198.51.100.1:3478")
        .contains("refuses the user name or password: 401")
        .doesNotContain("wrong");
    assertThat(a.servers)
        .singleElement()
        .asString()
        .startsWith(TURN_URL + " 401 it refuses the user name or password");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 420, 442})
  void refusedAllocationEndsAtOnceWithTheReason(int code) {
    turn.refuse(StunMessage.ALLOCATE, code);
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
    assertThat(a.paths.failures()).singleElement().asString().contains(code + " Refused");
    assertThat(a.servers).singleElement().asString().startsWith(TURN_URL + " " + code + " ");
    network.run(Duration.ofMinutes(10));
    assertThat(turn.count("allocate")).isEqualTo(1);
  }

  @Test
  void deadServerIsGivenUpAndDelaysNobody() {
    TestTurnServer dead = new TestTurnServer(network, "198.51.100.9");
    dead.fallSilent();
    a.use(dead);
    start();
    assertThat(network.runUntil(() -> a.isConnected(), Duration.ofSeconds(1))).isTrue();
    assertThat(a.gatheringCompleted).isZero();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(6))).isTrue();
    assertThat(a.paths.failures()).singleElement().asString().contains("does not answer");
  }

  @Test
  void leftoverAllocationOfThisPortIsRemovedFirst() {
    turn.refuse(StunMessage.ALLOCATE, 437);
    connect();
    assertThat(turn.requests).startsWith("allocate", "refresh", "allocate");
    assertDataGoesBothWays();
  }

  @Test
  void serverThatForgotTheAllocationGetsAnotherOneAndTheCallGoesOn() {
    connect();
    assertDataGoesBothWays();
    turn.forgetAllocations();
    a.send(0);
    assertThat(network.runUntil(() -> a.candidates.size() == 2, Duration.ofSeconds(3))).isTrue();
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(2));
    assertDataGoesBothWays();
  }

  @Test
  void natThatForgetsTheMappingCostsAnotherAllocationAndTheCallGoesOn() {
    connect();
    assertDataGoesBothWays();
    nat.rebind();
    long lost = network.nanoTime();
    a.send(0);
    assertThat(
            network.runUntil(
                () ->
                    a.candidates.size() == 2
                        && a.isConnected()
                        && a.agent.selectedPair().isPresent(),
                Duration.ofSeconds(4)))
        .isTrue();
    assertThat(Duration.ofNanos(network.nanoTime() - lost)).isLessThan(Duration.ofSeconds(3));
    network.run(Duration.ofSeconds(3));
    assertDataGoesBothWays();
  }

  @Test
  void peerThatTheServerForbidsHoldsUpNoOther() {
    turn.refuse(StunMessage.CREATE_PERMISSION, 403);
    a.bind("10.0.0.2");
    b.bind("192.0.2.2");
    a.use(turn);
    a.signalTo(b);
    a.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), false);
    network.run(Duration.ofMillis(200));
    a.paths.addRemoteCandidate(network.nanoTime(), parse("1 1 udp 99 192.168.7.7 5000 typ host"));
    network.run(Duration.ofMillis(300));
    assertThat(turn.count("permission")).isEqualTo(1);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertDataGoesBothWays();
  }

  @Test
  void dataGoesInIndicationsWhereTheServerGivesNoChannel() {
    turn.refuse(StunMessage.CHANNEL_BIND, 508);
    connect();
    assertDataGoesBothWays();
    assertThat(turn.channelPackets).isZero();
  }

  // ---- Authentication as of RFC 8489 ----

  @ParameterizedTest
  @CsvSource({"2 1, false", "2 1, true", "2, true", "1 2, false"})
  void serverThatHashesWithSha256OrHidesTheUserIsUsed(String algorithms, boolean anonymous) {
    turn.secure(Stream.of(algorithms.split(" ")).map(Integer::valueOf).toList(), anonymous);
    connect();
    assertDataGoesBothWays();
    network.run(Duration.ofMinutes(12));
    assertDataGoesBothWays();
    assertThat(turn.count("allocate")).isEqualTo(1);
    assertThat(turn.count("refresh")).isPositive();
  }

  @Test
  void passwordAlgorithmsThatWereTakenOutOnTheWayEndItInsteadOfAWeakerHash() {
    turn.secure(List.of(2, 1), false);
    turn.loseAlgorithms();
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
    assertThat(a.servers).singleElement().asString().startsWith(TURN_URL + " 401 ");
    assertThat(turn.requests).isEmpty();
  }

  @Test
  void passwordAlgorithmThatIsUnknownHereEndsIt() {
    turn.secure(List.of(77), false);
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
    assertThat(a.servers).singleElement().asString().startsWith(TURN_URL + " 401 ");
  }

  // ---- What is told of the servers ----

  @Test
  void serverThatRelaysIsToldWithItsAddressAndItsCandidateNamesIt() {
    connect();
    assertThat(a.servers).containsExactly(TURN_URL + " 198.51.100.1");
    assertThat(a.paths.origin(a.candidates.getFirst()))
        .contains(new CandidateOrigin(TURN_URL, Optional.of("udp")));
    assertThat(b.paths.origin(b.candidates.getFirst())).isEmpty();
  }

  @Test
  void serverThatRelaysNoMoreIsToldOnceHoweverOftenItIsTriedAgain() {
    connect();
    turn.fallSilent();
    a.send(0);
    network.run(Duration.ofMinutes(3));
    assertThat(a.servers)
        .containsExactly(TURN_URL + " 198.51.100.1", TURN_URL + " 701 it does not answer");
  }

  @Test
  void serverOfUnknownNameIsToldAndDelaysNobody() {
    a.bind("10.0.0.2");
    b.bind("192.0.2.2");
    a.use(turn.server());
    b.paths.addStunServer(network.nanoTime(), "stun:nowhere:3478", List.of());
    a.endOfServers();
    b.endOfServers();
    network.run(Duration.ofMillis(100));
    assertThat(a.servers).containsExactly(TURN_URL + " 701 its name is not known here");
    assertThat(b.servers).containsExactly("stun:nowhere:3478 701 its name is not known here");
    assertThat(List.of(a.gatheringCompleted, b.gatheringCompleted)).containsExactly(1, 1);
  }

  @Test
  void stunServerIsToldWithTheAddressThatItSeesWhetherOrNotThereIsANat() {
    RelayPeer inside = new RelayPeer(network, hostA, IceRole.CONTROLLING, 3, false);
    inside.bind("10.0.0.2");
    b.bind("192.0.2.2");
    for (RelayPeer each : List.of(inside, b)) {
      each.paths.addStunServer(network.nanoTime(), "stun:x:3478", List.of(turn.address()));
      each.endOfServers();
    }
    network.run(Duration.ofSeconds(40));
    assertThat(inside.servers).containsExactly("stun:x:3478 203.0.113.1");
    assertThat(inside.paths.origin(inside.candidates.getLast()))
        .contains(new CandidateOrigin("stun:x:3478", Optional.empty()));
    assertThat(b.servers).containsExactly("stun:x:3478 192.0.2.2");
  }

  @Test
  void stunServerThatIsNotReachedIsToldWithTheReason() {
    b.bind("192.0.2.2");
    InetSocketAddress dead = new InetSocketAddress("198.51.100.99", 3478);
    InetSocketAddress ipv6 = new InetSocketAddress("2001:db8::99", 3478);
    b.paths.addStunServer(network.nanoTime(), "stun:dead:3478", List.of(dead));
    b.paths.addStunServer(network.nanoTime(), "stun:six:3478", List.of(ipv6));
    b.endOfServers();
    assertThat(network.runUntil(() -> b.gatheringCompleted == 1, Duration.ofSeconds(6))).isTrue();
    assertThat(b.servers).hasSize(2);
    assertThat(b.servers.getFirst()).isEqualTo("stun:dead:3478 701 it does not answer");
    assertThat(b.servers.getLast()).startsWith("stun:six:3478 701 there is no way");
  }

  // ---- Alternate servers ----

  @Test
  void alternateServerIsFollowed() {
    TestTurnServer other = new TestTurnServer(network, "198.51.100.2");
    turn.refuse(StunMessage.ALLOCATE, 300, new StunAttribute.AlternateServer(other.address()));
    connect();
    assertThat(a.candidates).hasSize(1);
    assertThat(a.candidates.getFirst().address().getAddress())
        .isEqualTo(other.address().getAddress());
    assertDataGoesBothWays();
  }

  @Test
  void serversThatSendToEachOtherAreGivenUp() {
    TestTurnServer other = new TestTurnServer(network, "198.51.100.2");
    for (int i = 0; i < 20; i++) {
      turn.refuse(StunMessage.ALLOCATE, 300, new StunAttribute.AlternateServer(other.address()));
      other.refuse(StunMessage.ALLOCATE, 300, new StunAttribute.AlternateServer(turn.address()));
    }
    a.bind("10.0.0.2");
    a.use(turn);
    a.endOfServers();
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(3))).isTrue();
    assertThat(a.paths.failures()).singleElement().asString().contains("from server to server");
    assertThat(turn.count("allocate") + other.count("allocate")).isLessThanOrEqualTo(5);
  }

  // ---- Families and networks ----

  @Test
  void hostWithIpv6GetsARelayedAddressOfEachFamily() {
    TestTurnServer dual =
        new TestTurnServer(network, "198.51.100.3", "198.51.100.3", "2001:db8::3");
    RelayPeer peer =
        new RelayPeer(
            network, network.host("192.0.2.60", "2001:db8::60"), IceRole.CONTROLLING, 5, true);
    peer.bind("192.0.2.60");
    peer.bind("2001:db8::60");
    peer.use(dual);
    RelayPeer v6 =
        new RelayPeer(network, network.host("2001:db8::61"), IceRole.CONTROLLED, 6, false);
    v6.bind("2001:db8::61");
    peer.signalTo(v6);
    v6.signalTo(peer);
    assertThat(network.runUntil(() -> peer.isConnected() && v6.isConnected(), LIMIT)).isTrue();
    assertThat(peer.candidates).hasSize(2);
    assertThat(dual.liveAllocations()).isEqualTo(1);
    assertThat(v6.selected.remote().getAddress()).isEqualTo(InetAddress.ofLiteral("2001:db8::3"));
    peer.send(77);
    network.run(Duration.ofSeconds(1));
    assertThat(v6.data).containsExactly(77);
  }

  @Test
  void serverWithIpv6OnlyIsAskedForThat() {
    TestTurnServer v6 = new TestTurnServer(network, "2001:db8::3");
    RelayPeer peer =
        new RelayPeer(network, network.host("2001:db8::60"), IceRole.CONTROLLING, 5, true);
    peer.bind("2001:db8::60");
    peer.use(v6);
    network.run(Duration.ofSeconds(1));
    assertThat(peer.candidates)
        .extracting(candidate -> candidate.address().getAddress())
        .containsExactly(InetAddress.ofLiteral("2001:db8::3"));
  }

  @Test
  void relayMovesToTheNetworkThatIsLeft() {
    Host twoNetworks = network.host("192.0.2.50", "192.0.2.51");
    RelayPeer peer = new RelayPeer(network, twoNetworks, IceRole.CONTROLLING, 3, true);
    InetSocketAddress first = peer.bind("192.0.2.50");
    peer.use(turn);
    b.bind("192.0.2.2");
    peer.signalTo(b);
    b.signalTo(peer);
    assertThat(network.runUntil(() -> peer.isConnected() && b.isConnected(), LIMIT)).isTrue();
    twoNetworks.removeAddress("192.0.2.50");
    peer.paths.removeLocalAddress(network.nanoTime(), first);
    network.run(Duration.ofMillis(100));
    peer.bind("192.0.2.51");
    assertThat(
            network.runUntil(
                () -> peer.candidates.size() == 2 && peer.agent.selectedPair().isPresent(),
                Duration.ofSeconds(3)))
        .isTrue();
    peer.send(5);
    network.run(Duration.ofSeconds(1));
    assertThat(b.data).contains(5);
  }

  private static Candidate parse(String line) {
    try {
      return Candidate.parse(line);
    } catch (CandidateFormatException e) {
      throw new AssertionError(e);
    }
  }
}
