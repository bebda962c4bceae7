package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.receive.KeyFrameRequester;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendParameters;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** What happens when packets of a video stream are lost, in a whole call. */
class LossRecoveryTest {
  private static final Duration FRAME_INTERVAL = Duration.ofMillis(33);
  private static final int FRAME_LENGTH = 3000; // three packets

  private final VirtualCall call = new VirtualCall(1);
  private int framesSent;

  private SendStream start(SendParameters out, ReceiveParameters in) {
    call.bob.session.addReceiver(in);
    return call.alice.session.addSender(out);
  }

  private void sendFrames(SendStream stream, int count) {
    for (int i = 0; i < count; i++) {
      boolean key = framesSent == 0 || !call.alice.keyFrameRequests.isEmpty();
      call.alice.keyFrameRequests.clear();
      call.alice.send(stream, VirtualCall.frame(framesSent++, FRAME_LENGTH, key), key);
      call.clock.run(FRAME_INTERVAL);
    }
  }

  private List<Integer> receivedNumbers() {
    return call.bob.received.stream()
        .map(received -> received.frame().payload())
        .map(payload -> payload.getInt(payload.limit() - 4))
        .toList();
  }

  private static ReceiveParameters withoutNack() {
    return new ReceiveParameters("v", MediaFormat.VP8, 96, -1, -1, -1, false, true)
        .with(VirtualCall.EXTENSIONS);
  }

  /** Loses the packets with these indexes, counted over all packets of media. */
  private static Predicate<RtpPacket> indexes(Integer... lost) {
    List<Integer> indexes = List.of(lost);
    int[] count = {0};
    return packet -> packet.payloadType() == 96 && indexes.contains(count[0]++);
  }

  @Test
  void aLostPacketIsAskedForAndComesBackAsRtx() {
    call.alice.loses = indexes(4);
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);

