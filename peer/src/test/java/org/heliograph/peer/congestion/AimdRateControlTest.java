package org.heliograph.peer.congestion;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AimdRateControlTest {
  private static final long SECOND = 1_000_000_000;
  private static final long ROUND_TRIP = SECOND / 10;

  private final AimdRateControl control = new AimdRateControl(30_000, 500_000, 2_000_000);
  private long now;

  /** Half of what is sent arrives, ten seconds long. */
  private void overuse(boolean certain) {
    for (int second = 0; second < 10; second++) {
      now += SECOND;
      double received = control.bitsPerSecond() / 2;
      control.update(BandwidthUsage.OVERUSING, received, false, certain, ROUND_TRIP, now);
    }
  }

  @Test
  void goesToTheLeastOnlyWhereTheQueueIsCertain() {
    overuse(false);
    assertThat(control.bitsPerSecond()).isEqualTo(100_000);
    overuse(true);
    assertThat(control.bitsPerSecond()).isEqualTo(30_000);
  }

  @Test
  void whatIsLessAlreadyStaysAsItIs() {
    control.set(60_000, 0);
    overuse(false);
    assertThat(control.bitsPerSecond()).isEqualTo(60_000);
  }
}
