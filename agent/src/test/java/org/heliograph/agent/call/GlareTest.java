package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.agent.call.Side.await;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.MediaKind;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.signaling.Signaler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both sides call each other at once, over a wire that holds envelopes back until told. */
class GlareTest {
  private static final CallMedia BOTH = CallMedia.AUDIO_AND_VIDEO;

  private static final class Peer implements AutoCloseable {
    final FakeDevices devices = new FakeDevices();
    final FakeConnections connections = new FakeConnections();
    final BlockingQueue<CallEvent> events = new LinkedBlockingQueue<>();
    final BlockingQueue<Envelope> outgoing = new LinkedBlockingQueue<>();
    final ManualTimers timers = new ManualTimers();
    final Calls calls;

    Peer(String name) {
      Signaler wire =
          new Signaler() {
            @Override
            public void start(Receiver receiver) {}

            @Override
            public void send(Envelope envelope) {
              outgoing.add(envelope);
            }

            @Override
            public Optional<String> unavailable() {
              return Optional.empty();
            }

            @Override
            public void close() {}
          };
      calls =
          new Calls(
              new Calls.Settings(
                  name, true, 4, Duration.ofSeconds(45), Duration.ofSeconds(30), 32_000, 500_000),
              devices,
              connections,
              wire,
              events::add,
              timers);
      calls.open();
    }

    CallSnapshot only() {
      assertThat(await(calls.active())).hasSize(1);
      return await(calls.active()).getFirst();
    }

    @Override
    public void close() {
      calls.close();
    }
  }

  private final Peer anna = new Peer("anna");
  private final Peer bert = new Peer("bert");

  @BeforeEach
  void nothingIsOnTheWire() {
    assertThat(anna.outgoing).isEmpty();
  }

  @AfterEach
  void everythingIsFreed() {
    anna.close();
    bert.close();
    assertThat(anna.devices.open()).isEmpty();
    assertThat(bert.devices.open()).isEmpty();
  }

  /** Carries envelopes both ways until the call has been answered on each side. */
  private void carryUntilAnswered() throws InterruptedException {
    boolean answered = false;
    while (!answered) {
      answered |= carry(anna, bert);
      answered |= carry(bert, anna);
    }
    carry(anna, bert);
    carry(bert, anna);
    await(anna.calls.active());
    await(bert.calls.active());
  }

  private static boolean carry(Peer from, Peer to) throws InterruptedException {
    boolean answered = false;
    for (Envelope next = from.outgoing.poll(50, TimeUnit.MILLISECONDS);
        next != null;
        next = from.outgoing.poll()) {
      var _ = to.calls.receive(next).exceptionally(_ -> null).orTimeout(5, TimeUnit.SECONDS).join();
      answered |= next.payload() instanceof SignalPayload.CallAnswer;
    }
    return answered;
  }

  private void assertOneCall(String channel, Peer caller, Peer callee) {
    assertThat(caller.only().channelId()).isEqualTo(channel);
    assertThat(callee.only().channelId()).isEqualTo(channel);
    assertThat(caller.only().incoming()).isFalse();
    assertThat(callee.only().incoming()).isTrue();
    assertThat(caller.only().state()).isEqualTo("connecting");
    assertThat(callee.only().state()).isEqualTo("connecting");
    assertThat(caller.connections.all()).hasSize(1);
    assertThat(callee.connections.all()).hasSize(1);
  }

  private static CallEvent.Ended ended(Peer peer) {
    return peer.events.stream()
        .filter(CallEvent.Ended.class::isInstance)
        .map(CallEvent.Ended.class::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void underTwoNamesTheSmallerGoesOn() throws Exception {
    await(anna.calls.start("a-call", "bert", BOTH, false));
    await(bert.calls.start("b-call", "anna", BOTH, false));
    carryUntilAnswered();
    assertOneCall("a-call", anna, bert);
    assertThat(ended(bert).channelId()).isEqualTo("b-call");
    assertThat(ended(bert).reason()).isEqualTo("glare");
    assertThat(ended(bert).replacedBy()).isEqualTo("a-call");
    assertThat(anna.events).noneMatch(CallEvent.Ended.class::isInstance);
  }

  @Test
  void underTwoNamesItDoesNotMatterWhoseIsTheSmaller() throws Exception {
    await(anna.calls.start("z-call", "bert", BOTH, false));
    await(bert.calls.start("b-call", "anna", BOTH, false));
    carryUntilAnswered();
    assertOneCall("b-call", bert, anna);
    assertThat(ended(anna).replacedBy()).isEqualTo("b-call");
  }

  @Test
  void theWinningCallIsAcceptedWithTheMediaOfTheOwnStart() throws Exception {
    await(anna.calls.start("a-call", "bert", BOTH, false));
    await(bert.calls.start("b-call", "anna", new CallMedia(true, false), false));
    carryUntilAnswered();
    await(bert.calls.freed());
    assertThat(bert.devices.open()).containsExactly(MediaKind.AUDIO);
    assertThat(bert.devices.everOpenedKinds()).containsOnly(MediaKind.AUDIO);
    assertThat(bert.connections.next().offeredToSend).containsExactly(MediaKind.AUDIO);
  }

  @Test
  void underOneNameTheSmallerNameIsTheCaller() throws Exception {
    await(anna.calls.start("room", "bert", BOTH, false));
    await(bert.calls.start("room", "anna", BOTH, false));
    carryUntilAnswered();
    assertOneCall("room", anna, bert);
    assertThat(anna.events).noneMatch(CallEvent.Ended.class::isInstance);
    assertThat(bert.events).noneMatch(CallEvent.Ended.class::isInstance);
  }

  @Test
  void underOneNameWithAnAudioCallerTheCameraIsClosedAgain() throws Exception {
    await(anna.calls.start("room", "bert", new CallMedia(true, false), false));
    await(bert.calls.start("room", "anna", BOTH, false));
    carryUntilAnswered();
    await(bert.calls.setMuted("room", Optional.of(false)));
    assertThat(bert.devices.open()).containsExactly(MediaKind.AUDIO);
    assertThat(bert.only().media()).isEqualTo(new CallMedia(true, false));
  }

  @Test
  void aCallThatHasNotRungYetGivesWayWhateverItsName() throws Exception {
    anna.devices.holdBack();
    CompletableFuture<Calls.Answer> start = anna.calls.start("a-call", "bert", BOTH, false);
    anna.devices.awaitOpening();
    await(bert.calls.start("b-call", "anna", BOTH, false));
    carry(bert, anna);
    anna.devices.release();
    assertThat(await(start)).isEqualTo(new Calls.Answer("accepted", "b-call"));
    carryUntilAnswered();
    assertOneCall("b-call", bert, anna);
  }

  @Test
  void underOneNameACallThatHasNotRungYetIsAcceptedOnceItsDevicesStand() throws Exception {
    bert.devices.holdBack();
    CompletableFuture<Calls.Answer> start = bert.calls.start("room", "anna", BOTH, false);
    bert.devices.awaitOpening();
    await(anna.calls.start("room", "bert", BOTH, false));
    carry(anna, bert);
    bert.devices.release();
    await(start);
    carryUntilAnswered();
    assertOneCall("room", anna, bert);
  }

  @Test
  void callingSomeoneWhoIsRingingHereAcceptsTheirCall() throws Exception {
    await(bert.calls.start("b-call", "anna", BOTH, false));
    carry(bert, anna);
    assertThat(await(anna.calls.start("a-call", "bert", BOTH, false)))
        .isEqualTo(new Calls.Answer("accepted", "b-call"));
    carryUntilAnswered();
    assertOneCall("b-call", bert, anna);
  }
}
