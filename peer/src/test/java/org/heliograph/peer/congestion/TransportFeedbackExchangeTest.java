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
      history.nextNumber(Probe.NONE, i * MILLI);
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

  /** What became of one packet. */
  private record Arrival(long sentNanos, long arrivalNanos, int bytes) {}

  /** What all feedback packets of an instant tell together. */
  private static final class Outcome {
    private final List<Arrival> received = new ArrayList<>();
    private int lost;
    private int foundAgain;
  }

  private Outcome results(long nowNanos) {
    Outcome outcome = new Outcome();
    for (TransportFeedback one : feedback(nowNanos)) {
      PacketResults results = history.onFeedback(one);
      for (int i = 0; i < results.received(); i++) {
        outcome.received.add(
            new Arrival(results.sentNanos(i), results.arrivalNanos(i), results.bytes(i)));
      }
      outcome.lost += results.lost();
      outcome.foundAgain += results.foundAgain();
    }
    return outcome;
  }

  @Test
  void nothingIsReportedBeforeItIsDue() {
    generator.onPacket(5, 1, 1000, START);

    assertThat(generator.nextTimeoutNanos()).isEqualTo(START + 100 * MILLI);
    assertThat(feedback(START + 99 * MILLI)).isEmpty();
    assertThat(feedback(START + 100 * MILLI)).hasSize(1);
    assertThat(generator.nextTimeoutNanos()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void everyArrivalIsReportedWithItsTime() {
    send(50);
    for (int i = 0; i < 50; i++) {
      generator.onPacket(i, 1, 1000, START + i * MILLI);
    }
    Outcome outcome = results(START + 100 * MILLI);

    assertThat(outcome.received).hasSize(50);
    assertThat(outcome.lost).isZero();
    assertThat(outcome.received.get(49).arrivalNanos - outcome.received.get(0).arrivalNanos)
        .isEqualTo(49 * MILLI);
    assertThat(outcome.received.get(7).sentNanos).isEqualTo(7 * MILLI);
    assertThat(outcome.received.get(7).bytes).isEqualTo(1007);
  }

  @Test
  void arrivalsAreToldInTheirOrder() {
    send(4);
    generator.onPacket(0, 1, 1000, START);
    generator.onPacket(2, 1, 1000, START + 2 * MILLI);
    generator.onPacket(3, 1, 1000, START + 3 * MILLI);
    generator.onPacket(1, 1, 1000, START + 4 * MILLI);

    assertThat(results(START + 100 * MILLI).received)
        .extracting(Arrival::sentNanos)
        .containsExactly(0L, 2 * MILLI, 3 * MILLI, MILLI);
  }

  @Test
  void aLostPacketIsReportedOnce() {
    send(10);
    for (int i = 0; i < 10; i++) {
      if (i != 4) {
        generator.onPacket(i, 1, 1000, START);
      }
    }
    Outcome outcome = results(START + 100 * MILLI);

    assertThat(outcome.lost).isOne();
    assertThat(outcome.received).hasSize(9);
    assertThat(history.bytesInFlight()).isZero();
  }

  @Test
  void aPacketLostBetweenTwoReportsIsReportedInTheSecond() {
    send(10);
    generator.onPacket(0, 1, 1000, START);
    results(START + 100 * MILLI);
    generator.onPacket(2, 1, 1000, START + 110 * MILLI);
    Outcome outcome = results(START + 300 * MILLI);

    assertThat(outcome.received).extracting(Arrival::sentNanos).containsExactly(2 * MILLI);
  }

  @Test
  void aPacketOvertakenByAReportIsReportedAfterAllAndNoLongerCountsAsLost() {
    send(10);
    generator.onPacket(0, 1, 1000, START);
    generator.onPacket(2, 1, 1000, START);
    assertThat(results(START + 100 * MILLI).lost).isOne();
    generator.onPacket(1, 1, 1000, START + 120 * MILLI);
    Outcome outcome = results(START + 300 * MILLI);

    assertThat(outcome.received).extracting(Arrival::sentNanos).containsExactly(MILLI);
    assertThat(outcome.foundAgain).isOne();
    assertThat(outcome.lost).isZero();
  }

  @Test
  void whatIsReportedOrPassedByFeedbackIsNoLongerOnItsWay() {
    send(10);
    long all = history.bytesInFlight();
    generator.onPacket(4, 1, 1000, START);
    results(START + 100 * MILLI);

    assertThat(all).isEqualTo(10 * 1000 + 45);
    assertThat(history.bytesInFlight()).isEqualTo(5 * 1000 + 5 + 6 + 7 + 8 + 9);
  }

  @Test
  void numbersGoOnOverTheWrap() {
    send(65_540);
    for (int i = 65_530; i < 65_540; i++) {
      generator.onPacket(i & 0xffff, 1, 1000, START + i * MILLI);
    }
    Outcome outcome = results(START + 66_000 * MILLI);

    assertThat(outcome.received).hasSize(10);
    assertThat(outcome.received.getLast().sentNanos).isEqualTo(65_539 * MILLI);
  }

  @Test
  void arrivalsFarApartTakeSeveralPackets() {
    send(10);
    generator.onPacket(0, 1, 1000, START);
    generator.onPacket(1, 1, 1000, START + 20_000 * MILLI);
    Outcome outcome = results(START + 21_000 * MILLI);

    assertThat(outcome.received).hasSize(2);
    assertThat(outcome.received.get(1).arrivalNanos - outcome.received.get(0).arrivalNanos)
        .isEqualTo(20_000 * MILLI);
  }

  @Test
  void theMoreArrivesTheOftenerItIsReported() {
    long fast = intervalAt(1200, 1000);
    long slow = intervalAt(100, 50_000);

    assertThat(fast).isEqualTo(50 * MILLI);
    assertThat(slow).isEqualTo(250 * MILLI);
  }

  /** The interval once packets of that size have come that many microseconds apart for seconds. */
  private static long intervalAt(int bytes, int micros) {
    TransportFeedbackGenerator steady = new TransportFeedbackGenerator();
    long now = START;
    long interval = 0;
    for (int i = 0; i < 5_000_000 / micros; i++, now += micros * 1000L) {
      while (steady.poll(1, now) != null) {
        interval = 0;
      }
      steady.onPacket(i & 0xffff, 1, bytes, now);
      interval = Math.max(interval, steady.nextTimeoutNanos() - now);
    }
    return interval;
  }

  @Test
  void aBurstOfThousandsStaysBounded() {
    send(4000);
    for (int i = 0; i < 4000; i++) {
      generator.onPacket(i, 1, 1000, START);
    }
    List<TransportFeedback> all = feedback(START + 100 * MILLI);

    assertThat(all).hasSizeLessThanOrEqualTo(6).allMatch(one -> one.length() < 1100);
  }

  @Test
  void feedbackOnPacketsThatWereNeverSentSaysNothing() {
    generator.onPacket(40_000, 1, 1000, START);

    assertThat(results(START + 100 * MILLI).received).isEmpty();
  }
}
