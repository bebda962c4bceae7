package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Credentials and candidates in whatever order they come (RFC 8838). */
class IceTricklingTest extends IceAgentFixture {
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
    for (int port = 1025; port <= 1064; port++) {
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
          candidate("candidate:1 1 udp " + (1000 + i) + " 192.0.2.3 " + (i + 5001) + " typ host"));
    }
    assertThat(a.agent.statistics()).hasSize(100);
    assertThat(a.skipped).hasSize(1000 - 64);
    // A full list prefers the better ones.
    assertThat(a.agent.statistics()).anyMatch(p -> p.remote().priority() == 1063);
  }
}
