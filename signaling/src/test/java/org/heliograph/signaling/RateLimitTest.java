package org.heliograph.signaling;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitTest {
  private long now;

  @Test
  void allowsABurstAndThenSoManyASecond() {
    RateLimit limit = new RateLimit(2, 3, () -> now);
    for (int i = 0; i < 3; i++) {
      assertThat(limit.tryTake()).isTrue();
    }
    assertThat(limit.tryTake()).isFalse();
    now += 500_000_000L;
    assertThat(limit.tryTake()).isTrue();
    assertThat(limit.tryTake()).isFalse();
    now += 3_600_000_000_000L;
    for (int i = 0; i < 3; i++) {
      assertThat(limit.tryTake()).isTrue();
    }
    assertThat(limit.tryTake()).isFalse();
  }
}
