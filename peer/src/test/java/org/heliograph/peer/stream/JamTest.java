package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.rtp.Hex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A path whose delay grows to 1.5 s within 3 s, and which is clear then, for every kind of feedback
 * that steers what is sent.
 */
class JamTest {
  private static final double BEGIN = 10;
  private static final double END = 13;
  private static final int STEPS = 150;

  private static final int LAST_WORD_MILLIS = 14_400;
  private static final LinkConditions PATH =
      LinkConditions.delay(Duration.ofMillis(30)).withRate(3_000_000, Duration.ofMillis(300));

  enum Feedback {
    TRANSPORT_WIDE,
    TRANSPORT_WIDE_OF_PICTURES,
    TRANSPORT_WIDE_OF_PICTURES_WITHOUT_RTX,
    RECEIVER_ESTIMATES,
    BOTH,
    REPORTS_ONLY,
    NONE
  }

  private static AdaptiveCall call(Feedback feedback, long seed) {
    return switch (feedback) {
      case TRANSPORT_WIDE -> new AdaptiveCall(seed, PATH);
      case TRANSPORT_WIDE_OF_PICTURES ->
          AdaptiveCall.withFeedbackOnPictures(seed, PATH, VirtualCall.protectedVideo());
      case TRANSPORT_WIDE_OF_PICTURES_WITHOUT_RTX ->
          AdaptiveCall.withFeedbackOnPictures(seed, PATH, VirtualCall.videoWithoutRtx());
      case RECEIVER_ESTIMATES -> AdaptiveCall.withReceiverEstimates(seed, PATH);
      case BOTH -> {
        AdaptiveCall call = new AdaptiveCall(seed, PATH);
        call.call.bob.session.setReceiverEstimates(true);
        yield call;
      }
      case REPORTS_ONLY -> AdaptiveCall.withReportsOnly(seed, PATH);
      case NONE -> {
        AdaptiveCall call = AdaptiveCall.withReportsOnly(seed, PATH);
        call.call.bob.losesRtcp = true;
        yield call;
      }
    };
  }

  static void jam(AdaptiveCall call) {
    for (int step = 0; step <= STEPS; step++) {
      Duration delay = Duration.ofMillis(30 + 1470 * step / STEPS);
      call.at(
          BEGIN + (END - BEGIN) * step / STEPS,
          LinkConditions.delay(delay).withRate(3_000_000, Duration.ofMillis(300)));
    }
    call.at(END + 0.001, PATH);
  }

  private static void jamBothWays(AdaptiveCall call, LinkConditions after) {
    for (int step = 0; step <= STEPS; step++) {
      LinkConditions slow = LinkConditions.delay(Duration.ofMillis(25 + 1475 * step / STEPS));
      double second = BEGIN + (END - BEGIN) * step / STEPS;
      call.at(second, slow);
      call.at(second, () -> call.call.toAlice.setConditions(slow));
    }
    call.at(END + 0.001, after);
    call.at(END + 0.001, () -> call.call.toAlice.setConditions(after));
  }

  /** Five seconds after the jam a picture is there, and they go on from then. */
  private static void assertPicturesAreBack(AdaptiveCall call, double end) {
    assertThat(call.picturesReceived(END + 5, END + 10)).isGreaterThan(5 * 20);
    assertThat(call.longestFreezeMillis(END + 4.5, end)).isLessThan(500);
  }

  @ParameterizedTest
  @EnumSource
  void picturesAreBackWithinFiveSecondsAfterAJam(Feedback feedback) {
    AdaptiveCall call = call(feedback, 1);
    jam(call);
    call.run(60);

    assertPicturesAreBack(call, 60);
  }

  /** As between this side and a gateway; what it sends back must come through the jam, too. */
  @ParameterizedTest
  @EnumSource
  void picturesAreBackWithinFiveSecondsAfterAJamOfBothWays(Feedback feedback) {
    for (long seed = 1; seed <= 5; seed++) {
      AdaptiveCall call = call(feedback, seed);
      jamBothWays(call, PATH);
      call.run(40);

      assertPicturesAreBack(call, 40);
    }
  }

