package org.heliograph.peer.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.rtcp.GenericNack;
import org.heliograph.peer.stream.RawSender.PictureId;
import org.heliograph.peer.stream.receive.ReceiveParameters;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.receive.SourceTable;
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

  /** Bob's section names a source and that of its retransmissions. */
  private void name(long ssrc, long rtxSsrc) {
    call.bob.session.updateReceiver(
        in, new ReceiveParameters("v", MediaFormat.VP8, 96, 97, ssrc, rtxSsrc, true, true));
  }

  private void name(long ssrc) {
    name(ssrc, ReceiveParameters.NONE);
  }

  @Test
  void theSourceThatTheDescriptionNamesIsNotDisplaced() {
    name(5);
    for (int i = 0; i < 500; i++) {
      receive(5, 1000 + i, 500_000 + 3000L * i, i == 0);
      receive(9, 1 + i, 3000L * i, i % 50 == 0);
    }

    assertThat(marks()).hasSize(500).allMatch(mark -> mark % 2 == 0);
    assertThat(in.ssrc()).isEqualTo(5);
  }

  @Test
  void theSourceThatTheDescriptionNamesTakesOverAtOnce() {
    name(5);
    receive(9, 1, 1, 10);
    receive(5, 1000, 500_000, 10);
    receive(9, 11, 40_000, 10);
    receive(5, 1010, 530_000, 10);

    assertThat(marks()).hasSize(30).doesNotContain(20, 29);
    assertThat(in.ssrc()).isEqualTo(5);
  }

  @Test
  void anUnnamedSourceIsTakenOnceTheNamedOneIsSilent() {
    name(5);
    receive(5, 1000, 500_000, 10);
    call.clock.run(Duration.ofSeconds(3));
    receive(9, 1, 1, 10);
    assertThat(marks()).hasSize(20);

    receive(5, 1010, 900_000, 10);

    assertThat(marks()).hasSize(30);
    assertThat(in.ssrc()).isEqualTo(5);
  }

  @Test
  void theSourceThatANewDescriptionNamesTakesOverFromTheOneBefore() {
    name(5);
    receive(5, 1000, 500_000, 10);
    name(9);
    receive(5, 1010, 530_000, false); // no other has come yet
    receive(9, 1, 1, 10);
    receive(5, 1011, 533_000, 10);

    assertThat(marks()).hasSize(21).startsWith(0, 1, 2);
    assertThat(in.ssrc()).isEqualTo(9);
  }

  @Test
  void threeSourcesOfOnePayloadTypeDoNotTakeTurns() {
    for (int i = 0; i < 100; i++) {
      for (int source = 0; source < 3; source++) {
        receive(5 + source, 1000 + i, 500_000 + 3000L * i, i == 0);
      }
    }

    assertThat(marks()).endsWith(293, 296, 299);
    assertThat(marks().size()).isBetween(100, 103);
  }

  @Test
  void aSourceThatTwoSectionsNameIsOfTheFirst() {
    call.bob.session.addReceiver(
        new ReceiveParameters("w", MediaFormat.VP8, 96, 97, 5, -1, true, true));
    name(5);
    receive(5, 1000, 500_000, 10);

    assertThat(call.bob.received).hasSize(10).allMatch(frame -> frame.stream().equals(in));
  }

  @Test
  void aSourceThatANewDescriptionNamesInAnotherSectionMovesThere() {
    receive(5, 1000, 500_000, 10);
    ReceiveStream other =
        call.bob.session.addReceiver(
            new ReceiveParameters("w", MediaFormat.VP8, 96, 97, 5, -1, true, true));
    receive(5, 1010, 530_000, 10);

    assertThat(call.bob.received).hasSize(20);
    assertThat(call.bob.received.subList(10, 20)).allMatch(frame -> frame.stream().equals(other));
  }

  @Test
  void aSourceFollowsTheMidOfItsPackets() {
    ReceiveStream other =
        call.bob.session.addReceiver(
            new ReceiveParameters("w", MediaFormat.VP8, 96, 97, -1, -1, true, true)
                .with(VirtualCall.EXTENSIONS));
    call.bob.session.receiveRtp(
        sender.pictureOf("v", 5, 1000, 500_000, true, 0), call.clock.nanoTime());
    call.bob.session.receiveRtp(
        sender.pictureOf("w", 5, 1001, 503_000, true, 1), call.clock.nanoTime());
    call.bob.session.receiveRtp(
        sender.pictureOf("x", 5, 1002, 506_000, true, 2), call.clock.nanoTime());

    assertThat(call.bob.received)
        .extracting(VirtualCall.Received::stream)
        .containsExactly(in, other);
  }

  @Test
  void whatRepairsAnotherSourceIsNotPutIntoThisOne() {
    name(5);
    receive(5, 1000, 500_000, 10);
    call.bob.session.receiveRtp(
        sender.picture(5, 1011, 533_000, new PictureId(11), false, 11), call.clock.nanoTime());
    // Of a source that nobody has asked for anything yet, with a number that is missing here.
    call.bob.session.receiveRtp(
        sender.retransmission(0x77, 1010, 530_000, new PictureId(10), 999), call.clock.nanoTime());
    assertThat(marks()).doesNotContain(999);

    call.clock.run(Duration.ofMillis(100)); // by now it was asked for
    call.bob.session.receiveRtp(
        sender.retransmission(0x66, 1010, 530_000, new PictureId(10), 10), call.clock.nanoTime());

    assertThat(marks()).endsWith(9, 10, 11);
    assertThat(in.statistics().rtxSsrc()).isEqualTo(0x66);
  }

  @Test
  void theNamedSourceIsRepairedByTheOneThatIsNamedForIt() {
    name(5, 6);
    receive(5, 1000, 500_000, 10);
    sent++;
    receive(5, 1011, 533_000, false);
    call.clock.run(Duration.ofMillis(100));
    call.bob.session.receiveRtp(
        sender.retransmission(0x77, 1010, 530_000, new PictureId(10), 999), call.clock.nanoTime());
    call.bob.session.receiveRtp(
        sender.retransmission(6, 1010, 530_000, new PictureId(10), 10), call.clock.nanoTime());

    assertThat(marks()).endsWith(9, 10, 11).doesNotContain(999);
  }

  @Test
  void moreSourcesThanTheTableHoldsDisplaceNoOneWhoSends() {
    name(5);
    receive(5, 1000, 500_000, 2);
    for (int i = 0; i < 3 * SourceTable.CAPACITY; i++) {
      call.bob.session.receiveRtp(
          sender.picture(1000 + i, 1, 1, new PictureId(0), true, 0), call.clock.nanoTime());
      if (i % 500 == 0) {
        receive(5, 1002 + i / 500, 506_000 + 3000L * (i / 500), false);
      }
    }

    assertThat(in.ssrc()).isEqualTo(5);
    assertThat(in.statistics().framesReceived()).isEqualTo(9);
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
