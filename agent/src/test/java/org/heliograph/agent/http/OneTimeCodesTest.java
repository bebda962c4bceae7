package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OneTimeCodesTest {
  private Duration now = Duration.ZERO;
  private final OneTimeCodes codes = new OneTimeCodes(() -> now.toNanos());

  @Test
  void eachIsGoodOnceWhateverOthersThereAre() {
    String first = codes.issue();
    String second = codes.issue();
    assertThat(codes.redeem(first)).isTrue();
    assertThat(codes.redeem(first)).isFalse();
    assertThat(codes.redeem(second)).isTrue();
    assertThat(codes.redeem("another")).isFalse();
  }

  @Test
  void itIsGoodForItsTimeAndNoLonger() {
    String first = codes.issue();
    String second = codes.issue();
    now = OneTimeCodes.VALID.minusNanos(1);
    assertThat(codes.redeem(first)).isTrue();
    now = OneTimeCodes.VALID;
    assertThat(codes.redeem(second)).isFalse();
  }

  @Test
  void ofTooManyTheOldestGivesWay() {
    String oldest = codes.issue();
    String next = codes.issue();
    for (int i = 1; i < OneTimeCodes.LIMIT; i++) {
      codes.issue();
    }
    assertThat(codes.redeem(oldest)).isFalse();
    assertThat(codes.redeem(next)).isTrue();
  }
}