    assertThat(call.bob.received).hasSize(30);
    assertThat(stream.statistics().retransmittedPacketsSent()).isEqualTo(1);
    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).isEmpty();
    assertThat(call.bob.rtcpSent(GenericNack.class)).hasSize(1);
  }

  @Test
  void withoutRtxTheSamePacketIsSentAgain() {
    call.alice.loses = indexes(4);
    SendParameters plain =
        new SendParameters(
            "v", MediaFormat.VP8, 96, VirtualCall.VIDEO_SSRC, -1, -1, true, VirtualCall.EXTENSIONS);
    SendStream stream = start(plain, VirtualCall.videoIn());
    sendFrames(stream, 30);
    call.clock.run(Duration.ofMillis(100));

    assertThat(call.bob.received).hasSize(30);
    assertThat(stream.statistics().retransmittedPacketsSent()).isEqualTo(1);
  }

  @Test
  void aRetransmissionThatIsLostTooIsAskedForAgain() {
    Predicate<RtpPacket> fifth = indexes(4);
    List<Integer> lost = new ArrayList<>();
    call.alice.loses =
        packet -> {
          if (packet.payloadType() == 97) {
            return packet.payloadLength() > 2
                && lost.size() == 1
                && lost.contains(packet.buffer().getShort(packet.payloadOffset()) & 0xffff)
                && lost.add(packet.sequenceNumber());
          }
          return fifth.test(packet) && lost.add(packet.sequenceNumber());
        };
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);

    assertThat(call.bob.received).hasSize(30);
    assertThat(stream.statistics().retransmittedPacketsSent()).isEqualTo(2);
  }

  @Test
  void noFrameIsHandedOnBetweenALostOneAndTheNextKeyFrame() {
    call.alice.loses = indexes(31);
    SendStream stream = start(VirtualCall.video(), withoutNack());
    sendFrames(stream, 60);

    List<Integer> numbers = receivedNumbers();
    assertThat(numbers).containsSequence(8, 9).doesNotContain(10, 11).endsWith(58, 59);
    int afterGap = numbers.get(10);
    assertThat(call.bob.received.get(10).frame().key()).isTrue();
    assertThat(numbers.subList(10, numbers.size()))
        .isEqualTo(IntStream.range(afterGap, 60).boxed().toList());
  }

  @Test
  void onePictureLossIndicationIsSentForALoss() {
    call.alice.loses = indexes(31);
    SendStream stream = start(VirtualCall.video(), withoutNack());
    sendFrames(stream, 60);

    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).hasSize(1);
    assertThat(stream.statistics().pliCount()).isEqualTo(1);
    assertThat(stream.statistics().keyFramesSent()).isEqualTo(2);
  }

  @Test
  void anUnansweredPictureLossIndicationIsRepeatedWithGrowingPauses() {
    call.alice.loses = indexes(31);
    SendStream stream = start(VirtualCall.video(), withoutNack());
    List<Long> sentNanos = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      call.alice.send(stream, VirtualCall.frame(i, FRAME_LENGTH, i == 0), i == 0);
      call.clock.run(FRAME_INTERVAL);
      while (sentNanos.size() < call.bob.rtcpSent(PictureLossIndication.class).size()) {
        sentNanos.add(call.clock.nanoTime());
      }
    }

    assertThat(receivedNumbers()).hasSize(10);
    assertThat(sentNanos).hasSizeBetween(5, 9);
    for (int i = 1; i < sentNanos.size(); i++) {
      long pause = sentNanos.get(i) - sentNanos.get(i - 1);
      assertThat(pause)
          .isBetween(
              KeyFrameRequester.MIN_INTERVAL_NANOS - FRAME_INTERVAL.toNanos(),
              KeyFrameRequester.MAX_INTERVAL_NANOS + FRAME_INTERVAL.toNanos());
    }
    assertThat(sentNanos.getLast() - sentNanos.get(sentNanos.size() - 2))
        .isGreaterThan(3 * (sentNanos.get(1) - sentNanos.get(0)));
  }

  @Test
  void aViewersRequestIsNotSentOftenerThanTheLimitAllows() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 10);
    ReceiveStream in = call.bob.received.getFirst().stream();
    for (int i = 0; i < 100; i++) {
      call.bob.session.requestKeyFrame(in, call.clock.nanoTime());
    }
    sendFrames(stream, 10);

    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).hasSize(1);
    assertThat(call.bob.received.stream().filter(received -> received.frame().key())).hasSize(2);
  }

  @Test
  void aStreamThatIsJoinedInTheMiddleStartsWithAKeyFrame() {
    SendStream stream = call.alice.session.addSender(VirtualCall.video());
    sendFrames(stream, 10);
    call.bob.session.addReceiver(VirtualCall.videoIn());
    sendFrames(stream, 20);

    assertThat(call.bob.received.getFirst().frame().key()).isTrue();
    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).hasSize(1);
    assertThat(receivedNumbers()).endsWith(28, 29);
  }

  @Test
  void theStartOfAKeyFrameMayComeAfterItsOtherPackets() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    call.alice.loses = packet -> true;
    sendFrames(stream, 1);
    List<byte[]> packets = List.copyOf(call.alice.rtpSent);
    for (int i = packets.size() - 1; i >= 0; i--) {
      call.bob.session.receiveRtp(ByteBuffer.wrap(packets.get(i)), call.clock.nanoTime());
    }

    assertThat(receivedNumbers()).containsExactly(0);
  }

  @Test
  void anOutageOfSecondsEndsWithAKeyFrame() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);
    call.alice.loses = packet -> true;
    sendFrames(stream, 600);
    call.alice.loses = packet -> false;
    sendFrames(stream, 60);

    List<Integer> numbers = receivedNumbers();
    assertThat(numbers.get(29)).isEqualTo(29);
    assertThat(call.bob.received.get(30).frame().key()).isTrue();
    assertThat(numbers).endsWith(688, 689);
  }

  @Test
  void whatASecondWithoutAnyPacketHasCostIsNotAskedForPieceByPiece() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);
    call.alice.loses = packet -> true;
    sendFrames(stream, 30); // fewer packets than the window holds
    call.alice.loses = packet -> false;
    sendFrames(stream, 15);

    assertThat(call.bob.rtcpSent(GenericNack.class)).isEmpty();
    assertThat(call.bob.received.get(30).frame().key()).isTrue();
    assertThat(receivedNumbers().get(30)).isLessThan(30 + 30 + 6);
  }

  @Test
  void aSenderThatStartsAnewIsFollowedAndTimeDoesNotRunBackwards() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);
    call.alice.session.removeSender(stream, call.clock.nanoTime());
    SendStream again = call.alice.session.addSender(VirtualCall.video());
    call.clock.run(Duration.ofMillis(200));
    framesSent = 0;
    sendFrames(again, 30);

    assertThat(call.bob.received.get(30).frame().key()).isTrue();
    assertThat(receivedNumbers()).endsWith(27, 28, 29);
    assertThat(call.bob.received).hasSizeGreaterThan(50);
    long previous = Long.MIN_VALUE;
    for (VirtualCall.Received received : call.bob.received) {
      assertThat(received.frame().timeNanos()).isGreaterThan(previous);
      previous = received.frame().timeNanos();
    }
    assertThat(call.bob.received.getLast().frame().timeNanos())
        .isLessThan(call.bob.received.getFirst().frame().timeNanos() + 5_000_000_000L);
  }

  @Test
  void aSenderThatChangesItsSourceIsFollowed() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 30);
    SendParameters other =
        new SendParameters(
            "v", MediaFormat.VP8, 96, 0x99L, 97, 0x98L, true, VirtualCall.EXTENSIONS);
    SendStream again = call.alice.session.addSender(other);
    framesSent = 0;
    sendFrames(again, 30);

    assertThat(call.bob.received).hasSize(60);
    assertThat(call.bob.received.getLast().stream().statistics().ssrc()).isEqualTo(0x99L);
  }

  @Test
  void resendingIsBoundedWhateverIsAskedFor() {
    SendStream stream = start(VirtualCall.video(), VirtualCall.videoIn());
    sendFrames(stream, 300);
    List<Integer> everything = IntStream.range(0, 65536).boxed().toList();
    long before = stream.statistics().retransmittedBytesSent();
    double bytesPerSecond = call.alice.session.sendBitsPerSecond() / 8.0;
    for (int i = 0; i < 50; i++) {
      stream.onNack(everything, call.clock.nanoTime());
      call.clock.run(Duration.ofMillis(10));
    }

    assertThat((double) (stream.statistics().retransmittedBytesSent() - before))
        .isPositive()
        .isLessThan(SendStream.RESEND_SHARE * bytesPerSecond * 1.2);
  }
}
