package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoroutineTest {
  @Test
  void driverAndBodyTakeTurns() {
    List<String> steps = new ArrayList<>();
    Coroutine[] coroutine = new Coroutine[1];
    coroutine[0] =
        new Coroutine(
            "test",
            () -> {
              for (int i = 0; i < 3; i++) {
                steps.add("body " + i);
                coroutine[0].suspend();
              }
              steps.add("end");
            });
    for (int i = 0; !coroutine[0].isDone(); i++) {
      steps.add("driver " + i);
      coroutine[0].resume();
    }
    assertThat(steps)
        .containsExactly(
            "driver 0", "body 0", "driver 1", "body 1", "driver 2", "body 2", "driver 3", "end");
  }

  @Test
  void anEndedCoroutineIsNotResumed() {
    Coroutine coroutine = new Coroutine("test", () -> {});
    coroutine.resume();
    assertThatThrownBy(coroutine::resume).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anInterruptedDriverStillWaitsForItsTurn() {
    List<String> steps = new ArrayList<>();
    Coroutine coroutine = new Coroutine("test", () -> steps.add("body"));
    Thread.currentThread().interrupt();
    coroutine.resume();
    assertThat(steps).containsExactly("body");
    assertThat(Thread.interrupted()).isTrue();
  }
}