  /**
   * Late packets and late feedback take 1.5 s of the five; who receives has to show it yet. Where
   * pictures alone are numbered, there is no feedback any more when they have stopped.
   */
  @ParameterizedTest
  @CsvSource({
    "1, false", "2, false", "3, false", "4, false", "5, false",
    "1, true", "2, true", "3, true", "4, true", "5, true"
  })
  void aProbeFindsTheRateAgainSoonAfterAJamOfBothWays(long seed, boolean feedbackOnPicturesAlone) {
    LinkConditions wide = LinkConditions.delay(Duration.ofMillis(25));
    AdaptiveCall call =
        feedbackOnPicturesAlone
            ? AdaptiveCall.withFeedbackOnPictures(seed, wide, VirtualCall.protectedVideo())
            : new AdaptiveCall(seed, wide);
    call.call.toAlice.setConditions(wide);
    call.encodeAtMost(400_000);
    jamBothWays(call, wide);
    call.run(20);

    assertThat(call.leastEstimate(END, END + 2)).isLessThan(60_000);
    assertThat(call.leastEstimate(END + 3.5, END + 6)).isGreaterThan(400_000);
  }

  /** What aiortc says of such a jam, to a sender that then sends it no picture. */
  @Test
  void theLastWordOfAReceiverIsNotItsLastForEver() throws IOException {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    call.encodeAtMost(250_000);
    jam(call);
    try (InputStream in = JamTest.class.getResourceAsStream("jam/aiortc-remb-of-a-jam.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        String[] words = line.split(" ", 2);
        if (!line.startsWith("#") && Integer.parseInt(words[0]) < LAST_WORD_MILLIS) {
          call.at(
              Integer.parseInt(words[0]) / 1000.0,
              () ->
                  call.call.alice.session.receiveRtcp(
                      Hex.buffer(words[1]), call.call.clock.nanoTime()));
        }
      }
    }
    call.run(40);

    assertThat(call.leastEstimate(END, END + 2)).isLessThan(100_000);
    assertThat(call.picturesReceived(END + 5, END + 10)).isGreaterThan(5 * 20);
    assertThat(call.meanEstimate(35, 40)).isGreaterThan(100_000);
  }

  /** Where the last feedback came early, the first probe is held back by the jam itself. */
  @ParameterizedTest
  @ValueSource(doubles = {11, 11.25, 11.5, 11.75, 12, 12.25, 12.5})
  void aProbeThatWasHeldBackIsRepeatedSoon(double suspended) {
    LinkConditions wide = LinkConditions.delay(Duration.ofMillis(25));
    for (long seed = 1; seed <= 5; seed++) {
      AdaptiveCall call =
          AdaptiveCall.withFeedbackOnPictures(seed, wide, VirtualCall.protectedVideo());
      call.call.toAlice.setConditions(wide);
      call.encodeAtMost(150_000);
      jamBothWays(call, wide);
      call.at(suspended, () -> call.pausePictures(true));
      call.at(END, () -> call.pausePictures(false));
      call.run(30);

      assertThat(call.longestFreezeMillis(END + 3.5, 30)).as("seed %d", seed).isLessThan(200);
    }
  }

  @Test
  void anotherPathIsNotLimitedByWhatWasSaidOfTheOneBefore() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    call.call.alice.session.receiveRtcp(remb(50_000), call.call.clock.nanoTime());
    call.run(1);
    assertThat(call.mostEstimate(0.1, 1)).isLessThan(70_000);
    call.moveAt(1, PATH);
    call.run(1);

