package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.stream.LossyCall.Outcome;
import org.heliograph.peer.stream.receive.KeyFrameRequester;
import org.heliograph.peer.stream.receive.MissingPackets;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of a call over any network, a minute or more in virtual time. */
class LossyNetworkTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static LinkConditions network(int roundTripMillis) {
    return LossyCall.network(Duration.ofMillis(roundTripMillis));
  }

  @ParameterizedTest
  @CsvSource({"20, 0.02", "20, 0.1", "100, 0.02", "100, 0.1", "300, 0.02", "300, 0.05"})
  void whatIsLostComesBackAndNoKeyFrameIsNeeded(int roundTripMillis, double loss) {
    LinkConditions calm = network(roundTripMillis);
    Outcome outcome = LossyCall.run(7, calm.withLoss(loss), calm, MINUTE);

    // Nothing follows the very last packet that could show its loss.
    assertThat(outcome.videoDelivered()).isGreaterThanOrEqualTo(outcome.videoSent() - 1);
    assertThat(outcome.pictureLossIndications()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300})
  void everyFifthPacketMayBeLostInBothDirections(int roundTripMillis) {
    LinkConditions lossy = network(roundTripMillis).withLoss(0.2);
    Outcome outcome = LossyCall.run(7, lossy, lossy, MINUTE);

    assertThat(outcome.videoDelivered()).isGreaterThan(outcome.videoSent() * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300})
  void burstsOfLossCostNoFrame(int roundTripMillis) {
    LinkConditions calm = network(roundTripMillis);
    Outcome outcome = LossyCall.run(7, calm.withBurstLoss(0.05, 10), calm, MINUTE);

    assertThat(outcome.videoDelivered()).isEqualTo(outcome.videoSent());
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300})
  void jitterAloneMakesNobodyAskForAnything(int roundTripMillis) {
    LinkConditions restless = network(roundTripMillis).withJitter(Duration.ofMillis(120));
    Outcome outcome = LossyCall.run(7, restless, restless, MINUTE);

    assertThat(outcome.videoDelivered()).isEqualTo(outcome.videoSent());
    assertThat(outcome.audioDelivered()).isEqualTo(outcome.audioSent());
    assertThat(outcome.nacks()).isZero();
    assertThat(outcome.pictureLossIndications()).isZero();
  }

  @Test
  void packetsThatAreOnlyOvertakenAreSoonNotAskedForAnyMore() {
    LinkConditions reordered = network(100).withReordering(0.03, Duration.ofMillis(20));
    Outcome outcome = LossyCall.run(7, reordered, network(100), MINUTE);

    assertThat(outcome.videoDelivered()).isEqualTo(outcome.videoSent());
    assertThat(outcome.audioDelivered()).isEqualTo(outcome.audioSent());
    assertThat(outcome.nacks()).isLessThan(5);
    assertThat(outcome.pictureLossIndications()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 100, 300})
  void onlyWhatWasLostIsSentAgain(int roundTripMillis) {
    LinkConditions calm = network(roundTripMillis);
    Outcome outcome = LossyCall.run(7, calm.withLoss(0.1), calm, MINUTE);

    // Each is lost again with the same chance: a tenth, a hundredth, and so on.
    assertThat(outcome.retransmitted()).isLessThan(outcome.packets() * 125 / 1000);
    // Forward error correction may be quicker, and the little that it leaves is sent twice.
    assertThat(outcome.useless()).isLessThan(outcome.packets() / 30);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.2, 0.4, 0.6})
  void keyFramesAreNotAskedForInAStorm(double loss) {
    LinkConditions awful = network(200).withLoss(loss);
    Outcome outcome = LossyCall.run(7, awful, awful, MINUTE.multipliedBy(5));

    long atMost =
        MINUTE.multipliedBy(5).plusSeconds(3).toNanos() / KeyFrameRequester.MIN_INTERVAL_NANOS;
    assertThat(outcome.pictureLossIndications()).isLessThan((int) atMost / 2);
  }

  @Test
  void aSenderThatSendsNothingAgainIsNotAskedForEver() {
    VirtualCall call = new VirtualCall(9);
    ReceiveStream in = call.bob.session.addReceiver(VirtualCall.videoIn());
    SendParameters deaf =
        new SendParameters(
            "v",
            MediaFormat.VP8,
            96,
            VirtualCall.VIDEO_SSRC,
            SendParameters.NONE,
            SendParameters.NONE,
            false,
            VirtualCall.EXTENSIONS);
    SendStream out = call.alice.session.addSender(deaf);
    call.toBob.setConditions(network(50).withLoss(0.1));
    for (int i = 0; i < 1800; i++) {
      call.alice.send(out, VirtualCall.frame(i, 3000, i == 0), i == 0);
      call.clock.run(Duration.ofMillis(33));
    }
    call.toBob.setConditions(network(50));
    int asked =
        call.bob.rtcpSent(GenericNack.class).stream()
            .mapToInt(n -> n.sequenceNumbers().size())
            .sum();

    // Asked for ten times at most, and twice each where answers stay out.
    assertThat(asked)
        .isLessThan((int) in.statistics().packetsLost() * MissingPackets.MAX_REQUESTS * 2);
    assertThat(call.bob.session.nextTimeoutNanos()).isGreaterThan(call.clock.nanoTime());
  }
}
