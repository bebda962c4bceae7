package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.ice.StunAttribute.UseCandidate;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.Nat;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class IceAgentTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final LinkConditions NEAR = LinkConditions.delay(Duration.ofMillis(10));

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final Host hostA = network.host("192.0.2.1", "2001:db8::1");
  private final Host hostB = network.host("192.0.2.2", "2001:db8::2");
  private IcePeer a = new IcePeer(network, hostA, IceRole.CONTROLLING, 11);
  private IcePeer b = new IcePeer(network, hostB, IceRole.CONTROLLED, 12);

  IceAgentTest() {
    hostA.uplink().setConditions(NEAR);
    hostB.uplink().setConditions(NEAR);
  }

  private static Candidate candidate(String line) {
    try {
      return Candidate.parse(line);
    } catch (CandidateFormatException e) {
      throw new AssertionError(e);
    }
  }

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  /** Both on IPv4, everything signalled at once. */
  private void connect() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.agent.endOfLocalAddresses(network.nanoTime());
    b.agent.endOfLocalAddresses(network.nanoTime());
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), LIMIT)).isTrue();
  }

  private void assertSamePath() {
    assertThat(a.selected().local()).isEqualTo(b.selected().remoteCandidate().address());
    assertThat(b.selected().local()).isEqualTo(a.selected().remoteCandidate().address());
  }

  private void block(IcePeer peer) {
    LinkConditions nothing = LinkConditions.perfect().withLoss(1);
    Host host = peer == a ? hostA : hostB;
    host.uplink().setConditions(nothing);
    host.downlink().setConditions(nothing);
  }

  // Connecting

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
    bad.run(Duration.ofMinutes(5));
    assertThat(one.states).doesNotContain(IceState.FAILED);
    assertThat(two.states).doesNotContain(IceState.FAILED);
    assertThat(one.selected().local()).isEqualTo(two.selected().remote());
  }

  // Trickling

  @Test
  void candidatesBeforeCredentialsAreKept() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.signalCandidatesTo(b);
    b.signalCandidatesTo(a);
    network.run(Duration.ofSeconds(1));
    assertThat(a.sent).isEmpty();
    assertThat(a.agent.state()).isEqualTo(IceState.NEW);
    a.signalCredentialsTo(b);
    b.signalCredentialsTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void candidatesMayComeLongAfterCredentials() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.signalCredentialsTo(b);
    b.signalCredentialsTo(a);
    network.run(Duration.ofSeconds(20));
    assertThat(a.agent.state()).isEqualTo(IceState.CHECKING);
    a.signalCandidatesTo(b);
    b.signalCandidatesTo(a);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void localAddressesMayComeLast() {
    a.signalCredentialsTo(b);
    b.signalCredentialsTo(a);
    b.bind("192.0.2.2");
    b.signalCandidatesTo(a);
    a.bind("192.0.2.1");
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void checksBeforeTheRemoteCredentialsAreAnsweredAtOnceAndLearnedFromLater() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    b.signalTo(a);
    // The answer is still under way: B knows nothing of A, and A's check already arrives.
    network.run(Duration.ofMillis(100));
    assertThat(b.sent(m -> m.messageClass() == StunClass.SUCCESS_RESPONSE)).isNotEmpty();
    assertThat(b.sentRequests()).isEmpty();
    a.signalCredentialsTo(b);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertThat(b.agent.statistics()).allMatch(PairStatistics::nominated);
  }

  @Test
  void earlyChecksAreRememberedOnlyUpToALimit() {
    Aggressor aggressor = new Aggressor();
    for (int port = 1; port <= 40; port++) {
      aggressor.nominate(port, port);
    }
    network.run(Duration.ofSeconds(1));
    assertThat(b.sent).hasSize(40);
    b.agent.setRemoteCredentials(network.nanoTime(), aggressor.credentials, false);
    assertThat(b.agent.statistics()).hasSize(16);
  }

  @Test
  void gatheringAndTricklingEndCompletes() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.signalTo(b);
    b.signalTo(a);
    network.run(Duration.ofSeconds(2));
    assertThat(a.agent.state()).isEqualTo(IceState.CONNECTED);
    a.agent.endOfLocalAddresses(network.nanoTime());
    assertThat(a.agent.state()).isEqualTo(IceState.COMPLETED);
    assertThat(a.gatheringCompleted).isEqualTo(1);
  }

  @Test
  void unusableCandidatesAreSkippedWithAReason() {
    b.bind("192.0.2.2");
    a.bind("192.0.2.1");
    b.signalCredentialsTo(a);
    for (String line :
        List.of(
            "candidate:1 1 udp 1 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 4000 typ host",
            "candidate:1 1 tcp 1 192.0.2.2 9 typ host tcptype active",
            "candidate:1 2 udp 1 192.0.2.2 4000 typ host",
            "candidate:1 1 udp 1 0.0.0.0 4000 typ host",
            "candidate:1 1 udp 1 224.0.0.1 4000 typ host",
            "candidate:1 1 udp 1 192.0.2.2 0 typ host",
            "candidate:1 1 udp 1 192.0.2.2 4000 typ host ufrag other")) {
      a.agent.addRemoteCandidate(network.nanoTime(), candidate(line));
    }
    assertThat(a.skipped).hasSize(7);
    assertThat(a.agent.statistics()).isEmpty();
    b.signalCandidatesTo(a);
    a.signalTo(b);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void numberOfRemoteCandidatesAndPairsIsBounded() {
    for (int i = 0; i < 5; i++) {
      a.bind("192.0.2.1");
    }
    b.signalCredentialsTo(a);
    for (int i = 0; i < 1000; i++) {
      a.agent.addRemoteCandidate(
          network.nanoTime(),
          candidate("candidate:1 1 udp " + (1000 + i) + " 192.0.2.3 " + (i + 1) + " typ host"));
    }
    assertThat(a.agent.statistics()).hasSize(100);
    assertThat(a.skipped).hasSize(1000 - 64);
    // A full list prefers the better ones.
    assertThat(a.agent.statistics()).anyMatch(p -> p.remote().priority() == 1063);
  }

  // Reflexive candidates

  @Test
  void findsServerReflexiveCandidatesAndConnectsThroughTwoNats() {
    StunServer server = new StunServer(network.host("198.51.100.1"), "198.51.100.1");
    IcePeer left = behindNat("203.0.113.1", IceRole.CONTROLLING, Nat.Behaviour.PORT_RESTRICTED);
    IcePeer right = behindNat("203.0.113.2", IceRole.CONTROLLED, Nat.Behaviour.PORT_RESTRICTED);
    left.agent.addStunServer(network.nanoTime(), server.address());
    right.agent.addStunServer(network.nanoTime(), server.address());
    left.agent.endOfLocalAddresses(network.nanoTime());
    right.agent.endOfLocalAddresses(network.nanoTime());
    assertThat(left.gatheringCompleted).isZero();
    network.runUntil(() -> left.gatheringCompleted + right.gatheringCompleted == 2, LIMIT);
    assertThat(left.candidates)
        .extracting(Candidate::type)
        .containsExactly(CandidateType.HOST, CandidateType.SERVER_REFLEXIVE);
    Candidate reflexive = left.candidates.getLast();
    assertThat(reflexive.address().getAddress()).isEqualTo(InetAddress.ofLiteral("203.0.113.1"));
    assertThat(reflexive.relatedAddress()).contains(left.candidates.getFirst().address());
    left.signalTo(right);
    right.signalTo(left);
    assertThat(network.runUntil(() -> left.isCompleted() && right.isCompleted(), LIMIT)).isTrue();
    assertThat(left.selected().localCandidate()).isEqualTo(reflexive);
    assertThat(left.selected().remoteCandidate().type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
  }

  private IcePeer behindNat(String publicAddress, IceRole role, Nat.Behaviour behaviour) {
    Host host = network.nat(behaviour, publicAddress).host("10.0.0.2");
    IcePeer peer = new IcePeer(network, host, role, publicAddress.hashCode());
    peer.bind("10.0.0.2");
    return peer;
  }

  @Test
  void connectsFromBehindASymmetricNatByPeerReflexiveCandidates() {
    IcePeer inside = behindNat("203.0.113.1", IceRole.CONTROLLED, Nat.Behaviour.SYMMETRIC);
    a.bind("192.0.2.1");
    inside.signalTo(a);
    a.signalTo(inside);
    assertThat(network.runUntil(() -> a.isConnected() && inside.isConnected(), LIMIT)).isTrue();
    assertThat(a.selected().remoteCandidate().type()).isEqualTo(CandidateType.PEER_REFLEXIVE);
    assertThat(a.selected().remote().getAddress()).isEqualTo(InetAddress.ofLiteral("203.0.113.1"));
    assertThat(inside.selected().localCandidate().type()).isEqualTo(CandidateType.PEER_REFLEXIVE);
    assertThat(inside.selected().local()).isEqualTo(inside.candidates.getFirst().address());
  }

  @Test
  void peerReflexiveCandidateTakesTheNameOfTheOneThatIsSignalledLater() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.signalTo(b);
    b.signalCredentialsTo(a);
    assertThat(network.runUntil(() -> a.isConnected(), LIMIT)).isTrue();
    assertThat(a.selected().remoteCandidate().type()).isEqualTo(CandidateType.PEER_REFLEXIVE);
    b.signalCandidatesTo(a);
    assertThat(a.agent.statistics())
        .singleElement()
        .satisfies(pair -> assertThat(pair.remote().type()).isEqualTo(CandidateType.HOST));
  }

  @Test
  void deadStunServerIsGivenUp() {
    a.agent.addStunServer(network.nanoTime(), address("198.51.100.99", 3478));
    a.bind("192.0.2.1");
    a.agent.endOfLocalAddresses(network.nanoTime());
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(6))).isTrue();
    assertThat(a.candidates).hasSize(1);
    assertThat(a.sent).hasSize(4);
  }

  @Test
  void lostQuestionsToTheStunServerAreRepeated() {
    StunServer server = new StunServer(network.host("198.51.100.1"), "198.51.100.1");
    hostA.uplink().setConditions(NEAR.withLoss(1));
    a.agent.addStunServer(network.nanoTime(), server.address());
    a.bind("192.0.2.1");
    a.agent.endOfLocalAddresses(network.nanoTime());
    network.run(Duration.ofMillis(100));
    hostA.uplink().setConditions(NEAR);
    assertThat(network.runUntil(() -> a.gatheringCompleted == 1, Duration.ofSeconds(1))).isTrue();
    assertThat(server.requests()).isEqualTo(1);
    // Without a NAT the server sees the host candidate, which is not told twice.
    assertThat(a.candidates).hasSize(1);
  }

  @Test
  void mappingIsRefreshedWhileTheOtherSideIsAwaited() {
    StunServer server = new StunServer(network.host("198.51.100.1"), "198.51.100.1");
    Nat nat = network.nat(Nat.Behaviour.FULL_CONE, "203.0.113.1");
    IcePeer inside = new IcePeer(network, nat.host("10.0.0.2"), IceRole.CONTROLLING, 5);
    inside.bind("10.0.0.2");
    inside.agent.addStunServer(network.nanoTime(), server.address());
    inside.agent.endOfLocalAddresses(network.nanoTime());
    network.run(Duration.ofSeconds(46));
    assertThat(server.requests()).isEqualTo(4);
    nat.rebind();
    network.run(Duration.ofSeconds(15));
    assertThat(inside.candidates)
        .extracting(Candidate::type)
        .containsExactly(
            CandidateType.HOST, CandidateType.SERVER_REFLEXIVE, CandidateType.SERVER_REFLEXIVE);
  }

  @Test
  void linkLocalAddressWithoutAScopeIsPassedOver() {
    a.agent.addLocalAddress(network.nanoTime(), address("fe80::1", 5000));
    assertThat(a.candidates).isEmpty();
  }

  @Test
  void wildcardAndUnresolvedLocalAddressesAreRefused() {
    assertThatThrownBy(() -> a.agent.addLocalAddress(network.nanoTime(), address("0.0.0.0", 5000)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                a.agent.addLocalAddress(
                    network.nanoTime(), InetSocketAddress.createUnresolved("host", 5000)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // Roles

  @ParameterizedTest
  @EnumSource(IceRole.class)
  void roleConflictIsSettledByTheTieBreaker(IceRole both) {
    a = new IcePeer(network, hostA, both, 21);
    b = new IcePeer(network, hostB, both, 22);
    connect();
    assertThat(a.agent.role()).isEqualTo(b.agent.role().opposite());
    assertThat(a.agent.statistics()).allMatch(PairStatistics::nominated);
    assertThat(b.agent.statistics()).allMatch(PairStatistics::nominated);
  }

  @ParameterizedTest
  @EnumSource(IceRole.class)
  void roleConflictIsAnsweredWith487WhereTheOtherSideHasToSwitch(IceRole both) {
    // Only the side that keeps its role is checked, so that nothing but its 487 settles the matter.
    for (long seed = 1; seed <= 8; seed++) {
      NetworkEmulator own = new NetworkEmulator(seed);
      IcePeer one = new IcePeer(own, own.host("192.0.2.1"), both, seed);
      IcePeer two = new IcePeer(own, own.host("192.0.2.2"), both, seed + 100);
      one.bind("192.0.2.1");
      two.bind("192.0.2.2");
      two.signalTo(one);
      own.run(Duration.ofSeconds(2));
      assertThat(one.isConnected()).isTrue();
      assertThat(one.agent.role()).isEqualTo(two.agent.role().opposite());
      boolean oneSwitched = one.agent.role() != both;
      assertThat(one.receivedErrors().contains(487)).isEqualTo(oneSwitched);
    }
  }

  @Test
  void iceLiteRemoteIsControlled() {
    a = new IcePeer(network, hostA, IceRole.CONTROLLED, 31);
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    // B only answers, as a lite agent does: it is told nothing of A.
    a.agent.setRemoteCredentials(network.nanoTime(), b.agent.localCredentials(), true);
    b.signalCandidatesTo(a);
    assertThat(network.runUntil(a::isConnected, LIMIT)).isTrue();
    network.run(Duration.ofSeconds(1));
    assertThat(a.agent.role()).isEqualTo(IceRole.CONTROLLING);
    assertThat(a.agent.statistics()).allMatch(PairStatistics::nominated);
    assertThat(b.received).anyMatch(s -> s.message().has(UseCandidate.class));
  }

  // Nomination

  @Test
  void onlyTheControllingAgentNominatesAndOnlyOnePair() {
    for (int i = 0; i < 3; i++) {
      a.bind("192.0.2.1");
      b.bind("192.0.2.2");
    }
    a.signalTo(b);
    b.signalTo(a);
    network.run(Duration.ofSeconds(3));
    assertThat(b.sent(m -> m.has(UseCandidate.class))).isEmpty();
    assertThat(
            a.sent.stream()
                .filter(s -> s.message().has(UseCandidate.class))
                .map(s -> List.of(s.local(), s.remote()))
                .distinct())
        .hasSize(1);
    assertThat(a.agent.statistics().stream().filter(PairStatistics::nominated)).hasSize(1);
    assertThat(b.agent.statistics().stream().filter(PairStatistics::nominated)).hasSize(1);
    assertSamePath();
  }

  @Test
  void bestPairIsNominated() {
    a.bind("192.0.2.1");
    a.bind("2001:db8::1");
    b.bind("192.0.2.2");
    b.bind("2001:db8::2");
    // The lesser pair is known long before the better one.
    b.signalCredentialsTo(a);
    a.signalCredentialsTo(b);
    a.agent.addRemoteCandidate(network.nanoTime(), b.candidates.get(1));
    a.agent.addRemoteCandidate(network.nanoTime(), b.candidates.get(0));
    network.run(Duration.ofSeconds(2));
    assertThat(a.selected().remote()).isEqualTo(b.candidates.get(0).address());
    assertSamePath();
  }

  @Test
  void controlledAgentFollowsTheBestOfManyNominatedPairs() {
    Aggressor aggressor = new Aggressor();
    b.agent.setRemoteCredentials(network.nanoTime(), aggressor.credentials, false);
    aggressor.nominate(1, 1000);
    aggressor.nominate(2, 3000);
    aggressor.nominate(3, 2000);
    network.run(Duration.ofSeconds(1));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(2));
  }

  @Test
  void controlledAgentFollowsALaterNominationOfALesserPair() {
    Aggressor aggressor = new Aggressor();
    b.agent.setRemoteCredentials(network.nanoTime(), aggressor.credentials, false);
    aggressor.nominate(1, 3000);
    network.run(Duration.ofSeconds(10));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(1));
    aggressor.nominate(2, 1000);
    network.run(Duration.ofSeconds(1));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(2));
  }

  /** A controlling remote side made by hand, on ports of host A; it answers every check. */
  private final class Aggressor {
    final IceCredentials credentials = IceCredentials.generate(new Random(5));
    private final StunWriter writer = new StunWriter();
    private final InetSocketAddress to = b.bind("192.0.2.2");
    private final Map<Integer, VirtualSocket> sockets = new HashMap<>();

    InetSocketAddress address(int port) {
      return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), port);
    }

    void nominate(int port, long priority) {
      sockets
          .computeIfAbsent(port, p -> hostA.bind("192.0.2.1", p, this::answer))
          .send(to, check(priority, true));
    }

    ByteBuffer check(long priority, boolean nominates) {
      writer
          .begin(StunClass.REQUEST, StunMessage.BINDING, new TransactionId(1, priority))
          .add(
              new StunAttribute.Username(
                  b.agent.localCredentials().usernameFragment()
                      + ":"
                      + credentials.usernameFragment()))
          .add(new StunAttribute.Priority(priority))
          .add(new StunAttribute.IceControlling(-1));
      if (nominates) {
        writer.add(new UseCandidate());
      }
      return writer.finish(StunKey.shortTerm(b.agent.localCredentials().password()));
    }

    private void answer(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      try {
        StunMessage message = StunMessage.parse(packet);
        if (message.messageClass() == StunClass.REQUEST) {
          writer
              .begin(StunClass.SUCCESS_RESPONSE, StunMessage.BINDING, message.transactionId())
              .add(new StunAttribute.XorMappedAddress(remote));
          sockets
              .get(local.getPort())
              .send(remote, writer.finish(StunKey.shortTerm(credentials.password())));
        }
      } catch (StunException e) {
        throw new AssertionError(e);
      }
    }
  }

  // Pacing and retransmission

  @Test
  void checksBeginAtOnceAndThenAtTheirPace() {
    a.bind("192.0.2.1");
    long start = network.nanoTime();
    b.signalCredentialsTo(a);
    for (int i = 0; i < 5; i++) {
      a.agent.addRemoteCandidate(
          start, candidate("candidate:1 1 udp " + (9 - i) + " 192.0.2.9 " + (i + 1) + " typ host"));
    }
    network.run(Duration.ofMillis(400));
    assertThat(a.sentRequests().stream().map(s -> (s.nanos() - start) / 1_000_000))
        .containsExactly(0L, 50L, 100L, 150L, 200L);
    // The one that was there first, then the others by priority.
    assertThat(a.sentRequests().stream().map(s -> s.remote().getPort()))
        .containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void unansweredCheckIsRetransmittedAndFails() {
    a.bind("192.0.2.1");
    long start = network.nanoTime();
    b.signalCredentialsTo(a);
    a.agent.addRemoteCandidate(start, candidate("candidate:1 1 udp 9 192.0.2.9 1 typ host"));
    network.run(Duration.ofSeconds(29));
    assertThat(a.sentRequests().stream().map(s -> (s.nanos() - start) / 1_000_000))
        .containsExactly(0L, 500L, 1500L, 3500L, 5500L, 7500L, 9500L);
    assertThat(a.sentRequests().stream().map(s -> s.message().transactionId()).distinct())
        .hasSize(1);
    assertThat(a.agent.statistics()).allMatch(pair -> pair.state().equals("failed"));
  }

  @Test
  void failedPairIsRevivedByACheckFromTheOtherSide() {
    hostB.uplink().setConditions(NEAR.withLoss(1));
    hostB.downlink().setConditions(NEAR.withLoss(1));
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    b.signalTo(a);
    network.run(Duration.ofSeconds(15));
    assertThat(a.agent.statistics()).allMatch(pair -> pair.state().equals("failed"));
    hostB.uplink().setConditions(NEAR);
    hostB.downlink().setConditions(NEAR);
    a.signalTo(b);
    assertThat(network.runUntil(() -> a.isConnected() && b.isConnected(), LIMIT)).isTrue();
  }

  // Consent

  @Test
  void consentIsAskedForAtRandomisedIntervals() {
    connect();
    a.sent.clear();
    network.run(Duration.ofMinutes(5));
    List<Long> times = a.sentRequests().stream().map(s -> s.nanos() / 1_000_000).toList();
    assertThat(times).hasSizeBetween(50, 75);
    for (int i = 1; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - 1)).isBetween(4000L, 6100L);
    }
    assertThat(times.stream().map(t -> t % 1000).distinct().count()).isGreaterThan(20);
    assertThat(a.agent.state()).isEqualTo(IceState.COMPLETED);
  }

  @Test
  void disconnectsWellBeforeConsentExpiresAndThenFails() {
    connect();
    block(b);
    long start = network.nanoTime();
    network.runUntil(() -> a.agent.state() == IceState.DISCONNECTED, LIMIT);
    assertThat(network.nanoTime() - start).isLessThan(Duration.ofSeconds(10).toNanos());
    assertThat(network.runUntil(() -> a.agent.state() == IceState.FAILED, LIMIT)).isTrue();
    assertThat(network.nanoTime() - start)
        .isBetween(Duration.ofSeconds(24).toNanos(), Duration.ofSeconds(30).toNanos());
    assertThat(a.agent.failureReason()).get().asString().contains("stopped answering");
    int sent = a.sent.size();
    network.run(Duration.ofMinutes(1));
    assertThat(a.sent).hasSize(sent);
    assertThat(a.agent.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void comesBackAfterAnOutage() {
    connect();
    block(b);
    network.runUntil(() -> a.agent.state() == IceState.DISCONNECTED, LIMIT);
    network.run(Duration.ofSeconds(10));
    hostB.uplink().setConditions(NEAR);
    hostB.downlink().setConditions(NEAR);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), Duration.ofSeconds(1)))
        .isTrue();
    assertThat(a.selectedPairs).hasSize(1);
  }

  @Test
  void forgedAnswersGiveNoConsent() {
    connect();
    InetSocketAddress remote = a.selected().remote();
    InetSocketAddress local = a.selected().local();
    block(b);
    StunWriter forger = new StunWriter();
    network.clock().after(Duration.ofSeconds(1), () -> forgeAnswers(forger, local, remote));
    assertThat(network.runUntil(() -> a.agent.state() == IceState.FAILED, LIMIT)).isTrue();
  }

  /** Answers every open check of A, as someone who sees them but has no password. */
  private void forgeAnswers(StunWriter forger, InetSocketAddress local, InetSocketAddress remote) {
    for (IcePeer.Sent request : a.sentRequests()) {
      forger
          .begin(StunClass.SUCCESS_RESPONSE, StunMessage.BINDING, request.message().transactionId())
          .add(new StunAttribute.XorMappedAddress(local));
      ByteBuffer forged = forger.finish(StunKey.shortTerm("not the password of B"));
      a.agent.handleDatagram(network.nanoTime(), local, remote, forged);
    }
    network.clock().after(Duration.ofMillis(100), () -> forgeAnswers(forger, local, remote));
  }

  // Moving

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
    assertThat(a.agent.state()).isIn(IceState.CONNECTED, IceState.DISCONNECTED);
    assertThat(network.runUntil(a::isConnected, Duration.ofMillis(200))).isTrue();
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

  // Restart

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

  // Refusals

  @Test
  void wrongPasswordIsRefusedWith401() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    IceCredentials wrong =
        new IceCredentials(
            b.agent.localCredentials().usernameFragment(), "0123456789012345678901234");
    a.agent.setRemoteCredentials(network.nanoTime(), wrong, false);
    b.signalCandidatesTo(a);
    network.run(Duration.ofSeconds(31));
    assertThat(a.receivedErrors()).isNotEmpty().containsOnly(401);
    assertThat(a.agent.state()).isEqualTo(IceState.FAILED);
    assertThat(a.agent.failureReason()).get().asString().contains("401");
    assertThat(b.agent.statistics()).isEmpty();
  }

  @Test
  void wrongUserNameIsRefusedWith401() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    IceCredentials wrong = new IceCredentials("wrong", b.agent.localCredentials().password());
    a.agent.setRemoteCredentials(network.nanoTime(), wrong, false);
    Candidate named = b.candidates.getFirst();
    a.agent.addRemoteCandidate(
        network.nanoTime(), candidate(named.format().replaceAll(" ufrag .*", "")));
    network.run(Duration.ofSeconds(1));
    assertThat(a.receivedErrors()).isNotEmpty().containsOnly(401);
  }

  @Test
  void unknownRequiredAttributeIsRefusedWith420() throws StunException {
    Aggressor remote = new Aggressor();
    b.agent.setRemoteCredentials(network.nanoTime(), remote.credentials, false);
    ByteBuffer known = remote.check(1, false);
    // The same check with one more attribute, of a type that must be understood.
    ByteBuffer request = ByteBuffer.allocate(300);
    request.put(known.slice(0, known.limit() - 32)).putShort((short) 0x7F01).putShort((short) 0);
    int offset = request.position();
    byte[] integrity =
        StunMessage.integrity(
            request, offset, StunKey.shortTerm(b.agent.localCredentials().password()));
    request.putShort((short) 8).putShort((short) 20).put(integrity).flip();
    request.putShort(2, (short) (request.limit() - 20));
    b.agent.handleDatagram(network.nanoTime(), remote.to, remote.address(1), request);
    StunMessage answer = b.sent.getLast().message();
    assertThat(answer.attribute(StunAttribute.ErrorCode.class).orElseThrow().code()).isEqualTo(420);
    assertThat(answer.attribute(StunAttribute.UnknownAttributes.class).orElseThrow().types())
        .containsExactly(0x7F01);
    assertThat(b.agent.statistics()).isEmpty();
  }

  @Test
  void requestWithoutCredentialsIsRefusedWith400() {
    InetSocketAddress local = b.bind("192.0.2.2");
    ByteBuffer bare =
        new StunWriter()
            .begin(StunClass.REQUEST, StunMessage.BINDING, new TransactionId(1, 2))
            .finish();
    b.agent.handleDatagram(network.nanoTime(), local, address("192.0.2.1", 7), bare);
    assertThat(b.sent).hasSize(1);
    assertThat(
            b.sent
                .getLast()
                .message()
                .attribute(StunAttribute.ErrorCode.class)
                .orElseThrow()
                .code())
        .isEqualTo(400);
  }

  @Test
  void indicationIsNotAnswered() {
    InetSocketAddress local = b.bind("192.0.2.2");
    ByteBuffer keepAlive =
        new StunWriter()
            .begin(StunClass.INDICATION, StunMessage.BINDING, new TransactionId(1, 2))
            .finish();
    b.agent.handleDatagram(network.nanoTime(), local, address("192.0.2.1", 7), keepAlive);
    assertThat(b.sent).isEmpty();
  }

  // Failing and closing

  @Test
  void failsWithAReasonWhenNobodyAnswers() {
    a.bind("192.0.2.1");
    b.signalCredentialsTo(a);
    for (int port = 1; port <= 3; port++) {
      a.agent.addRemoteCandidate(
          network.nanoTime(), candidate("candidate:1 1 udp 9 192.0.2.9 " + port + " typ host"));
    }
    a.agent.endOfRemoteCandidates(network.nanoTime());
    network.run(Duration.ofSeconds(29));
    assertThat(a.agent.state()).isEqualTo(IceState.CHECKING);
    network.run(Duration.ofSeconds(1));
    assertThat(a.agent.state()).isEqualTo(IceState.FAILED);
    assertThat(a.agent.failureReason()).contains("no remote candidate answered: 3 pairs tried");
  }

  @Test
  void failsWithAReasonWhenThereIsNoUsableCandidate() {
    a.bind("192.0.2.1");
    b.signalCredentialsTo(a);
    a.agent.addRemoteCandidate(
        network.nanoTime(), candidate("candidate:1 1 udp 9 some-name.local 4000 typ host"));
    a.agent.addRemoteCandidate(
        network.nanoTime(), candidate("candidate:1 1 udp 9 2001:db8::2 4000 typ host"));
    network.run(Duration.ofSeconds(30));
    assertThat(a.agent.failureReason())
        .contains(
            "the other side named no usable candidate (1 of another address family, 1 skipped)");
  }

  @Test
  void failsWithAReasonWhenThereIsNoLocalAddress() {
    b.bind("192.0.2.2");
    b.signalTo(a);
    network.run(Duration.ofSeconds(30));
    assertThat(a.agent.failureReason()).contains("there is no local address to send from");
  }

  @Test
  void closedAgentIsSilent() {
    connect();
    a.agent.close();
    int sent = a.sent.size();
    network.run(Duration.ofSeconds(20));
    a.agent.restart(network.nanoTime());
    a.agent.addLocalAddress(network.nanoTime(), address("192.0.2.1", 9));
    assertThat(a.agent.state()).isEqualTo(IceState.CLOSED);
    assertThat(a.sent).hasSize(sent);
    assertThat(a.agent.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(b.agent.state()).isEqualTo(IceState.DISCONNECTED);
  }

  @Test
  void statisticsCountChecksAndTellTheRoundTripTime() {
    connect();
    network.run(Duration.ofSeconds(60));
    PairStatistics pair = a.agent.statistics().getFirst();
    assertThat(pair.selected()).isTrue();
    assertThat(pair.roundTripTime()).contains(Duration.ofMillis(20));
    assertThat(pair.requestsSent()).isEqualTo(pair.responsesReceived()).isGreaterThan(10);
    assertThat(pair.requestsReceived()).isGreaterThan(10);
    assertThat(pair.totalRoundTripTime())
        .isEqualTo(Duration.ofMillis(20 * pair.responsesReceived()));
  }
}
