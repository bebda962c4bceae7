package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SimulcastRatesTest {
  private static final SendEncoding HIGH = encoding("h", 2_000_000, 1);
  private static final SendEncoding MIDDLE = encoding("m", 500_000, 2);
  private static final SendEncoding LOW = encoding("l", 150_000, 4);

  private final SimulcastRates rates = new SimulcastRates();

  private static SendEncoding encoding(String rid, long most, double scale) {
    return new SendEncoding(rid, true, OptionalLong.of(most), scale);
  }

  private Map<String, Long> share(long bitsPerSecond) {
    return rates.share(List.of(HIGH, MIDDLE, LOW), bitsPerSecond);
  }

  @Test
  void theSmallestIsServedFirst() {
    assertThat(share(100_000)).isEqualTo(Map.of("h", 0L, "m", 0L, "l", 100_000L));
    assertThat(share(500_000)).isEqualTo(Map.of("h", 0L, "m", 350_000L, "l", 150_000L));
    assertThat(share(2_000_000)).isEqualTo(Map.of("h", 1_350_000L, "m", 500_000L, "l", 150_000L));
  }

  @Test
  void noneGetsMoreThanItsMost() {
    assertThat(share(10_000_000)).isEqualTo(Map.of("h", 2_000_000L, "m", 500_000L, "l", 150_000L));
  }

  @Test
  void aStreamIsLeftOutBeforeItIsStarved() {
    assertThat(share(150_000 + 100_000).get("m")).isZero();
    assertThat(share(150_000 + 500_000 + 400_000).get("h")).isZero();
  }

  @Test
  void aStreamThatWasLeftOutComesBackOnlyWhenThereIsRoomToSpare() {
    assertThat(share(150_000 + 160_000).get("m")).isZero();
    assertThat(share(150_000 + 200_000).get("m")).isEqualTo(200_000);
    assertThat(share(150_000 + 160_000).get("m")).isEqualTo(160_000);
  }

  @Test
  void whatIsNotActiveTakesNothing() {
    SendEncoding paused = new SendEncoding("l", false, OptionalLong.of(150_000), 4);

    assertThat(rates.share(List.of(HIGH, MIDDLE, paused), 600_000))
        .isEqualTo(Map.of("h", 0L, "m", 500_000L, "l", 0L));
  }

  @Test
  void whatHasNoMostTakesWhatBefitsItsSize() {
    List<SendEncoding> plain =
        List.of(new SendEncoding("h", 1), new SendEncoding("m", 2), new SendEncoding("l", 4));

    Map<String, Long> shared = rates.share(plain, 100_000_000);

    assertThat(shared.get("h")).isEqualTo(2_500_000);
    assertThat(shared.get("m")).isBetween(600_000L, 800_000L);
    assertThat(shared.get("l")).isBetween(150_000L, 250_000L);
  }
}
