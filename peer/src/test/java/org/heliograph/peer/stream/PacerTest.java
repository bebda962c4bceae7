package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** In which order, and how fast, what is to be sent leaves. */
class PacerTest {
  private static final int LARGE = 30_000;

  private final VirtualCall call = new VirtualCall(3);
  private final SendStream video = call.alice.session.addSender(VirtualCall.video());
  private final SendStream audio = call.alice.session.addSender(VirtualCall.audio());
  private final List<Integer> payloadTypes = new ArrayList<>();

  PacerTest() {
    call.alice.loses = this::note;
  }

  /** Nothing arrives, so that the estimate stays what it is in the beginning. */
  private boolean note(RtpPacket packet) {
    payloadTypes.add(packet.payloadType());
    return true;
  }

  private void sendPicture(int number, int bytes, boolean key) {
    call.alice.send(video, VirtualCall.frame(number, bytes, key), key);
  }

  private long picturePackets() {
    return payloadTypes.stream().filter(type -> type == 96).count();
  }

  @Test
  void aLargePictureIsSpreadOverTime() {
    sendPicture(0, LARGE, true);
    assertThat(picturePackets()).isLessThan(3);
    call.clock.run(Duration.ofMillis(200));
    long half = picturePackets();
    call.clock.run(Duration.ofMillis(400));

    assertThat(half).isBetween(10L, 22L);
    assertThat(picturePackets()).isEqualTo(video.statistics().packetsSent()).isGreaterThan(25);
  }

  @Test
  void soundOvertakesPicturesThatWait() {
    sendPicture(0, LARGE, true);
    payloadTypes.clear();
    call.alice.send(audio, VirtualCall.sound(0), true);

    assertThat(payloadTypes).contains(111);
  }

  @Test
  void whatIsSentAgainGoesBeforeNewPictures() {
    sendPicture(0, 3000, true);
    call.clock.run(Duration.ofMillis(300));
    sendPicture(1, LARGE, false);
    payloadTypes.clear();
    video.onNack(allNumbers(), call.clock.nanoTime());
    call.clock.run(Duration.ofMillis(60));

    assertThat(payloadTypes.subList(0, 3)).containsOnly(97);
  }

  @Test
  void nothingIsSentAgainTwiceWithinARoundTrip() {
    sendPicture(0, 3000, true);
    call.clock.run(Duration.ofMillis(300));
    for (int i = 0; i < 8; i++) {
      video.onNack(allNumbers(), call.clock.nanoTime());
      call.clock.run(Duration.ofMillis(10));
    }

    assertThat(video.statistics().retransmittedPacketsSent()).isEqualTo(3);
  }

  private static List<Integer> allNumbers() {
    List<Integer> numbers = new ArrayList<>();
    for (int number = 0; number < 0x10000; number++) {
      numbers.add(number);
    }
    return numbers;
  }

  @Test
  void aPictureThatWouldWaitTooLongIsLeftOutWholeUntilThereIsRoomForAKeyFrame() {
    for (int i = 0; i < 10; i++) {
      sendPicture(i, LARGE, i == 0);
    }
    long left = video.framesDropped();
    assertThat(left).isBetween(5L, 8L);
    assertThat(call.alice.keyFrameRequests).isEmpty();
    call.clock.run(Duration.ofSeconds(10));
    sendPicture(10, 1000, false);
    assertThat(video.framesDropped()).isEqualTo(left + 1);
    assertThat(call.alice.keyFrameRequests).hasSize(1);

    sendPicture(11, 1000, true);
    sendPicture(12, 1000, false);
    assertThat(video.framesDropped()).isEqualTo(left + 1);
  }

  @Test
  void anEncoderThatIsTooFastIsToldLess() {
    sendPicture(0, LARGE, true);
    sendPicture(1, LARGE, false);

    assertThat(call.alice.estimate).isLessThan(call.alice.session.sendBitsPerSecond());
  }

  @Test
  void nothingIsDueWhenNothingWaits() {
    sendPicture(0, 500, true);
    call.clock.run(Duration.ofSeconds(1));
    long due = call.alice.session.pacer().nextTimeoutNanos();

    assertThat(due).isEqualTo(Long.MAX_VALUE);
  }
}
