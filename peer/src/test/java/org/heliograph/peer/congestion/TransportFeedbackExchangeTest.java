package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.rtcp.TransportFeedback;
import org.junit.jupiter.api.Test;

/** What the receiver's generator reports, as the sender's history understands it. */
class TransportFeedbackExchangeTest {
  private static final long MILLI = 1_000_000;
  private static final long START = 77_777 * MILLI;

  private final TransportFeedbackGenerator generator = new TransportFeedbackGenerator();
  private final SentPacketHistory history = new SentPacketHistory();

  private void send(int packets) {
    for (int i = 0; i < packets; i++) {
      history.nextNumber(i * MILLI);
      history.onSent(1000 + i % 100);
    }
  }

  private List<TransportFeedback> feedback(long nowNanos) {
    List<TransportFeedback> all = new ArrayList<>();
    for (TransportFeedback one = generator.poll(1, nowNanos);
        one != null;
        one = generator.poll(1, nowNanos)) {
      all.add(one);
    }
    return all;
  }

  private List<PacketResult> results(long nowNanos) {
    List<PacketResult> results = new ArrayList<>();
    feedback(nowNanos).forEach(one -> results.addAll(history.onFeedback(one)));
    return results;
  }

  @Test
  void nothingIsReportedBeforeItIsDue() {
    generator.onPacket(5, 1, START);

    assertThat(generator.nextTimeoutNanos()).isEqualTo(START + 100 * MILLI);
    assertThat(feedback(START + 99 * MILLI)).isEmpty();
    assertThat(feedback(START + 100 * MILLI)).hasSize(1);
    assertThat(generator.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void everyArrivalIsReportedWithItsTime() {
    send(50);
    for (int i = 0; i < 50; i++) {
      generator.onPacket(i, 1, START + i * MILLI);
    }
    List<PacketResult> results = results(START + 100 * MILLI);

    assertThat(results).hasSize(50).allMatch(PacketResult::received);
    assertThat(results.get(49).arrivalNanos() - results.get(0).arrivalNanos())
        .isEqualTo(49 * MILLI);
    assertThat(results.get(7).sentNanos()).isEqualTo(7 * MILLI);
    assertThat(results.get(7).bytes()).isEqualTo(1007);
  }

  @Test
  void aLostPacketIsReportedAsNotReceived() {
    send(10);
    for (int i = 0; i < 10; i++) {
      if (i != 4) {
        generator.onPacket(i, 1, START);
      }
    }
    List<PacketResult> results = results(START + 100 * MILLI);

    assertThat(results.get(4).received()).isFalse();
    assertThat(results).filteredOn(PacketResult::received).hasSize(9);
  }

  @Test
  void aPacketLostBetweenTwoReportsIsReportedInTheSecond() {
    send(10);
    generator.onPacket(0, 1, START);
    results(START + 100 * MILLI);
    generator.onPacket(2, 1, START + 110 * MILLI);
    List<PacketResult> results = results(START + 300 * MILLI);

    assertThat(results).extracting(PacketResult::received).endsWith(true);
    assertThat(results.getLast().transportSequenceNumber()).isEqualTo(2);
  }

  @Test
  void aPacketOvertakenByAReportIsReportedAfterAll() {
    send(10);
    generator.onPacket(0, 1, START);
    generator.onPacket(2, 1, START);
    assertThat(results(START + 100 * MILLI)).hasSize(3);
    generator.onPacket(1, 1, START + 120 * MILLI);
    List<PacketResult> results = results(START + 300 * MILLI);

    assertThat(results).hasSize(1);
    assertThat(results.getFirst().transportSequenceNumber()).isEqualTo(1);
    assertThat(results.getFirst().received()).isTrue();
  }

  @Test
  void numbersGoOnOverTheWrap() {
    send(65_540);
    for (int i = 65_530; i < 65_540; i++) {
      generator.onPacket(i & 0xffff, 1, START + i * MILLI);
    }
    List<PacketResult> results = results(START + 66_000 * MILLI);

    assertThat(results).hasSize(10).allMatch(PacketResult::received);
    assertThat(results.getLast().transportSequenceNumber()).isEqualTo(65_539);
  }

  @Test
  void arrivalsFarApartTakeSeveralPackets() {
    send(10);
    generator.onPacket(0, 1, START);
    generator.onPacket(1, 1, START + 20_000 * MILLI);
    List<PacketResult> results = results(START + 21_000 * MILLI);

    assertThat(results).hasSize(2).allMatch(PacketResult::received);
    assertThat(results.get(1).arrivalNanos() - results.get(0).arrivalNanos())
        .isEqualTo(20_000 * MILLI);
  }

  @Test
  void aBurstOfThousandsStaysBounded() {
    send(4000);
    for (int i = 0; i < 4000; i++) {
      generator.onPacket(i, 1, START);
    }
    List<TransportFeedback> all = feedback(START + 100 * MILLI);

    assertThat(all).hasSizeLessThanOrEqualTo(6).allMatch(one -> one.length() < 1100);
  }

  @Test
  void feedbackOnPacketsThatWereNeverSentSaysNothing() {
    generator.onPacket(40_000, 1, START);

    assertThat(results(START + 100 * MILLI)).isEmpty();
  }
}
