package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SharedTickerTest {
  @Test
  void anErrorOfOneRelayStopsTheTimeOfNone() throws Exception {
    Semaphore failures = new Semaphore(0);
    Semaphore ticks = new Semaphore(0);
    Runnable stopFailing =
        SharedTicker.EVERY_TICK.start(
            () -> {
              failures.release();
              throw new StackOverflowError();
            });
    Runnable stopOther = SharedTicker.EVERY_TICK.start(ticks::release);
    try {
      assertThat(failures.tryAcquire(3, 20, TimeUnit.SECONDS)).as("its own goes on").isTrue();
      assertThat(ticks.tryAcquire(3, 20, TimeUnit.SECONDS)).as("the other's").isTrue();
    } finally {
      stopFailing.run();
      stopOther.run();
    }
  }
}
