package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.rtcp.PictureLossIndication;
import org.heliograph.peer.stream.RawSender.PictureId;
import org.heliograph.peer.stream.receive.ReceiveStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every number that a packet carries comes to its end and starts anew. */
class WrapAroundTest {
  private static final int FRAMES = 200;

  /** Each wraps after a hundred frames. */
  private static final long FIRST_NUMBER = 0x10000 - 100;

  private static final long FIRST_TIMESTAMP = (1L << 32) - 100 * 3000;

  private final VirtualCall call = new VirtualCall(17);
  private final RawSender sender = new RawSender();

  private void receivePicture(int i, int pictureIdBits) {
    PictureId id = new PictureId((1L << pictureIdBits) - 100 + i, pictureIdBits, 256 - 100 + i);
    call.bob.session.receiveRtp(
        sender.picture(5, FIRST_NUMBER + i, FIRST_TIMESTAMP + 3000L * i, id, i == 0, i),
        call.clock.nanoTime());
  }

  private void assertAllCameInTime(long stepNanos) {
    assertThat(call.bob.received.stream().map(WrapAroundTest::mark))
        .isEqualTo(IntStream.range(0, FRAMES).boxed().toList());
    for (int i = 1; i < FRAMES; i++) {
      long step =
          call.bob.received.get(i).frame().timeNanos()
              - call.bob.received.get(i - 1).frame().timeNanos();
      assertThat(step).isBetween(stepNanos - 1, stepNanos + 1);
    }
  }

  private static int mark(VirtualCall.Received received) {
    return received.frame().payload().getInt(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 15})
  void picturesGoOn(int pictureIdBits) {
    call.bob.session.addReceiver(VirtualCall.videoIn());
    for (int i = 0; i < FRAMES; i++) {
      receivePicture(i, pictureIdBits);
      call.clock.run(Duration.ofNanos(33_333_333));
    }

    assertAllCameInTime(33_333_333);
    assertThat(call.bob.rtcpSent(PictureLossIndication.class)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {98, 99, 100, 101})
  void whatIsLostAroundTheWrapIsAskedForByItsNumber(int lost) {
    call.bob.session.addReceiver(VirtualCall.videoIn());
    for (int i = 0; i < FRAMES; i++) {
      if (i != lost) {
        receivePicture(i, 15);
      }
      if (i == lost + 3) {
        receivePicture(lost, 15);
      }
      call.clock.run(Duration.ofNanos(33_333_333));
    }

    assertAllCameInTime(33_333_333);
    assertThat(call.bob.rtcpSent(GenericNack.class))
        .first()
        .extracting(GenericNack::sequenceNumbers)
        .isEqualTo(List.of((int) (FIRST_NUMBER + lost) & 0xffff));
  }

  @Test
  void packetsMayChangePlacesAroundTheWrap() {
    call.bob.session.addReceiver(VirtualCall.videoIn());
    for (int i = 0; i < FRAMES; i += 2) {
      receivePicture(i == 0 ? 0 : i + 1, 15);
      call.clock.run(Duration.ofMillis(1));
      receivePicture(i == 0 ? 1 : i, 15);
      call.clock.run(Duration.ofMillis(66));
    }

    assertAllCameInTime(33_333_333);
  }

  @Test
  void soundGoesOn() {
    call.bob.session.addReceiver(VirtualCall.audioIn());
    for (int i = 0; i < FRAMES; i++) {
      call.bob.session.receiveRtp(
          sender.sound(6, FIRST_NUMBER + i, (1L << 32) - 96_000 + 960L * i, i),
          call.clock.nanoTime());
      call.clock.run(Duration.ofMillis(20));
    }

    assertAllCameInTime(20_000_000);
  }

  @Test
  void sequenceNumbersMayWrapManyTimes() {
    call.bob.session.addReceiver(VirtualCall.audioIn());
    int count = 300_000; // more than four times around
    for (int i = 0; i < count; i++) {
      if (i % 1000 != 999) {
        call.bob.session.receiveRtp(sender.sound(6, i, 960L * i, i), call.clock.nanoTime());
      }
      call.clock.run(Duration.ofMillis(20));
    }
    call.clock.run(Duration.ofSeconds(1));

    ReceiveStatistics statistics = call.bob.received.getFirst().stream().statistics();
    assertThat(call.bob.received).hasSize(count - count / 1000);
    assertThat(statistics.packetsReceived()).isEqualTo(count - count / 1000);
    assertThat(statistics.packetsLost()).isEqualTo(count / 1000 - 1); // the last one is not missed
  }
}
