package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.agent.call.Side.BOTH;
import static org.heliograph.agent.call.Side.PEER;
import static org.heliograph.agent.call.Side.await;
import static org.heliograph.agent.call.Side.refusal;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.heliograph.agent.call.CallException.Code;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.SignalPayload;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What somebody who may ring can do to the user, and to others who ring: nothing. */
class RingingTest {
  private static final String MALLORY = "mallory";

  /** The user may have one call at a time. */
  private final Side side = new Side(1);

  @AfterEach
  void close() {
    side.close();
  }

  private void ring(String from, String channel) throws EnvelopeException {
    side.receiveFrom(from, channel, new SignalPayload.CallRequest(BOTH));
  }

  private List<CallSnapshot> calls() {
    return await(side.calls.active());
  }

  @Test
  void aPeerThatRingsUnderAnotherNameRingsOnceAndUnderTheNewest() throws Exception {
    ring(MALLORY, "first");
    assertThat(side.event(CallEvent.Incoming.class).call().channelId()).isEqualTo("first");
    ring(MALLORY, "second");
    CallEvent.Ended ended = side.event(CallEvent.Ended.class);
    assertThat(ended.channelId()).isEqualTo("first");
    assertThat(ended.reason()).isEqualTo("cancelled");
    assertThat(ended.replacedBy()).isEqualTo("second");
    assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("busy");
    assertThat(side.event(CallEvent.Incoming.class).call().channelId()).isEqualTo("second");
    assertThat(calls()).extracting(CallSnapshot::channelId).containsExactly("second");
    await(side.calls.accept("second", MALLORY, Optional.empty(), false));
  }

  @Test
  void whatRingsLeavesTheUserRoomForAnOwnCall() throws Exception {
    for (int i = 0; i < 3; i++) {
      ring(MALLORY, "c" + i);
    }
    await(side.calls.start("own", PEER, BOTH, false));
    assertThat(calls()).extracting(CallSnapshot::channelId).contains("own");
  }

  @Test
  void whatRingsLeavesOthersRoomToRing() throws Exception {
    ring(MALLORY, "c");
    side.event(CallEvent.Incoming.class);
    ring("friend", "d");
    assertThat(side.event(CallEvent.Incoming.class).call().remotePeer()).isEqualTo("friend");
  }

  @Test
  void noMoreCallsAreAcceptedThanTheUserMayHave() throws Exception {
    ring(MALLORY, "c");
    ring("friend", "d");
    await(side.calls.accept("d", "friend", Optional.empty(), false));
    assertThat(refusal(side.calls.accept("c", MALLORY, Optional.empty(), false)).code())
        .isEqualTo(Code.TOO_MANY_CALLS);
    assertThat(refusal(side.calls.start("own", MALLORY, BOTH, false)).code())
        .isEqualTo(Code.TOO_MANY_CALLS);
    await(side.calls.hangUp("d"));
    await(side.calls.accept("c", MALLORY, Optional.empty(), false));
  }

  @Test
  void whoHasACallIsBusyForOthers() throws Exception {
    side.ringOut("own", BOTH);
    ring("friend", "d");
    assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("busy");
    assertThat(calls()).hasSize(1);
  }

  @Test
  void onlySoManyRingAtATime() throws Exception {
    for (int i = 0; i < Calls.RINGING_LIMIT; i++) {
      ring("peer" + i, "c" + i);
    }
    assertThat(side.sent).isEmpty();
    ring("one more", "more");
    assertThat(side.sent(SignalPayload.CallHangup.class).reason()).isEqualTo("busy");
    assertThat(calls()).hasSize(Calls.RINGING_LIMIT);
  }

  @Test
  void aPeerRingsFiveTimesAMinute() throws Exception {
    for (int i = 0; i < 20; i++) {
      ring(MALLORY, "c" + i);
      side.receiveFrom(MALLORY, "c" + i, new SignalPayload.CallHangup("hangup"));
    }
    assertThat(rings()).isEqualTo(RingLimit.RINGS);
    ring("friend", "d");
    assertThat(rings()).isEqualTo(RingLimit.RINGS + 1);
    side.timers.advance(Duration.ofSeconds(11));
    ring(MALLORY, "early");
    assertThat(rings()).isEqualTo(RingLimit.RINGS + 1);
    side.timers.advance(Duration.ofSeconds(1));
    ring(MALLORY, "in time");
    assertThat(rings()).isEqualTo(RingLimit.RINGS + 2);
  }

  @Test
  void peersWithoutEndRingThirtyTimesAMinute() throws Exception {
    for (int i = 0; i < 200; i++) {
      ring("peer" + i, "c");
      side.receiveFrom("peer" + i, "c", new SignalPayload.CallHangup("hangup"));
    }
    assertThat(rings()).isEqualTo(30);
  }

  private long rings() {
    side.settle();
    return side.events.stream().filter(CallEvent.Incoming.class::isInstance).count();
  }

  @Test
  void aFloodFillsNoLog() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    Handler handler = new Lines(lines);
    Logger log = Logger.getLogger("org.heliograph.agent.call");
    Level level = log.getLevel();
    log.addHandler(handler);
    log.setLevel(Level.INFO); // another test's agent may have left it at its own
    try {
      side.connectOut("own", BOTH);
      int before = lines.size();
      for (int i = 0; i < 300; i++) {
        ring("flooder", "c" + i);
        side.receive("own", new SignalPayload.CallError("any", "nonsense " + i));
        side.calls.undeliverable("own", PEER);
      }
      side.settle();
      assertThat(lines.subList(before, lines.size())).hasSizeBetween(1, 3);
    } finally {
      log.removeHandler(handler);
      log.setLevel(level);
    }
  }

  private static final class Lines extends Handler {
    private final List<String> lines;

    Lines(List<String> lines) {
      this.lines = lines;
    }

    @Override
    public void publish(LogRecord logged) {
      lines.add(logged.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void aFloodOfNamesForgetsNoneOfOthersCalls() throws Exception {
    ring("friend", "over");
    side.receiveFrom("friend", "over", new SignalPayload.CallHangup("hangup"));
    for (int i = 0; i < 2_000; i++) {
      side.receiveFrom(MALLORY, "c" + i, new SignalPayload.CallHangup("hangup"));
    }
    assertThatThrownBy(() -> ring("friend", "over"))
        .isInstanceOfSatisfying(
            EnvelopeException.class,
            refused -> assertThat(refused.code()).isEqualTo(EnvelopeException.Code.CHANNEL_USED));
  }

  @Test
  void whoComesLaterHearsWhatRings() throws Exception {
    ring(MALLORY, "rings");
    side.settle();
    List<CallEvent> heard = new CopyOnWriteArrayList<>();
    await(side.calls.catchUp(heard::addAll));
    assertThat(heard).hasSize(2);
    assertThat(heard.get(0)).isInstanceOf(CallEvent.State.class);
    assertThat(heard.get(1))
        .isInstanceOfSatisfying(
            CallEvent.Incoming.class,
            incoming -> {
              assertThat(incoming.repeated()).isTrue();
              assertThat(incoming.call().channelId()).isEqualTo("rings");
            });
    assertThat(side.event(CallEvent.Incoming.class).repeated()).isFalse();

    await(side.calls.accept("rings", MALLORY, Optional.empty(), false));
    heard.clear();
    await(side.calls.catchUp(heard::addAll));
    assertThat(heard).as("of a call that is accepted").hasOnlyElementsOfType(CallEvent.State.class);
  }
}
