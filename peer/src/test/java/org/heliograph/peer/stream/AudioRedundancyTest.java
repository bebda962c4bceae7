package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.rtcp.ReceiverEstimatedMaximumBitrate;
import org.heliograph.peer.rtcp.ReceiverReport;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RedPayload;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStatistics;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** Sound that is sent with copies of what was sent before it. */
class AudioRedundancyTest {
  private static final int RED = 63;
  private static final Duration FRAME_INTERVAL = Duration.ofMillis(20);
  private static final PayloadFormat OPUS =
      new PayloadFormat(MediaFormat.OPUS, 111, PayloadFormat.NONE, false, false);

  private final VirtualCall call = new VirtualCall(11);
  private SendStream out = addSender(RED);
  private int sent;

  AudioRedundancyTest() {
    call.bob.session.addReceiver(
        new ReceiveParameters(
            "a", List.of(OPUS), Redundancy.audio(RED), -1, -1, VirtualCall.EXTENSIONS));
  }

  private SendStream addSender(int redPayloadType) {
    return call.alice.session.addSender(
        new SendParameters(
            "a",
            "",
            List.of(OPUS),
            Redundancy.audio(redPayloadType),
            VirtualCall.AUDIO_SSRC,
            SendParameters.NONE,
            VirtualCall.EXTENSIONS));
  }

  private void sendFrames(int count) {
    for (int i = 0; i < count; i++) {
      call.alice.send(out, VirtualCall.sound(sent++), true);
      call.clock.run(FRAME_INTERVAL);
    }
  }

  private List<Integer> receivedNumbers() {
    return call.bob.received.stream().map(r -> r.frame().payload().getInt(1)).toList();
  }

  private ReceiveStatistics statistics() {
    return call.bob.received.getFirst().stream().statistics();
  }

  /** How many blocks each packet that was sent from an index on has; 1 if it is no RED. */
  private List<Integer> blocksFrom(int index) {
    RtpPacket packet = new RtpPacket();
    RedPayload red = new RedPayload();
    return call.alice.rtpSent.subList(index, call.alice.rtpSent.size()).stream()
        .map(
            bytes -> {
              try {
                packet.wrap(ByteBuffer.wrap(bytes));
                if (packet.payloadType() != RED) {
                  return 1;
                }
                red.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
                return red.blocks();
              } catch (MalformedPacketException e) {
                throw new AssertionError(e);
              }
            })
        .toList();
  }

  @Test
  void aNetworkWithoutLossCarriesNoCopies() {
    sendFrames(500);

    assertThat(blocksFrom(0)).containsOnly(1);
    assertThat(receivedNumbers()).hasSizeGreaterThan(490);
  }

  @Test
  void someLossBringsOneCopyAndMuchLossTwo() {
    out.redundancy().onLoss(0.03);
    sendFrames(10);
    assertThat(blocksFrom(5)).containsOnly(2);

    out.redundancy().onLoss(0.2);
    int before = call.alice.rtpSent.size();
    sendFrames(10);
    assertThat(blocksFrom(before + 5)).containsOnly(3);
  }

  @Test
  void copiesTakeNoMoreThanTheirShareOfANarrowPath() {
    out.redundancy().onLoss(0.2);
    limit(120_000); // its share carries the sound of 32 kbit/s and not its copy
    sendFrames(10);
    assertThat(blocksFrom(0)).containsOnly(1);

    limit(240_000);
    int before = call.alice.rtpSent.size();
    sendFrames(10);
    assertThat(blocksFrom(before + 2)).containsOnly(2);
  }

  @Test
  void picturesGetWhatCopiesLeave() {
    limit(200_000);
    sendFrames(50);
    long whole = call.alice.estimate;
    out.redundancy().onLoss(0.05);
    sendFrames(100);

    assertThat(call.alice.estimate).isBetween(whole - 40_000, whole - 25_000);
  }

  private void limit(long bitsPerSecond) {
    ByteBuffer feedback = ByteBuffer.allocate(100);
    RtcpCompound.write(
        List.of(
            new ReceiverReport(1, List.of()),
            new ReceiverEstimatedMaximumBitrate(1, bitsPerSecond, List.of())),
        feedback);
    call.alice.session.receiveRtcp(feedback.flip(), call.clock.nanoTime());
  }

