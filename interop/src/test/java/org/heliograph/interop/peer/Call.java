package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnectionState;

/**
 * A call between this project's peer and another: carries the signalling between them and proves
 * what arrives, on both sides. All that it waits for, together, is bounded.
 */
final class Call implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** A browser can only be asked; this is how long until it is asked again. */
  private static final Duration PACE = Duration.ofMillis(20);

  /** How long nothing may come for a call to be silent; sound comes every 20 ms. */
  private static final Duration SILENCE = Duration.ofSeconds(1);

  /** How long nothing else may come for a stretch to have sound alone: a second. */
  private static final long SOUND_ALONE_SAMPLES = 48_000;

  /** Who of the two offers. */
  enum Offerer {
    WE,
    REMOTE;

    Offerer other() {
      return this == WE ? REMOTE : WE;
    }
  }

  final OwnPeer own;
  final RemotePeer remote;
  private final long deadline = System.nanoTime() + LIMIT.toNanos();

  Call(PeerConfiguration configuration, RemotePeer remote) throws IOException {
    this.remote = remote;
    remote.begin();
    own = new OwnPeer(configuration);
  }

  /** Both want to send it. */
  void send(Set<MediaKind> kinds) {
    for (MediaKind kind : kinds) {
      own.send(kind);
      remote.send(kind);
    }
  }

  /** Neither wants to send it any longer. */
  void stopSending(MediaKind kind) {
    own.stopSending(kind);
    remote.stopSending(kind);
  }

  /** Offer and answer. */
  void negotiate(Offerer offerer) {
    switch (offerer) {
      case WE -> own.accept(remote.answer(own.offer()));
      case REMOTE -> remote.accept(own.answer(remote.offer()));
    }
  }

  /** Offer and answer that begin ICE anew. */
  void restartIce(Offerer offerer) {
    switch (offerer) {
      case WE -> own.accept(remote.answer(own.offerIceRestart()));
      case REMOTE -> remote.accept(own.answer(remote.offerIceRestart()));
    }
  }

  /** Opens a data channel. */
  void openChannel(Offerer opener, String label) {
    switch (opener) {
      case WE -> own.openChannel(label);
      case REMOTE -> remote.openChannel(label);
    }
  }

  /**
   * Sends messages on a channel to the side that did not open it, and verifies that each comes back
   * as it was sent, in that order.
   */
  void verifyEcho(Offerer opener, String label, List<ChannelMessage> messages) {
    for (ChannelMessage message : messages) {
      switch (opener) {
        case WE -> own.sendMessage(label, message);
        case REMOTE -> remote.sendMessage(label, message);
      }
    }
    List<ChannelMessage> echoes = new ArrayList<>();
    await(
        "an echo of each message",
        () -> {
          echoes.addAll(
              opener == Offerer.WE ? own.takeMessages(label) : remote.takeMessages(label));
          return echoes.size() >= messages.size();
        },
        () -> "there are %d of %d".formatted(echoes.size(), messages.size()));
    assertThat(echoes).isEqualTo(messages);
  }

  /**
   * Waits until both sides saw and heard the other's picture and tone, sent after this moment, and
   * verifies that it was the other's.
   */
  void awaitContent(Set<MediaKind> kinds) {
    Set<Integer> painted = own.painted();
    own.forget();
    remote.forget();
    await(
        "content both ways",
        () ->
            own.received().hasAll(kinds, remote.toneHertz())
                && remote.received().hasAll(kinds, CodedMedia.TONE_HERTZ),
        () -> "here: %s%nthere: %s".formatted(own.received(), remote.received()));
    Set<Integer> seen = remote.received().codes();
    assertThat(own.painted()).as("the codes sent").containsAll(seen);
    if (kinds.contains(MediaKind.VIDEO)) {
      assertThat(seen).as("codes of pictures sent since").anyMatch(code -> !painted.contains(code));
    }
  }

  /** Waits for a stretch with the other's tone, on both sides, and with no picture at all. */
  void awaitSoundAlone() {
    own.forget();
    remote.forget();
    await(
        "sound without a picture",
        () -> {
          if (own.received().frames() > 0 || remote.received().frames() > 0) {
            // The last of them were still under way.
            own.forget();
            remote.forget();
          }
          return own.receivedSamples() >= SOUND_ALONE_SAMPLES
              && own.received().hasTone(remote.toneHertz())
              && remote.received().hasTone(CodedMedia.TONE_HERTZ)
              && remote.received().frames() == 0;
        },
        () -> "here: %s%nthere: %s".formatted(own.received(), remote.received()));
  }

  /** Waits for the other's picture and tone here, while neither comes there any more. */
  void awaitContentHereAlone(Set<MediaKind> kinds) {
    own.forget();
    remote.forget();
    await(
        "content here alone",
        () -> {
          if (remote.received().frames() > 0 || remote.received().hasTone(CodedMedia.TONE_HERTZ)) {
            // The last of it was still under way.
            own.forget();
            remote.forget();
          }
          return own.received().hasAll(kinds, remote.toneHertz());
        },
        () -> "here: %s%nthere: %s".formatted(own.received(), remote.received()));
  }

  /** Waits until nothing has come for a while, on both sides. */
  void awaitSilence() {
    own.forget();
    remote.forget();
    long[] quietSinceNanos = {System.nanoTime()};
    await(
        "silence",
        () -> {
          boolean came =
              own.received().frames() > 0
                  || own.receivedSamples() > 0
                  || remote.received().frames() > 0
                  || remote.received().hasTone(CodedMedia.TONE_HERTZ);
          if (came) {
            own.forget();
            remote.forget();
            quietSinceNanos[0] = System.nanoTime();
          }
          return System.nanoTime() - quietSinceNanos[0] >= SILENCE.toNanos();
        },
        () -> "here: %s%nthere: %s".formatted(own.received(), remote.received()));
  }

  /** Carries candidates until a condition holds; fails the test where it does not come to hold. */
  void await(String what, BooleanSupplier condition, java.util.function.Supplier<String> state) {
    while (true) {
      carryCandidates();
      if (condition.getAsBoolean()) {
        return;
      }
      if (own.state() == PeerConnectionState.FAILED || System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "%s: not within %d s%n%s%n%n--- we say%n%s%n%n--- the other side says%n%s"
                .formatted(
                    what,
                    LIMIT.toSeconds(),
                    state.get(),
                    own.troubles(),
                    remote.troubles().toPrettyString()));
      }
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  private void carryCandidates() {
    own.takeCandidates().forEach(remote::addCandidate);
    for (IceCandidateInit candidate : remote.takeCandidates()) {
      own.addCandidate(candidate);
    }
  }

  @Override
  public void close() {
    own.close();
  }
}
