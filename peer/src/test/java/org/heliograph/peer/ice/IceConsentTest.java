package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Consent to be sent to, and its end (RFC 7675); failing and closing. */
class IceConsentTest extends IceAgentFixture {
  @Test
  void consentIsAskedForAtRandomisedIntervals() {
    connect();
    a.sendMedia();
    b.sendMedia();
    network.run(Duration.ofSeconds(5));
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
  void silentPathIsCheckedOnceASecond() {
    connect();
    network.run(Duration.ofSeconds(5));
    a.sent.clear();
    b.sent.clear();
    network.run(Duration.ofMinutes(1));
    assertThat(a.sentRequests().size() + b.sentRequests().size()).isBetween(30, 130);
    assertThat(a.agent.state()).isEqualTo(IceState.COMPLETED);
  }

  @Test
  void disconnectsWellBeforeConsentExpiresAndThenFails() {
    connect();
    block(b);
    long start = network.nanoTime();
    network.runUntil(() -> a.agent.state() == IceState.DISCONNECTED, LIMIT);
    assertThat(network.nanoTime() - start).isLessThan(Duration.ofSeconds(4).toNanos());
    assertThat(network.runUntil(() -> a.agent.selectedPair().isEmpty(), LIMIT)).isTrue();
    assertThat(network.nanoTime() - start)
        .as("when consent has expired")
        .isBetween(Duration.ofSeconds(24).toNanos(), Duration.ofSeconds(30).toNanos());
    assertThat(network.runUntil(() -> a.agent.state() == IceState.FAILED, LIMIT)).isTrue();
    assertThat(network.nanoTime() - start)
        .isBetween(Duration.ofSeconds(30).toNanos(), Duration.ofSeconds(32).toNanos());
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
    assertThat(network.runUntil(() -> a.agent.state() == IceState.FAILED, LIMIT.multipliedBy(2)))
        .isTrue();
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

  @Test
  void failsWithAReasonWhenNobodyAnswers() {
    a.bind("192.0.2.1");
    b.signalCredentialsTo(a);
    for (int port = 5001; port <= 5003; port++) {
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
