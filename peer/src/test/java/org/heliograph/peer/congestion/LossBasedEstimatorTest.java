package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LossBasedEstimatorTest {
  private static final long STEP_NANOS = 50_000_000;
  private static final int PACKET_BYTES = 1000;

  private final LossBasedEstimator estimator = new LossBasedEstimator();
  private final PacketResults results = new PacketResults();
  private long nowNanos;
  private double owed;
  private double lossOwed;
  private double rate;

  /**
   * Sends for a while at a rate, or at the limit where that is lower.
   *
   * @param lossAt which share is lost at a rate
   */
  private void send(double wanted, double seconds, DoubleUnaryOperator lossAt) {
    for (int i = 0; i < seconds * 1e9 / STEP_NANOS; i++) {
      rate = Math.min(wanted, estimator.limit());
      nowNanos += STEP_NANOS;
      owed += rate * STEP_NANOS / 1e9 / 8 / PACKET_BYTES;
      results.clear();
      for (; owed >= 1; owed--) {
        lossOwed += lossAt.applyAsDouble(rate);
        if (lossOwed >= 1) {
          lossOwed--;
          results.addLost(PACKET_BYTES);
        } else {
          results.addReceived(nowNanos, nowNanos, PACKET_BYTES, Probe.NONE);
        }
      }
      estimator.onResults(results, nowNanos);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02, 0.05, 0.1})
  void aPathsOwnLossIsNoLimit(double loss) {
    send(2_000_000, 20, _ -> loss);

    assertThat(estimator.limit()).isInfinite();
  }

  @Test
  void heavyLossThatStaysAtALowerRateIsThePathsOwnAfterAll() {
    send(2_000_000, 30, _ -> 0.25);

    assertThat(rate).isGreaterThan(1_500_000);
  }

  @Test
  void aPathThatLosesWhatItDoesNotCarryIsALimit() {
    DoubleUnaryOperator policer = at -> Math.max(0, 1 - 1_000_000 / at);
    send(900_000, 3, policer);
    send(1_600_000, 1, policer);

    assertThat(estimator.limit()).isBetween(850_000.0, 1_150_000.0);
  }

  @Test
  void aLimitIsForgottenWhenNothingIsLostAnyMore() {
    DoubleUnaryOperator policer = at -> Math.max(0, 1 - 1_000_000 / at);
    send(900_000, 3, policer);
    send(1_600_000, 2, policer);
    send(900_000, 30, _ -> 0);

    assertThat(estimator.limit()).isInfinite();
  }
}
