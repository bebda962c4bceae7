package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.heliograph.peer.ice.StunAttribute.UseCandidate;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who chooses, and what is chosen (RFC 8445 7.3.1.1, 8). */
class IceRolesAndNominationTest extends IceAgentFixture {
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
    aggressor.nominate(5001, 1000);
    aggressor.nominate(5002, 3000);
    aggressor.nominate(5003, 2000);
    network.run(Duration.ofSeconds(1));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(5002));
  }

  @Test
  void controlledAgentFollowsALaterNominationOfALesserPair() {
    Aggressor aggressor = new Aggressor();
    b.agent.setRemoteCredentials(network.nanoTime(), aggressor.credentials, false);
    aggressor.nominate(5001, 3000);
    network.run(Duration.ofSeconds(10));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(5001));
    aggressor.nominate(5002, 1000);
    network.run(Duration.ofSeconds(1));
    assertThat(b.selected().remote()).isEqualTo(aggressor.address(5002));
  }
}
