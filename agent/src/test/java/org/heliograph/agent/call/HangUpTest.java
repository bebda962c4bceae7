package org.heliograph.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.agent.call.Side.BOTH;
import static org.heliograph.agent.call.Side.PEER;
import static org.heliograph.agent.call.Side.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.heliograph.media.CaptureTrack;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.SignalPayload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The end of a call in any state, by either side and by what else ends it, with whatever is under
 * way: devices that open, a connection that opens, an offer that is made, toggles.
 */
@Timeout(180)
class HangUpTest {
  private static final int RUNS = 400;
  private static final String CHANNEL = "c";
  private static final List<String> STATES =
      List.of("opening", "ringing", "connecting", "connected", "reconnecting");

  @Test
  void freesEverythingAndIsToldOnceWhateverIsUnderWay() {
    Set<String> endings = new HashSet<>();
    // How far devices and connections are when a call ends is up to threads: a few more walks,
    // where
    // none has come to one of the states.
    for (int seed = 0; seed < RUNS || (missing(endings) && seed < 10 * RUNS); seed++) {
      try (Run run = new Run(seed)) {
        try {
          endings.add(run.play());
        } catch (Exception | AssertionError failure) {
          throw new AssertionError("seed " + seed + ": " + run.moves, failure);
        }
      }
    }
    assertThat(endings).as("ends").containsAll(STATES);
  }

  private static boolean missing(Set<String> endings) {
    return !endings.containsAll(STATES);
  }

  private static final class Run implements AutoCloseable {
    final Random random;
    final List<String> moves = new ArrayList<>();
    final List<CompletableFuture<?>> answers = new ArrayList<>();
    final Side side = new Side();
    final boolean incoming;
    int words;

    Run(int seed) {
      random = new Random(seed);
      incoming = random.nextBoolean();
    }

    String play() throws Exception {
      if (random.nextBoolean()) {
        side.devices.holdBack();
      }
      if (random.nextInt(3) == 0) {
        side.connections.holdBack();
      }
      begin();
      for (int i = random.nextInt(20); i > 0; i--) {
        move();
      }
      String state = state();
      end();
      side.devices.release();
      side.connections.release();
      await(side.calls.freed());
      side.connections.awaitOpenings();
      assertFree();
      assertToldOnce();
      return state;
    }

    private void begin() throws Exception {
      if (incoming) {
        receive(new SignalPayload.CallRequest(BOTH));
      } else {
        answers.add(side.calls.start(CHANNEL, PEER, BOTH, random.nextBoolean()));
      }
      side.settle();
    }

    private String state() {
      List<CallSnapshot> calls = await(side.calls.active());
      if (calls.isEmpty()) {
        return "over";
      }
      CallSnapshot call = calls.getFirst();
      boolean opening = call.state().equals("ringing") && call.local().audio().equals("off");
      return opening ? "opening" : call.state();
    }

    private void move() throws Exception {
      int move = random.nextInt(16);
      moves.add("" + move);
      switch (move) {
        case 0, 1 -> {
          receive(incoming ? new SignalPayload.CallOffer("offer") : new SignalPayload.CallAck());
          if (incoming) {
            answers.add(side.calls.accept(CHANNEL, PEER, Optional.empty(), random.nextBoolean()));
          }
        }
        case 2, 3 ->
            receive(
                incoming
                    ? new SignalPayload.CallOffer("offer " + words++)
                    : new SignalPayload.CallAnswer("answer " + words++));
        case 4 -> receive(new SignalPayload.CallOffer("nonsense"));
        case 5 -> receive(Side.candidate("candidate"));
        case 6, 7 -> {
          boolean audio = random.nextBoolean();
          answers.add(
              audio
                  ? side.calls.setMuted(CHANNEL, Optional.empty())
                  : side.calls.setDisabled(CHANNEL, Optional.empty()));
        }
        case 8 -> side.devices.everOpened().stream().findAny().ifPresent(FakeDevices.Track::lose);
        case 9 -> side.devices.failNext(random.nextBoolean() ? MediaKind.AUDIO : MediaKind.VIDEO);
        case 10 -> side.devices.holdBack();
        case 11 -> side.devices.release();
        case 12 -> side.connections.release();
        case 13, 14 ->
            side.connections
                .all()
                .forEach(
                    each ->
                        each.become(
                            random.nextInt(3) == 0
                                ? PeerConnectionState.DISCONNECTED
                                : PeerConnectionState.CONNECTED));
        case 15 -> side.timers.advance(Duration.ofSeconds(1));
        default -> throw new IllegalStateException();
      }
      if (random.nextBoolean()) {
        side.settle();
      }
    }

    private void receive(SignalPayload payload) {
      try {
        answers.add(side.calls.receive(new Envelope(CHANNEL, PEER, Side.ME, payload)));
      } finally {
        moves.add(payload.getClass().getSimpleName());
      }
    }

    private void end() {
      int way = random.nextInt(6);
      moves.add("end " + way);
      switch (way) {
        case 0, 1 -> answers.add(side.calls.hangUp(CHANNEL));
        case 2 -> receive(new SignalPayload.CallHangup("hangup"));
        case 3 -> side.connections.all().forEach(each -> each.become(PeerConnectionState.FAILED));
        case 4 -> side.timers.advance(Duration.ofMinutes(2));
        case 5 -> side.calls.undeliverable(CHANNEL, PEER);
        default -> throw new IllegalStateException();
      }
      // Not each of them ends a call in each state.
      answers.add(side.calls.hangUp(CHANNEL));
      if (random.nextBoolean()) {
        answers.add(side.calls.setDisabled(CHANNEL, Optional.empty()));
      }
      side.settle();
    }

    private void assertFree() {
      assertThat(await(side.calls.active())).isEmpty();
      assertThat(side.calls.isIdle()).isTrue();
      assertThat(side.devices.open()).as("open devices").isEmpty();
      assertThat(side.devices.everOpened())
          .allMatch(track -> track.state() == CaptureTrack.State.ENDED);
      assertThat(side.connections.all()).allMatch(connection -> connection.closed);
      assertThat(side.timers.count()).as("timers").isZero();
      for (CompletableFuture<?> answer : answers) {
        try {
          await(answer);
        } catch (CompletionException failure) {
          assertThat(failure.getCause())
              .isInstanceOfAny(CallException.class, EnvelopeException.class);
        }
      }
    }

    private void assertToldOnce() {
      List<String> told =
          side.events.stream()
              .filter(event -> CHANNEL.equals(event.channel()))
              .map(event -> event.getClass().getSimpleName())
              .toList();
      assertThat(told).endsWith("Ended").containsOnlyOnce("Ended");
    }

    @Override
    public void close() {
      side.devices.release();
      side.connections.release();
      side.close();
    }
  }
}
