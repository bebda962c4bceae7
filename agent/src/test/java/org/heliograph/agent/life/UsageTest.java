package org.heliograph.agent.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class UsageTest {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private Duration now = Duration.ZERO;
  private final Usage usage = new Usage(() -> now.toNanos());

  private boolean leavesAfter(Duration time) {
    now = now.plus(time);
    return usage.leave(PATIENCE, false);
  }

  @Test
  void itLeavesWhenItsPatienceIsOverAndNoSooner() {
    assertThat(leavesAfter(PATIENCE.minusNanos(1))).isFalse();
    assertThat(usage.remaining(PATIENCE, false)).contains(Duration.ofNanos(1));
    assertThat(leavesAfter(Duration.ofNanos(1))).isTrue();
  }

  @Test
  void itStaysAsLongAsSomethingIsAsked() {
    usage.begin();
    usage.begin();
    usage.end();
    assertThat(leavesAfter(Duration.ofDays(3))).isFalse();
    assertThat(usage.remaining(PATIENCE, false)).isEmpty();
  }

  @Test
  void itsPatienceBeginsWhenTheLastRequestEnds() {
    usage.begin();
    now = Duration.ofHours(1);
    usage.end();
    assertThat(usage.remaining(PATIENCE, false)).contains(PATIENCE);
    assertThat(leavesAfter(PATIENCE)).isTrue();
  }

  @Test
  void itStaysInACallThatNobodyLooksAt() {
    now = Duration.ofHours(1);
    assertThat(usage.leave(PATIENCE, true)).isFalse();
    usage.touch(); // The call's last event.
    assertThat(leavesAfter(PATIENCE.minusNanos(1))).isFalse();
    assertThat(leavesAfter(Duration.ofNanos(1))).isTrue();
  }

  @Test
  void withoutALimitItStaysForEver() {
    now = Duration.ofDays(300);
    assertThat(usage.leave(Duration.ZERO, false)).isFalse();
  }

  @Test
  void whoComesWhenItLeavesIsNotLetIn() {
    assertThat(usage.begin()).isTrue();
    usage.end();
    assertThat(leavesAfter(PATIENCE)).isTrue();
    assertThat(usage.begin()).isFalse();
  }

  @Test
  void whoWaitsForItsEndIsWokenByAChangeOfItsPatience() throws Exception {
    Duration[] patience = {Duration.ZERO};
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    usage.awaitUnused(() -> patience[0], () -> false);
                  } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                  }
                });
    synchronized (usage) {
      patience[0] = PATIENCE;
      now = PATIENCE;
    }
    while (waiting.isAlive()) {
      synchronized (usage) {
        usage.notifyAll();
      }
      Thread.onSpinWait();
    }
    assertThat(usage.begin()).isFalse();
  }
}
