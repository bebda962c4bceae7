package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.FullIntraRequest;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtcp.RtcpPacket;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/**
 * A receiver that is authenticated and lies: what it says through a valid transform harms itself at
 * most. Beside it a call over the same path, which must not lose a frame.
 */
class HostileReceiverTest {
  private static final int SECONDS = 30;
  private static final double ENCODER = 1_000_000;

  /** Sound, headers, and probes for what the path carries. */
  private static final double BESIDE = 0.25;

  private final AdaptiveCall call =
      new AdaptiveCall(1, LinkConditions.delay(Duration.ofMillis(30)));
  private final AdaptiveCall beside = call.another(2);
  private final Random random = new Random(5);
  private final RtpPacket view = new RtpPacket();
  private int acknowledged;
  private int feedbackCount;

  HostileReceiverTest() {
    call.encodeAtMost(ENCODER);
    beside.encodeAtMost(ENCODER);
  }

  private void toSender(RtcpPacket... packets) {
    for (RtcpPacket packet : packets) {
      ByteBuffer out = ByteBuffer.allocate(packet.length());
      packet.write(out);
      call.call.alice.session.receiveRtcp(out.flip(), call.call.clock.nanoTime());
    }
  }

  private void every(Duration interval, Runnable action) {
    call.call.clock.after(
        interval,
        () -> {
          action.run();
          every(interval, action);
        });
  }

  private double sentBitsPerSecond() {
    return 8.0
        * call.call.alice.rtpSent.stream().mapToLong(packet -> packet.length).sum()
        / SECONDS;
  }

  private void assertTheOtherCallIsUntouched() {
    beside.run(1);
    assertThat(beside.framesLost(SECONDS)).isZero();
    assertThat(beside.longestFreezeMillis(1, SECONDS)).isLessThan(200);
  }

  /** What was sent since the last time, four packets a millisecond, and then what was not sent. */
  private void acknowledgeAtOnce(int unsent) {
    List<byte[]> sent = call.call.alice.rtpSent;
    List<Integer> numbers = new ArrayList<>();
    for (; acknowledged < sent.size(); acknowledged++) {
      try {
        view.wrap(ByteBuffer.wrap(sent.get(acknowledged)));
      } catch (MalformedPacketException e) {
        throw new AssertionError(e);
      }
      numbers.add(view.transportSequenceNumber(VirtualCall.EXTENSIONS));
    }
    if (!numbers.isEmpty()) {
      long[] ticks = new long[numbers.size() + unsent];
      Arrays.setAll(ticks, i -> i);
      int reference = (int) (call.call.clock.nanoTime() / 64_000_000);
      toSender(
          TransportFeedback.of(
              1, VirtualCall.VIDEO_SSRC, numbers.getFirst(), reference, feedbackCount++, ticks));
    }
  }

  @Test
  void feedbackThatClaimsMoreThanThePathCarriesMakesNobodySendMoreThanThereIs() {
    call.call.bob.losesRtcp = true;
    every(Duration.ofMillis(50), () -> acknowledgeAtOnce(0));
    call.run(SECONDS);

    assertThat(call.mostEstimate(0, SECONDS)).isLessThanOrEqualTo(10_000_000);
    assertThat(sentBitsPerSecond()).isLessThan((1 + BESIDE) * ENCODER);
    assertTheOtherCallIsUntouched();
  }

  @Test
  void whatWasNeverSentIsNotTakenAsReceived() {
    call.call.bob.losesRtcp = true;
    every(Duration.ofMillis(50), () -> acknowledgeAtOnce(1000));
    call.run(SECONDS);

    assertThat(call.mostEstimate(0, SECONDS)).isLessThanOrEqualTo(10_000_000);
    assertThat(sentBitsPerSecond()).isLessThan((1 + BESIDE) * ENCODER);
    assertTheOtherCallIsUntouched();
  }

  @Test
  void whoAsksForEverythingAgainGetsNoMoreThanItsShare() {
    every(
        Duration.ofMillis(10),
        () -> {
          List<Integer> numbers = new ArrayList<>();
          for (int i = Math.max(0, call.call.alice.rtpSent.size() - 300);
              i < call.call.alice.rtpSent.size();
              i++) {
            numbers.add(ByteBuffer.wrap(call.call.alice.rtpSent.get(i)).getShort(2) & 0xffff);
          }
          if (!numbers.isEmpty()) {
            toSender(new GenericNack(1, VirtualCall.VIDEO_SSRC, numbers));
          }
        });
    call.run(SECONDS);

    double estimate = call.meanEstimate(0, SECONDS);
    assertThat(sentBitsPerSecond())
        .isLessThan((1 + BESIDE) * ENCODER + SendStream.RESEND_SHARE * estimate);
    assertTheOtherCallIsUntouched();
  }

  @Test
  void whoAlwaysAsksForKeyFramesGetsThreeASecond() {
    int[] number = {0};
    every(
        Duration.ofMillis(5),
        () ->
            toSender(
                new PictureLossIndication(1, VirtualCall.VIDEO_SSRC),
                new FullIntraRequest(
                    1,
                    List.of(
                        new FullIntraRequest.Request(VirtualCall.VIDEO_SSRC, number[0]++ & 255)))));
    call.run(SECONDS);

    assertThat(call.call.alice.keyFrameRequests.size()).isLessThanOrEqualTo(SECONDS * 10 / 3 + 1);
    assertTheOtherCallIsUntouched();
  }

  /** Packets of every kind with the call's own sources, changed at random, in a random mixture. */
  @Test
  void randomRtcpHarmsNeitherTheSenderNorTheOtherCall() {
    List<byte[]> corpus = ParserFuzzTest.corpus("rtcp.txt");
    every(
        Duration.ofMillis(2),
        () -> {
          ByteBuffer compound = ByteBuffer.allocate(4000);
          for (int i = random.nextInt(5); i >= 0; i--) {
            compound.put(ParserFuzzTest.mutated(corpus.get(random.nextInt(corpus.size())), random));
          }
          compound.flip();
          call.call.alice.session.receiveRtcp(compound.duplicate(), call.call.clock.nanoTime());
          call.call.bob.session.receiveRtcp(compound, call.call.clock.nanoTime());
        });
    call.run(SECONDS);

    assertThat(call.soundHasWaited()).isFalse();
    assertThat(call.soundsReceived()).isGreaterThanOrEqualTo(SECONDS * 50 - 10);
    assertThat(call.call.bob.received.stream().filter(r -> r.frame().format() == MediaFormat.VP8))
        .isNotEmpty();
    assertThat(sentBitsPerSecond()).isLessThan(2 * ENCODER);
    assertTheOtherCallIsUntouched();
  }
}
