package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How checks are paced, repeated and refused (RFC 8445 7.3, 14). */
class IceChecksTest extends IceAgentFixture {
  @Test
  void checksBeginAtOnceAndThenAtTheirPace() {
    a.bind("192.0.2.1");
    long start = network.nanoTime();
    b.signalCredentialsTo(a);
    for (int i = 0; i < 5; i++) {
      a.agent.addRemoteCandidate(
          start,
          candidate("candidate:1 1 udp " + (9 - i) + " 192.0.2.9 " + (i + 5001) + " typ host"));
    }
    network.run(Duration.ofMillis(400));
    assertThat(a.sentRequests().stream().map(s -> (s.nanos() - start) / 1_000_000))
        .containsExactly(0L, 50L, 100L, 150L, 200L);
    // The one that was there first, then the others by priority.
    assertThat(a.sentRequests().stream().map(s -> s.remote().getPort()))
        .containsExactly(5001, 5002, 5003, 5004, 5005);
  }

  @Test
  void unansweredCheckIsRetransmittedAndFails() {
    a.bind("192.0.2.1");
    long start = network.nanoTime();
    b.signalCredentialsTo(a);
    a.agent.addRemoteCandidate(start, candidate("candidate:1 1 udp 9 192.0.2.9 5001 typ host"));
    network.run(Duration.ofSeconds(29));
    assertThat(a.sentRequests().stream().map(s -> (s.nanos() - start) / 1_000_000))
        .containsExactly(0L, 500L, 1500L, 3500L, 5500L, 7500L, 9500L);
    assertThat(a.sentRequests().stream().map(s -> s.message().transactionId()).distinct())
        .hasSize(1);
    assertThat(a.agent.statistics()).allMatch(pair -> pair.state().equals("failed"));
  }

  @Test
  void nominatedPathEndsTheChecksOfAllOthers() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    b.signalTo(a);
    a.signalTo(b);
    for (int port = 5001; port <= 5005; port++) {
      a.agent.addRemoteCandidate(
          network.nanoTime(),
          candidate("candidate:1 1 udp 2130706431 192.0.2.9 " + port + " typ host"));
    }
    network.run(Duration.ofSeconds(2));
    assertThat(a.agent.statistics()).anyMatch(PairStatistics::nominated);
    a.sent.clear();
    network.run(Duration.ofSeconds(60));
    assertThat(a.sent).allMatch(s -> s.remote().equals(a.selected().remote()));
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
    b.agent.handleDatagram(network.nanoTime(), remote.to, remote.address(5001), request);
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
    b.agent.handleDatagram(network.nanoTime(), local, address("192.0.2.1", 5007), bare);
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
    b.agent.handleDatagram(network.nanoTime(), local, address("192.0.2.1", 5007), keepAlive);
    assertThat(b.sent).isEmpty();
  }
}
