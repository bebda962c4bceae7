package org.heliograph.interop.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.heliograph.interop.bench.PathConditions.Jitter;

/** The networks that both stacks are measured on. Each has 25 ms each way where nothing is said. */
enum NetworkRow {
  LOSS_0("no loss", PathConditions.good()),
  LOSS_2("2 % loss", PathConditions.good().withLoss(0.02, 1)),
  LOSS_5("5 % loss", PathConditions.good().withLoss(0.05, 1)),
  LOSS_10("10 % loss", PathConditions.good().withLoss(0.10, 1)),
  LOSS_20("20 % loss", PathConditions.good().withLoss(0.20, 1)),
  BURSTS("5 % loss in bursts of 6", PathConditions.good().withLoss(0.05, 6)),
  JITTER(
      "100 ms ± 60 ms, drifting",
      PathConditions.good()
          .withJitter(Duration.ofMillis(40), Duration.ofMillis(160), Jitter.DRIFTING)),
  JITTER_OVERTAKING(
      "100 ms ± 60 ms, each datagram by itself",
      PathConditions.good()
          .withJitter(Duration.ofMillis(40), Duration.ofMillis(160), Jitter.INDEPENDENT)),
  REORDERING(
      "3 % held back by 20 ms", PathConditions.good().withReordering(0.03, Duration.ofMillis(20))),
  RATE_300K("300 kbit/s, queue of 300 ms", bottleneck(300_000)),
  RATE_1M("1 Mbit/s, queue of 300 ms", bottleneck(1_000_000)),
  DROP(
      "2 Mbit/s, from 8 s on 400 kbit/s, from 18 s on 2 Mbit/s",
      32,
      List.of(
          new Phase(0, bottleneck(2_000_000)),
          new Phase(8, bottleneck(400_000)),
          new Phase(18, bottleneck(2_000_000))));

  /**
   * What holds from an instant on.
   *
   * @param atSecond of the measured time; the first phase holds before it too
   */
  record Phase(int atSecond, PathConditions conditions) {}

  private static final int USUAL_SECONDS = 20;

  private final String title;
  private final int seconds;

  @SuppressWarnings("ImmutableEnumChecker") // It is made by List.of.
  private final List<Phase> phases;

  NetworkRow(String title, PathConditions conditions) {
    this(title, USUAL_SECONDS, List.of(new Phase(0, conditions)));
  }

  NetworkRow(String title, int seconds, List<Phase> phases) {
    this.title = title;
    this.seconds = seconds;
    this.phases = phases;
  }

  private static PathConditions bottleneck(long bitsPerSecond) {
    return PathConditions.good().withBottleneck(bitsPerSecond, Duration.ofMillis(300));
  }

  /** The row's name on the command line, such as {@code loss-5}. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static NetworkRow of(String id) {
    return Arrays.stream(values())
        .filter(row -> row.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no row is called "
                        + id
                        + ", but "
                        + Arrays.stream(values()).map(NetworkRow::id).toList()));
  }

  String title() {
    return title;
  }

  /** How long is measured. */
  int seconds() {
    return seconds;
  }

  /** What the network does, by the time of the measurement. */
  List<Phase> phases() {
    return phases;
  }

  /** What the bottleneck could carry in all, in bits; 0 where there is none. */
  long capacityBits() {
    long bits = 0;
    for (int i = 0; i < phases.size(); i++) {
      int end = i + 1 < phases.size() ? phases.get(i + 1).atSecond() : seconds;
      bits += phases.get(i).conditions().bitsPerSecond() * (end - phases.get(i).atSecond());
    }
    return bits;
  }
}
