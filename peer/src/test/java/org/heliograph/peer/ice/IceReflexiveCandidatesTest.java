package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.Nat;
import org.junit.jupiter.api.Test;

/** Addresses that only others see (RFC 8445 5.1.1.2, 7.2.5.3.1, 7.3.1.3). */
class IceReflexiveCandidatesTest extends IceAgentFixture {
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
}
