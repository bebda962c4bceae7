package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LossBasedBandwidthEstimatorTest {
  private static final long SECOND = 1_000_000_000L;

  private final LossBasedBandwidthEstimator estimator =
      new LossBasedBandwidthEstimator(100_000, 1_000_000, 3_000_000);

  private static List<PacketResult> results(int received, int lost) {
    List<PacketResult> results = new ArrayList<>();
    for (int i = 0; i < received + lost; i++) {
      results.add(new PacketResult(i, 0, i < received ? 0 : PacketResult.NOT_RECEIVED, 1000));
    }
    return results;
  }

  @Test
  void startsWhereItIsTold() {
    assertThat(estimator.bitsPerSecond()).isEqualTo(1_000_000);
  }

  @Test
  void risesWhileNothingIsLostUpToTheMaximum() {
    for (int i = 1; i <= 10; i++) {
      estimator.onTransportFeedback(results(100, 0), i * SECOND);
    }
    assertThat(estimator.bitsPerSecond()).isBetween(1_900_000L, 2_100_000L);

    for (int i = 11; i <= 100; i++) {
      estimator.onTransportFeedback(results(100, 0), i * SECOND);
    }
    assertThat(estimator.bitsPerSecond()).isEqualTo(3_000_000);
  }

  @Test
  void staysWhileLittleIsLost() {
    for (int i = 1; i <= 10; i++) {
      estimator.onTransportFeedback(results(95, 5), i * SECOND);
    }

    assertThat(estimator.bitsPerSecond()).isEqualTo(1_000_000);
  }

  @Test
  void fallsByHalfOfAHeavyLossDownToTheMinimum() {
    estimator.onTransportFeedback(results(60, 40), SECOND);
    assertThat(estimator.bitsPerSecond()).isEqualTo(800_000);

    for (int i = 2; i <= 100; i++) {
      estimator.onTransportFeedback(results(60, 40), i * SECOND);
    }
    assertThat(estimator.bitsPerSecond()).isEqualTo(100_000);
  }

  @Test
  void oneBurstOfLossLowersItOnce() {
    for (int i = 0; i < 5; i++) {
      estimator.onTransportFeedback(results(60, 40), SECOND + i * SECOND / 20);
    }

    assertThat(estimator.bitsPerSecond()).isEqualTo(800_000);
  }

  @Test
  void receiverReportsCountWhereThereIsNoTransportWideFeedback() {
    estimator.onReceiverReport(0.5, SECOND);
    assertThat(estimator.bitsPerSecond()).isEqualTo(750_000);

    estimator.onTransportFeedback(results(1, 0), 2 * SECOND);
    estimator.onReceiverReport(0.5, 2 * SECOND);
    assertThat(estimator.bitsPerSecond()).isEqualTo(750_000);
  }

  @Test
  void theReceiversEstimateIsTheLimit() {
    estimator.onReceiverEstimate(400_000, SECOND);
    assertThat(estimator.bitsPerSecond()).isEqualTo(400_000);

    estimator.onReceiverEstimate(5, SECOND);
    assertThat(estimator.bitsPerSecond()).isEqualTo(100_000);
  }

  @Test
  void limitsMustBeInOrder() {
    assertThatThrownBy(() -> new LossBasedBandwidthEstimator(2, 1, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
