package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.stream.send.SendStream;
import org.junit.jupiter.api.Test;

/** Sound over a bad network, in a whole call. */
class AudioFrameReceiverTest {
  private static final Duration FRAME_INTERVAL = Duration.ofMillis(20);

  private final VirtualCall call = new VirtualCall(3);
  private final SendStream out = call.alice.session.addSender(VirtualCall.audio());

  AudioFrameReceiverTest() {
    call.bob.session.addReceiver(VirtualCall.audioIn());
  }

  /** An Opus packet of 20 ms CELT whose second byte is its number. */
  private void sendFrames(int count) {
    for (int i = 0; i < count; i++) {
      call.alice.send(out, new byte[] {(byte) 0xf8, (byte) i, 1, 2, 3}, true);
      call.clock.run(FRAME_INTERVAL);
    }
    call.clock.run(Duration.ofMillis(300));
  }

  private List<Integer> receivedNumbers() {
    return call.bob.received.stream()
        .map(received -> received.frame().payload().get(1) & 0xff)
        .toList();
  }

  private void loseIndexes(Set<Integer> lost) {
    int[] count = {0};
    call.alice.loses = packet -> lost.contains(count[0]++);
  }

  @Test
  void aLostPacketLeavesAGapOfItsLength() {
    loseIndexes(Set.of(5));
    sendFrames(20);

    assertThat(receivedNumbers()).hasSize(19).containsSequence(3, 4, 6, 7);
    long gap =
        call.bob.received.get(5).frame().timeNanos() - call.bob.received.get(4).frame().timeNanos();
    assertThat(gap).isEqualTo(40_000_000);
  }

  @Test
  void soundIsNotHeldBackLongForALostPacket() {
    loseIndexes(Set.of(5));
    sendFrames(20);

    long sentNanos = call.bob.received.get(6).frame().timeNanos();
    long waited = call.bob.received.get(5).atNanos() - sentNanos;
    assertThat(waited).isLessThan(60_000_000);
  }

  @Test
  void packetsOutOfOrderAreHandedOnInOrderAndOnce() {
    call.toBob.setConditions(
        LinkConditions.delay(Duration.ofMillis(20))
            .withReordering(0.2, Duration.ofMillis(30))
            .withDuplicates(0.2));
    sendFrames(100);

    List<Integer> numbers = receivedNumbers();
    assertThat(numbers).hasSize(100).isSorted();
    assertThat(call.bob.received.getFirst().stream().statistics().packetsDiscarded()).isPositive();
  }

  @Test
  void aPacketThatComesTooLateIsDropped() {
    int[] count = {0};
    byte[][] late = {null};
    call.alice.loses =
        packet -> {
          if (count[0]++ == 5) {
            late[0] = VirtualCall.bytes(packet.buffer());
            return true;
          }
          return false;
        };
    sendFrames(20);
    call.bob.session.receiveRtp(ByteBuffer.wrap(late[0]), call.clock.nanoTime());

    assertThat(receivedNumbers()).hasSize(19).doesNotContain(5);
    assertThat(call.bob.received.getFirst().stream().statistics().packetsDiscarded()).isOne();
  }

  @Test
  void framesLastWhatTheirPacketsSay() {
    sendFrames(3);

    assertThat(call.bob.received)
        .allSatisfy(received -> assertThat(received.frame().durationNanos()).isEqualTo(20_000_000));
  }

  @Test
  void aPauseOfDiscontinuousTransmissionStaysAPause() {
    sendFrames(5);
    call.clock.run(Duration.ofMillis(400));
    sendFrames(5);

    assertThat(receivedNumbers()).hasSize(10);
    long pause =
        call.bob.received.get(5).frame().timeNanos() - call.bob.received.get(4).frame().timeNanos();
    assertThat(pause).isEqualTo(20_000_000 + 300_000_000 + 400_000_000);
  }

  @Test
  void aGapWhoseSoundTheNextPacketCarriesIsCounted() {
    loseIndexes(Set.of(2));
    for (int i = 0; i < 6; i++) {
      // SILK, wide band, 20 ms, mono; voice activity and LBRR flags set.
      call.alice.send(out, new byte[] {0x48, (byte) 0xc0, 1, 2}, true);
      call.clock.run(FRAME_INTERVAL);
    }
    call.clock.run(Duration.ofMillis(300));

    assertThat(call.bob.received).hasSize(5);
    assertThat(call.bob.received.getFirst().stream().statistics().gapsBeforeFec()).isOne();
  }

  @Test
  void soundReadLateFromTheDeviceStaysContiguousInRtpTime() {
    for (int i = 0; i < 50; i++) {
      call.alice.send(out, new byte[] {(byte) 0xf8, (byte) i}, true);
      call.clock.run(FRAME_INTERVAL.plusNanos(i % 2 == 0 ? 3_000_000 : -3_000_000));
    }
    call.clock.run(Duration.ofMillis(300));

    for (int i = 1; i < 50; i++) {
      assertThat(
              call.bob.received.get(i).frame().timeNanos()
                  - call.bob.received.get(i - 1).frame().timeNanos())
          .isEqualTo(20_000_000);
    }
  }
}
