package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.agent.call.Side.ABANDONED;
import static org.heliograph.agent.call.Side.BOTH;
import static org.heliograph.agent.call.Side.PEER;
import static org.heliograph.agent.call.Side.await;

import java.time.Duration;
import java.util.Optional;
import org.heliograph.signaling.SignalPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a call whose pages, apps and commands have gone. */
class AbandonedCallTest {
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final Side side = new Side();

  @AfterEach
  void close() {
    side.close();
    assertThat(side.devices.open()).as("devices left open").isEmpty();
    assertThat(side.timers.count()).as("timers left").isZero();
  }

  private void pass(Duration time) {
    side.settle();
    side.timers.advance(time);
    side.settle();
  }

  private void assertGoesOn() {
    assertThat(await(side.calls.active())).hasSize(1);
  }

  private void assertAbandoned() throws Exception {
    CallEvent.Ended ended = side.event(CallEvent.Ended.class);
    assertThat(ended.reason()).isEqualTo("abandoned");
    assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("hung_up");
    await(side.calls.freed());
    assertThat(side.devices.open()).isEmpty();
  }

  @Test
  void endsWhenTheLastWhoFollowedItHasBeenGoneForItsTime() throws Exception {
    Runnable page = side.calls.follow();
    Runnable app = side.calls.follow();
    side.connectOut("c", BOTH);
    page.run();
    pass(ABANDONED.multipliedBy(3));
    app.run();
    pass(ABANDONED.minus(MOMENT));
    assertGoesOn();
    pass(MOMENT);
    assertAbandoned();
  }

  @Test
  void goesOnWhenAPageIsReloaded() throws Exception {
    Runnable page = side.calls.follow();
    side.connectOut("c", BOTH);
    for (int reload = 0; reload < 3; reload++) {
      page.run();
      pass(ABANDONED.minus(MOMENT));
      page = side.calls.follow();
      pass(ABANDONED.multipliedBy(2));
    }
    assertGoesOn();
  }

  @Test
  void goesOnWhenNobodyEverFollowedIt() throws Exception {
    side.connectOut("c", BOTH);
    pass(ABANDONED.multipliedBy(100));
    assertGoesOn();
  }

  @Test
  void goesOnWhenWhoFollowedWentBeforeItBegan() throws Exception {
    side.calls.follow().run();
    side.connectOut("c", BOTH);
    pass(ABANDONED.multipliedBy(100));
    assertGoesOn();
  }

  @Test
  void endsWhenWhoCameLaterHasGone() throws Exception {
    side.connectIn("c", BOTH);
    Runnable page = side.calls.follow();
    pass(ABANDONED.multipliedBy(2));
    page.run();
    pass(ABANDONED);
    assertAbandoned();
  }

  @Test
  void thatRingsHereRingsOn() throws Exception {
    Runnable page = side.calls.follow();
    side.receive("c", new SignalPayload.CallRequest(BOTH));
    page.run();
    pass(ABANDONED);
    assertGoesOn();
    await(side.calls.accept("c", PEER, Optional.empty(), false));
    assertGoesOn();
  }

  @Test
  void endsWhereBothSidesCalledEachOtherToo() throws Exception {
    Runnable page = side.calls.follow();
    side.ringOut("z", BOTH);
    page.run();
    side.settle();
    side.receive("a", new SignalPayload.CallRequest(BOTH));
    assertThat(side.event(CallEvent.Ended.class).replacedBy()).isEqualTo("a");
    assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("glare");
    side.sent(SignalPayload.CallAck.class);
    pass(ABANDONED);
    assertAbandoned();
  }
}
