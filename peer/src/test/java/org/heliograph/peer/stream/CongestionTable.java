package org.heliograph.peer.stream;

import java.time.Duration;
import java.util.function.Consumer;
import org.heliograph.peer.netem.LinkConditions;
import org.junit.jupiter.api.Test;

/**
 * Prints how a call fares on each of the paths that {@link CongestionTest} holds bounds for, for
 * whoever tunes the congestion control. Run by name: {@code -Dtest=CongestionTable}.
 */
class CongestionTable {
  @Test
  void table() {
    for (int rate : new int[] {300, 1000}) {
      rows("bottleneck " + rate, CongestionTest.bottleneck(rate), rate, call -> {}, 0, 10, 60);
    }
    rows(
        "2000, 400, 2000",
        CongestionTest.bottleneck(2000),
        2000,
        call -> {
          call.at(20, CongestionTest.bottleneck(400));
          call.at(40, CongestionTest.bottleneck(2000));
        },
        5,
        20,
        40,
        60);
    for (int loss : new int[] {0, 2, 5, 10, 20}) {
      LinkConditions path = CongestionTest.path(30).withLoss(loss / 100.0);
      rows("loss " + loss + " %", path, 2500, call -> {}, 5, 60);
    }
    LinkConditions burst = CongestionTest.path(30).withBurstLoss(0.05, 5);
    rows("loss 5 % in bursts of 5", burst, 2500, call -> {}, 5, 60);
    LinkConditions jitter = CongestionTest.path(40).withJitter(Duration.ofMillis(120));
    rows("jitter 100 +- 60 ms", jitter, 2500, call -> {}, 5, 60);
    LinkConditions narrow = CongestionTest.bottleneck(1000).withJitter(Duration.ofMillis(60));
    rows("1000 with jitter 60 ms", narrow, 1000, call -> {}, 5, 60);
    LinkConditions drift = CongestionTest.path(40).withDrift(Duration.ofMillis(120));
    rows("drift 100 +- 60 ms", drift, 2500, call -> {}, 5, 60);
    LinkConditions drifting = CongestionTest.bottleneck(1000).withDrift(Duration.ofMillis(120));
    rows("1000 with drift 120 ms", drifting, 1000, call -> {}, 5, 60);
    LinkConditions reordering = CongestionTest.path(40).withReordering(0.03, Duration.ofMillis(20));
    rows("reordering 3 %", reordering, 2500, call -> {}, 5, 60);
    LinkConditions lossy = CongestionTest.bottleneck(1000).withLoss(0.05);
    rows("1000 with loss 5 %", lossy, 1000, call -> {}, 5, 60);
  }

  @Test
  void drop() {
    AdaptiveCall call = new AdaptiveCall(1, CongestionTest.bottleneck(2000));
    call.at(20, CongestionTest.bottleneck(400));
    call.at(40, CongestionTest.bottleneck(2000));
    call.run(60);
    System.out.println(call.timeLine(19.5, 23, 0.1));
    System.out.println(call.timeLine(23, 60, 1));
  }

  private static void rows(
      String name, LinkConditions path, int kilobits, Consumer<AdaptiveCall> changes, int... at) {
    AdaptiveCall call = new AdaptiveCall(1, path);
    changes.accept(call);
    call.run(at[at.length - 1]);
    for (int i = 0; i + 1 < at.length; i++) {
      System.out.printf(
          "%-24s %2d-%2d s: use %4.0f %%, estimate %5.0f (%5.0f to %5.0f), queue %3.0f / %3.0f ms,"
              + " pictures %3.0f %%, delay %3.0f / %3.0f ms, freeze %4.0f ms%n",
          name,
          at[i],
          at[i + 1],
          call.deliveredBitsPerSecond(at[i], at[i + 1]) / kilobits / 10,
          call.meanEstimate(at[i], at[i + 1]) / 1000,
          call.leastEstimate(at[i], at[i + 1]) / 1000,
          call.mostEstimate(at[i], at[i + 1]) / 1000,
          call.queueMillis(0.5, at[i], at[i + 1]),
          call.queueMillis(0.95, at[i], at[i + 1]),
          100.0 * call.picturesReceived(at[i], at[i + 1]) / (30 * (at[i + 1] - at[i])),
          call.delayMillis(0.5, at[i], at[i + 1]),
          call.delayMillis(0.95, at[i], at[i + 1]),
          call.longestFreezeMillis(at[i], at[i + 1]));
    }
  }
}