  @Test
  void copiesEndWhenTheLossHas() {
    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.15));
    sendFrames(500);
    assertThat(blocksFrom(call.alice.rtpSent.size() - 1)).containsOnly(3);

    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    sendFrames(1500);
    assertThat(blocksFrom(call.alice.rtpSent.size() - 1)).containsOnly(1);
  }

  @Test
  void theEncoderIsToldOfTheLossAndOfItsEnd() {
    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.15));
    sendFrames(1000);
    assertThat(call.alice.lossToPrepareFor).isBetween(0.08, 0.4);

    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    sendFrames(1500);
    assertThat(call.alice.lossToPrepareFor).isLessThan(0.01);
  }

  @Test
  void copiesReplaceWhatIsLostAtItsOwnTimeAndInOrder() {
    out.redundancy().onLoss(0.05);
    sendFrames(5);
    Set<Integer> lost = Set.of(3, 7, 11);
    int[] count = {0};
    call.alice.loses = packet -> lost.contains(count[0]++);
    sendFrames(45);
    call.clock.run(Duration.ofMillis(300));

    assertThat(receivedNumbers()).hasSize(50).isSorted();
    assertThat(statistics().framesRecovered()).isEqualTo(3);
    assertThat(statistics().packetsLost()).isEqualTo(3);
    for (int i = 1; i < 50; i++) {
      assertThat(
              call.bob.received.get(i).frame().timeNanos()
                  - call.bob.received.get(i - 1).frame().timeNanos())
          .isEqualTo(20_000_000);
      assertThat(call.bob.received.get(i).bytes()).isEqualTo(VirtualCall.sound(i));
    }
  }

  @Test
  void oneCopyDoesNotReplaceTwoInARow() {
    out.redundancy().onLoss(0.05);
    sendFrames(5);
    Set<Integer> lost = Set.of(3, 4);
    int[] count = {0};
    call.alice.loses = packet -> lost.contains(count[0]++);
    sendFrames(20);
    call.clock.run(Duration.ofMillis(300));

    assertThat(receivedNumbers()).hasSize(24).doesNotContain(8).contains(9);
  }

  @Test
  void underHeavyRandomLossFewFramesAreMissing() {
    call.toBob.setConditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.1));
    sendFrames(3000);
    call.clock.run(Duration.ofMillis(300));

    assertThat(receivedNumbers()).isSorted().doesNotHaveDuplicates();
    assertThat(receivedNumbers().size()).isGreaterThan(2950);
  }

  @Test
  void copiesThatComeBesideTheirOriginalsAreNotHandedOnTwice() {
    call.toBob.setConditions(
        LinkConditions.delay(Duration.ofMillis(20))
            .withReordering(0.2, Duration.ofMillis(50))
            .withDuplicates(0.1));
    out.redundancy().onLoss(0.3);
    sendFrames(500);
    call.clock.run(Duration.ofMillis(300));

    assertThat(receivedNumbers()).hasSize(500).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aPauseLeavesNoCopyOfWhatWasBefore() {
    out.redundancy().onLoss(0.2);
    sendFrames(10);
    call.clock.run(Duration.ofMillis(500));
    int before = call.alice.rtpSent.size();
    sendFrames(4);

    assertThat(blocksFrom(before)).containsExactly(1, 2, 3, 3);
  }

  @Test
  void whereItWasNotNegotiatedNothingIsCopied() {
    call.alice.session.removeSender(out, call.clock.nanoTime());
    out = addSender(SendParameters.NONE);
    out.redundancy().onLoss(0.3);
    sendFrames(10);

    assertThat(blocksFrom(0)).containsOnly(1);
  }

  @Test
  void copiesCountAsWhatIsSent() {
    sendFrames(10);
    long plain = out.statistics().bytesSent();
    out.redundancy().onLoss(0.2);
    sendFrames(10);

    assertThat(out.statistics().bytesSent() - plain).isGreaterThan(plain * 5 / 2);
  }
}
