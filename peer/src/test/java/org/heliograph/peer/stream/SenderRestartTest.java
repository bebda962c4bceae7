package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.stream.RawSender.PictureId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A sender that goes on with other numbers, or as another source. */
class SenderRestartTest {
  private final VirtualCall call = new VirtualCall(23);
  private final RawSender sender = new RawSender();
  private final ReceiveStream in = call.bob.session.addReceiver(VirtualCall.videoIn());
  private int sent;

  private void receive(long ssrc, long number, long timestamp, boolean key) {
    call.bob.session.receiveRtp(
        sender.picture(ssrc, number, timestamp, new PictureId(sent), key, sent++),
        call.clock.nanoTime());
    call.clock.run(Duration.ofNanos(33_333_333));
  }

  /** A key frame and those after it. */
  private void receive(long ssrc, long firstNumber, long firstTimestamp, int frames) {
    for (int i = 0; i < frames; i++) {
      receive(ssrc, firstNumber + i, firstTimestamp + 3000L * i, i == 0);
    }
  }

  private List<Integer> marks() {
    return call.bob.received.stream().map(r -> r.frame().payload().getInt(1)).toList();
  }

  private void assertTimeGoesOnAsItDoes() {
    for (int i = 1; i < call.bob.received.size(); i++) {
      VirtualCall.Received before = call.bob.received.get(i - 1);
      VirtualCall.Received after = call.bob.received.get(i);
      long step = after.frame().timeNanos() - before.frame().timeNanos();
      assertThat(step).isPositive();
      assertThat(step).isLessThan(after.atNanos() - before.atNanos() + 40_000_000);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "40000, 0", // sequence numbers leap
    "100, 3000000000", // time stamps leap, far enough to count as backwards
    "100, 900000000",
    "100, -900000000",
    "25000, 77777",
  })
  void theSameSourceGoesOnWithOtherNumbers(long numberLeap, long timestampLeap) {
    receive(5, 1000, 500_000, 100);
    receive(5, 1100 + numberLeap, 800_000 + timestampLeap, 100);

    assertThat(marks()).startsWith(0, 1, 2).contains(99).endsWith(198, 199);
    assertTimeGoesOnAsItDoes();
  }

  @Test
  void anotherSourceTakesOverAtOnce() {
    receive(5, 1000, 500_000, 100);
    receive(9, 60_000, 4_000_000_000L, 100);

    assertThat(marks()).hasSize(200);
    assertThat(in.ssrc()).isEqualTo(9);
    assertTimeGoesOnAsItDoes();
  }

  @Test
  void stragglersOfTheSourceBeforeAreLeftOut() {
    receive(5, 1000, 500_000, 100);
    receive(9, 1, 1, 10);
    receive(5, 1100, 800_000, false);
    receive(9, 11, 30_001, false);

    assertThat(marks()).doesNotContain(110).endsWith(109, 111);
    assertThat(in.ssrc()).isEqualTo(9);
  }

  @Test
  void figuresGoOnCounting() {
    receive(5, 1000, 500_000, 100);
    receive(9, 1, 1, 50);
    receive(9, 30_000, 1, 50);

    assertThat(in.statistics().packetsReceived()).isEqualTo(200);
    assertThat(in.statistics().packetsLost()).isZero();
    assertThat(in.statistics().framesReceived()).isEqualTo(200);
  }

  @Test
  void oneStrayPacketIsNoRestart() {
    receive(5, 1000, 500_000, 50);
    receive(5, 40_000, 7, false);
    for (int i = 50; i < 100; i++) {
      receive(5, 1000 + i, 500_000 + 3000L * i, false);
    }

    assertThat(marks()).hasSize(100).doesNotContain(50);
    assertThat(in.statistics().packetsDiscarded()).isOne();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 1000, 2900, 20_000})
  void aHugeGapMakesNobodyAskForThousandsOfPackets(int gap) {
    receive(5, 1000, 500_000, 30);
    call.clock.run(Duration.ofSeconds(3));
    receive(5, 1030 + gap, 800_000, 30);

    assertThat(call.bob.rtcpSent(GenericNack.class)).isEmpty();
    assertThat(marks()).endsWith(58, 59);
  }

  @Test
  void packetsThatComeTwiceOrFarTooLateChangeNothing() {
    receive(5, 1000, 500_000, 100);
    int before = call.bob.received.size();
    for (int i = 0; i < 100; i++) {
      call.bob.session.receiveRtp(
          sender.picture(5, 1000 + i, 500_000 + 3000L * i, new PictureId(i), i == 0, i),
          call.clock.nanoTime());
    }
    call.clock.run(Duration.ofSeconds(5));

    assertThat(call.bob.received).hasSize(before);
    assertThat(in.statistics().packetsDiscarded()).isEqualTo(100);
    assertThat(call.bob.rtcpSent(GenericNack.class)).isEmpty();
  }
}
