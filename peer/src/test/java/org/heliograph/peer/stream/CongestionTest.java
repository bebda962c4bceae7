package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much is sent over a path that carries only so much, in whole calls in virtual time. */
class CongestionTest {
  private static final Duration QUEUE = Duration.ofMillis(300);

  static LinkConditions path(int millis) {
    return LinkConditions.delay(Duration.ofMillis(millis));
  }

  static LinkConditions bottleneck(int kilobitsPerSecond) {
    return path(30).withRate(kilobitsPerSecond * 1000L, QUEUE);
  }

  @ParameterizedTest
  @ValueSource(ints = {150, 300, 1000, 2000})
  void aBottleneckIsFilledAndItsQueueIsKeptShort(int kilobits) {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(kilobits));
    call.run(40);

    assertThat(call.deliveredBitsPerSecond(5, 40)).isGreaterThan(0.85 * kilobits * 1000);
    assertThat(call.queueMillis(0.5, 5, 40)).isLessThan(60);
    // Besides the one packet that is just leaving.
    assertThat(call.queueMillis(0.95, 5, 40)).isLessThan(110 + 15_000.0 / kilobits);
    assertThat(call.longestFreezeMillis(5, 40)).isLessThan(200);
  }

  @Test
  void aWidePathIsFoundWithinASecond() {
    AdaptiveCall call = new AdaptiveCall(1, path(30));
    call.run(5);

    assertThat(call.secondsUntil(2_000_000, 0)).isLessThan(1);
  }

  /** As between a cable and a phone's network, both ways. */
  @Test
  void anotherPathIsMeasuredAnew() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(2000));
    LinkConditions narrow = path(80).withRate(400_000, QUEUE);
    call.moveAt(20, narrow);
    call.moveAt(40, path(30).withRate(5_000_000, QUEUE));
    call.run(60);

    assertThat(call.longestFreezeMillis(20, 60)).isLessThan(300);
    assertThat(call.queueMillis(0.95, 20, 40)).isLessThan(200);
    assertThat(call.deliveredBitsPerSecond(22, 40)).isGreaterThan(0.8 * 400_000);
    assertThat(call.secondsUntil(2_500_000, 40)).isLessThan(1);
  }

  @Test
  void aDropIsFollowedAndTheWayBackUpIsFoundAgain() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(2000));
    call.at(20, bottleneck(400));
    call.at(40, bottleneck(2000));
    call.run(60);

    assertThat(call.longestFreezeMillis(20, 40)).isLessThan(900);
    assertThat(call.deliveredBitsPerSecond(23, 40)).isGreaterThan(0.8 * 400_000);
    assertThat(call.queueMillis(0.9, 23, 40)).isLessThan(150);
    assertThat(call.secondsUntil(1_500_000, 40)).isLessThan(8);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 10, 20})
  void lossThatDoesNotDependOnTheRateDoesNotLowerIt(int percent) {
    AdaptiveCall call = new AdaptiveCall(1, path(30).withLoss(percent / 100.0));
    call.run(40);

    assertThat(call.meanEstimate(10, 40)).isGreaterThan(2_000_000);
  }

  @Test
  void randomLossAtABottleneckLeavesMostOfItInUse() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(1000).withLoss(0.05));
    call.run(40);

    assertThat(call.deliveredBitsPerSecond(10, 40)).isGreaterThan(750_000);
  }

  @Test
  void aQueueTooShortToBeSeenIsFoundByItsLoss() {
    LinkConditions policer = path(30).withRate(800_000, Duration.ofMillis(10));
    AdaptiveCall call = new AdaptiveCall(1, policer);
    call.run(60);

    assertThat(call.deliveredBitsPerSecond(10, 60)).isGreaterThan(450_000);
    assertThat(call.meanEstimate(10, 60)).isLessThan(900_000);
  }

  @Test
  void jitterIsNotTakenForAQueue() {
    AdaptiveCall call = new AdaptiveCall(1, path(40).withJitter(Duration.ofMillis(120)));
    call.run(40);

    assertThat(call.meanEstimate(10, 40)).isGreaterThan(2_000_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void aDelayThatDriftsIsNotTakenForAQueue(long seed) {
    LinkConditions drifting = path(40).withDrift(Duration.ofMillis(120));
    AdaptiveCall call = new AdaptiveCall(seed, drifting);
    call.call.toAlice.setConditions(drifting);
    call.run(40);

    assertThat(call.longestFreezeMillis(2, 40)).isLessThan(400);
    assertThat(call.picturesReceived(2, 40)).isGreaterThan(30 * 38 * 97 / 100);
    assertThat(call.deliveredBitsPerSecond(5, 40)).isGreaterThan(700_000);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aBottleneckIsSeenThroughADelayThatDrifts(long seed) {
    AdaptiveCall call = new AdaptiveCall(seed, bottleneck(1000).withDrift(Duration.ofMillis(120)));
    call.run(60);

    assertThat(call.deliveredBitsPerSecond(10, 60)).isGreaterThan(600_000);
    assertThat(call.queueMillis(0.5, 10, 60)).isLessThan(60);
    assertThat(call.queueMillis(0.9, 10, 60)).isLessThan(200);
    assertThat(call.longestFreezeMillis(10, 60)).isLessThan(900);
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 100, 120})
  void picturesGoOnWhereHardlyAnythingIsLeftForThem(int kilobits) {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(kilobits));
    call.run(60);

    assertThat(call.longestFreezeMillis(5, 60)).isLessThan(1500);
    assertThat(call.deliveredBitsPerSecond(5, 60)).isGreaterThan(0.85 * kilobits * 1000);
  }

  @Test
  void picturesComeBackWithoutProofThatThereIsRoomForThem() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(80));
    call.run(10);
    call.call.bob.losesRtcp = true;
    call.run(15);
    assertThat(call.picturesReceived(20, 25)).isZero();
    call.call.bob.losesRtcp = false;
    call.run(10);

    assertThat(call.picturesReceived(28, 35)).isGreaterThan(7 * 20);
  }

  @Test
  void reorderingIsNotTakenForLossOrForAQueue() {
    AdaptiveCall call = new AdaptiveCall(1, path(40).withReordering(0.03, Duration.ofMillis(20)));
    call.run(40);

    assertThat(call.leastEstimate(5, 40)).isGreaterThan(2_000_000);
  }

  @Test
  void anEncoderThatSendsLittleDoesNotLetTheEstimateRunAway() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(500));
    call.encodeAtMost(100_000);
    call.run(40);

    assertThat(call.mostEstimate(5, 40)).isLessThan(600_000);
  }

  @Test
  void roomThatTheEncoderHasNotUsedIsKnownToItByProbes() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(1500));
    call.encodeAtMost(100_000);
    call.run(20);

    assertThat(call.meanEstimate(15, 20)).isGreaterThan(700_000);
  }

  @Test
  void twoCallsShareABottleneck() {
    AdaptiveCall first = new AdaptiveCall(1, bottleneck(1500));
    AdaptiveCall second = first.another(2);
    first.run(90);

    double one = first.mediaBitsPerSecond(30, 90);
    double other = second.mediaBitsPerSecond(30, 90);
    assertThat(one + other).isGreaterThan(0.75 * 1_500_000);
    assertThat(Math.min(one, other)).isGreaterThan(0.2 * 1_500_000);
  }

  @Test
  void whatTheReceiverAllowsIsNeverExceeded() {
    AdaptiveCall call = new AdaptiveCall(1, path(30));
    ReceiverEstimatedMaximumBitrate limit =
        new ReceiverEstimatedMaximumBitrate(
            1, 400_000, List.of(VirtualCall.VIDEO_SSRC, VirtualCall.AUDIO_SSRC));
    ByteBuffer out = ByteBuffer.allocate(limit.length());
    limit.write(out);
    for (int second = 0; second < 20; second++) {
      call.call.alice.session.receiveRtcp(out.duplicate().flip(), call.call.clock.nanoTime());
      call.run(1);
    }

    assertThat(call.mostEstimate(0.1, 20)).isEqualTo(400_000);
    assertThat(call.deliveredBitsPerSecond(5, 20)).isLessThan(440_000);
  }

  @Test
  void lostFeedbackMakesTheSenderCarefulAndItsReturnBold() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(1000));
    call.run(10);
    call.call.bob.losesRtcp = true;
    call.run(10);
    call.call.bob.losesRtcp = false;
    call.run(15);

    assertThat(call.leastEstimate(19, 20)).isLessThan(100_000);
    assertThat(call.leastEstimate(0, 35)).isGreaterThanOrEqualTo(30_000);
    assertThat(call.secondsUntil(700_000, 20)).isLessThan(10);
  }

  @Test
  void anOutageIsSurvived() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(1000));
    call.at(10, path(30).withLoss(1));
    call.at(14, bottleneck(1000));
    call.run(30);

    assertThat(call.deliveredBitsPerSecond(20, 30)).isGreaterThan(700_000);
    assertThat(call.picturesReceived(20, 30)).isGreaterThan(280);
  }

  @Test
  void soundDoesNotWaitBehindAPicture() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(300));
    call.run(20);

    assertThat(call.soundHasWaited()).isFalse();
  }

  @Test
  void feedbackIsASmallShareOfWhatArrives() {
    AdaptiveCall call = new AdaptiveCall(1, path(30));
    call.run(20);
    int bytes =
        call.call.bob.rtcpSent(TransportFeedback.class).stream()
            .mapToInt(TransportFeedback::length)
            .sum();

    assertThat(8.0 * bytes / 20).isLessThan(0.05 * call.deliveredBitsPerSecond(0, 20));
  }

  @Test
  void aReceiverWithoutFeedbackSteersItsSenderByItsOwnEstimate() {
    AdaptiveCall call = AdaptiveCall.withReceiverEstimates(1, bottleneck(600));
    call.run(60);

    assertThat(call.call.bob.rtcpSent(ReceiverEstimatedMaximumBitrate.class))
        .hasSizeGreaterThan(20);
    assertThat(call.deliveredBitsPerSecond(20, 60)).isGreaterThan(0.7 * 600_000);
    assertThat(call.queueMillis(0.9, 20, 60)).isLessThan(200);
  }

  /** Where pictures alone are numbered, nothing but probes tells of the path while none is sent. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPauseOfThePicturesProvesNothing(boolean rtx) {
    AdaptiveCall call =
        AdaptiveCall.withFeedbackOnPictures(
            1, bottleneck(400), rtx ? VirtualCall.protectedVideo() : VirtualCall.videoWithoutRtx());
    call.run(20);
    call.pausePictures(true);
    call.run(40);
    call.pausePictures(false);
    call.run(20);

    assertThat(call.mostEstimate(20, 60)).isLessThan(600_000);
    assertThat(call.leastEstimate(20, 60)).isGreaterThan(200_000);
    assertThat(call.queueMillis(0.99, 20, 60)).isLessThan(60);
    assertThat(call.longestFreezeMillis(60, 80)).isLessThan(300);
  }

  /** It may end in a renegotiation; what comes after is judged by reports alone. */
  @Test
  void feedbackThatIsNoLongerAgreedOnIsNotWaitedFor() {
    AdaptiveCall call = new AdaptiveCall(1, bottleneck(400));
    call.run(10);
    call.call.alice.session.updateSender(
        call.video, VirtualCall.video(VirtualCall.WITHOUT_FEEDBACK));
    call.call.alice.session.updateSender(call.audio, VirtualCall.audio(VirtualCall.MID_ONLY));
    call.at(10, path(30));
    call.run(30);

    assertThat(call.meanEstimate(35, 40)).isGreaterThan(1_000_000);
  }
}
