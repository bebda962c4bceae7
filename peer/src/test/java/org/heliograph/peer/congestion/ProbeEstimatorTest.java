package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProbeEstimatorTest {
  private static final int BYTES = 1000;

  private final ProbeEstimator estimator = new ProbeEstimator();

  /** Sends ten packets with one distance, that arrive with another, in microseconds. */
  private double probe(int id, int sentApart, int arrivedApart, int packets) {
    estimator.expect(new Probe(7, 1, 10 * BYTES));
    double measured = -1;
    for (int i = 0; i < packets; i++) {
      double result = estimator.add(id, 1000L * i * sentApart, 1000L * i * arrivedApart, BYTES);
      measured = result > 0 ? result : measured;
    }
    return measured;
  }

  @Test
  void whatArrivesAsItWasSentShowsThatRate() {
    assertThat(probe(7, 4000, 4000, 10)).isCloseTo(2_000_000, within(1.0));
  }

  @Test
  void aStretchedProbeShowsALittleLessThanWhatThePathCarries() {
    assertThat(probe(7, 4000, 8000, 10)).isCloseTo(0.95 * 1_000_000, within(1.0));
  }

  @Test
  void aProbeThatArrivesMuchFasterThanItWasSentShowsNothing() {
    assertThat(probe(7, 4000, 1000, 10)).isNegative();
  }

  @Test
  void tooFewOfItsPacketsShowNothing() {
    assertThat(probe(7, 4000, 4000, 7)).isNegative();
  }

  @Test
  void packetsOfAnOlderProbeShowNothing() {
    assertThat(probe(6, 4000, 4000, 10)).isNegative();
  }
}