    assertThat(call.leastEstimate(1.1, 2)).isGreaterThanOrEqualTo(290_000);
  }

  @Test
  void anEstimateOfNothingIsNoLimit() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    call.call.alice.session.receiveRtcp(remb(100_000), call.call.clock.nanoTime());
    call.run(1);
    assertThat(call.mostEstimate(0.1, 1)).isEqualTo(100_000);
    call.call.alice.session.receiveRtcp(remb(0), call.call.clock.nanoTime());
    call.run(30);

    assertThat(call.meanEstimate(25, 31)).isGreaterThan(300_000);
  }

  @Test
  void anEstimateThatWasNotAgreedOnIsNotObeyed() {
    AdaptiveCall call = new AdaptiveCall(1, PATH);
    call.call.alice.session.setObeysReceiverEstimates(false);
    call.call.alice.session.receiveRtcp(remb(100_000), call.call.clock.nanoTime());
    call.run(5);

    assertThat(call.meanEstimate(3, 5)).isGreaterThan(1_000_000);
  }

  @Test
  void anEstimateThatIsNoLongerAgreedOnIsForgotten() {
    AdaptiveCall call = new AdaptiveCall(1, PATH);
    call.call.alice.session.receiveRtcp(remb(100_000), call.call.clock.nanoTime());
    call.run(5);
    assertThat(call.mostEstimate(0.1, 5)).isEqualTo(100_000);
    call.call.alice.session.setObeysReceiverEstimates(false);
    call.run(10);

    assertThat(call.meanEstimate(13, 15)).isGreaterThan(1_000_000);
  }

  /** Its sender would otherwise be held to what it heard last while it sends nothing. */
  @Test
  void aReceiverDoesNotRenewAnEstimateOfWhatDoesNotCome() {
    AdaptiveCall call = AdaptiveCall.withReceiverEstimates(1, PATH);
    call.run(12);
    call.pausePictures(true);
    call.run(2);
    int before = call.call.bob.rtcpSent(ReceiverEstimatedMaximumBitrate.class).size();
    call.run(10);
    assertThat(call.call.bob.rtcpSent(ReceiverEstimatedMaximumBitrate.class)).hasSize(before);
    call.pausePictures(false);
    call.run(5);

    assertThat(call.call.bob.rtcpSent(ReceiverEstimatedMaximumBitrate.class))
        .hasSizeGreaterThan(before + 3);
  }

  /** What one source names does not hold for the others, which it has not measured. */
  @Test
  void soundThatAnEstimateDoesNotNameIsNotTakenOffThePictures() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    for (int second = 0; second < 10; second++) {
      call.call.alice.session.receiveRtcp(remb(100_000), call.call.clock.nanoTime());
      call.run(1);
    }

    assertThat(call.meanEstimate(5, 10)).isBetween(125_000.0, 150_000.0);
    assertThat(call.mediaBitsPerSecond(5, 10)).isBetween(75_000.0, 100_000.0);
  }

  /** A path of the receiver's own choice: what it knew of the delays before says nothing. */
  @Test
  void aReceiverOnAnotherPathEstimatesAnew() {
    AdaptiveCall call = AdaptiveCall.withReceiverEstimates(1, PATH);
    call.run(20);
    call.at(
        20,
        LinkConditions.delay(Duration.ofMillis(400)).withRate(3_000_000, Duration.ofMillis(300)));
    call.at(20, () -> call.call.bob.session.onPathChange(call.call.clock.nanoTime(), -1));
    call.run(10);

    assertThat(call.leastEstimate(20, 30)).isGreaterThan(0.8 * call.meanEstimate(18, 20));
  }

  @Test
  void anEstimateThatIsNotRenewedExpires() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    call.call.alice.session.receiveRtcp(remb(200_000), call.call.clock.nanoTime());
    call.run(25);

    assertThat(call.mostEstimate(0.1, 10)).isEqualTo(200_000);
    assertThat(call.leastEstimate(20, 25)).isGreaterThan(250_000);
  }

  /** It comes from sound alone, or is the receiver's last word, said again. */
  @Test
  void aLowEstimateThatIsNotLoweredLetsASmallPictureBegin() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    for (int second = 0; second < 20; second++) {
      call.call.alice.session.receiveRtcp(
          remb(20_000, VirtualCall.VIDEO_SSRC, VirtualCall.AUDIO_SSRC), call.call.clock.nanoTime());
      call.run(1);
    }

    assertThat(call.picturesReceived(5, 20)).isGreaterThan(15 * 25);
    assertThat(call.mostEstimate(1, 20)).isEqualTo(60_000);
  }

  @Test
  void aLowEstimateThatIsLoweredIsObeyed() {
    AdaptiveCall call = AdaptiveCall.withReportsOnly(1, PATH);
    for (int second = 0; second < 20; second++) {
      call.call.alice.session.receiveRtcp(
          remb(40_000 - 2000 * second, VirtualCall.VIDEO_SSRC, VirtualCall.AUDIO_SSRC),
          call.call.clock.nanoTime());
      call.run(1);
    }

    assertThat(call.mostEstimate(5, 20)).isLessThanOrEqualTo(38_000);
  }

  private static ByteBuffer remb(long bitsPerSecond) {
    return remb(bitsPerSecond, VirtualCall.VIDEO_SSRC);
  }

  private static ByteBuffer remb(long bitsPerSecond, Long... sources) {
    ReceiverEstimatedMaximumBitrate remb =
        new ReceiverEstimatedMaximumBitrate(1, bitsPerSecond, List.of(sources));
    ByteBuffer out = ByteBuffer.allocate(remb.length());
    remb.write(out);
    return out.flip();
  }
}
