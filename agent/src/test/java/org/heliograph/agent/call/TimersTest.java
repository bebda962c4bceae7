package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.text.HeardLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimersTest {
  @ParameterizedTest
  @ValueSource(classes = {OutOfMemoryError.class, IllegalStateException.class})
  void aTaskThatFailsIsLoggedAndTheNextOneRuns(Class<? extends Throwable> kind) throws Exception {
    Throwable failure = kind.getConstructor(String.class).newInstance("by the test");
    BlockingQueue<Throwable> logged = new LinkedBlockingQueue<>();
    try (HeardLog _ = new HeardLog(Timers.class, line -> logged.add(line.getThrown()));
        Timers timers = Timers.real()) {
      Timers.Timer _ =
          timers.after(
              Duration.ZERO,
              () -> {
                switch (failure) {
                  case Error error -> throw error;
                  default -> throw (RuntimeException) failure;
                }
              });
      assertThat(logged.poll(20, TimeUnit.SECONDS)).isSameAs(failure);
      BlockingQueue<String> ran = new LinkedBlockingQueue<>();
      Timers.Timer _ = timers.after(Duration.ZERO, () -> ran.add("it ran"));
      assertThat(ran.poll(20, TimeUnit.SECONDS)).isEqualTo("it ran");
    }
  }

  @Test
  void aTaskThatWasCancelledDoesNotRun() throws Exception {
    try (Timers timers = Timers.real()) {
      BlockingQueue<String> ran = new LinkedBlockingQueue<>();
      timers.after(Duration.ofMillis(50), () -> ran.add("the cancelled one")).cancel();
      Timers.Timer _ = timers.after(Duration.ofMillis(100), () -> ran.add("the other"));
      assertThat(ran.poll(20, TimeUnit.SECONDS)).isEqualTo("the other");
    }
  }
}
