package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.heliograph.interop.bench.EmulatedPath;
import org.heliograph.interop.bench.PathBetween;
import org.heliograph.interop.bench.PathConditions;
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

  /** How long a path's delay grows in a jam, to what, and how fast. */
  private static final Duration JAM = Duration.ofSeconds(3);

  private static final Duration JAMMED_DELAY = Duration.ofMillis(1_500);
  private static final Duration JAM_STEP = Duration.ofMillis(20);

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
  private final Optional<PathBetween> path;
  private final List<IceCandidateInit> candidatesOfDescriptions = new ArrayList<>();

  Call(PeerConfiguration configuration, RemotePeer remote) throws IOException {
    this(configuration, remote, Optional.empty());
  }

  /**
   * @param path what lies between the two sides; without, they find each other as they can
   */
  Call(PeerConfiguration configuration, RemotePeer remote, Optional<PathBetween> path)
      throws IOException {
    this.remote = remote;
    this.path = path;
    remote.begin();
    own = new OwnPeer(configuration, CodedMedia.TONE_HERTZ);
  }

  /** Both want to send it. */
  void send(Set<MediaKind> kinds) {
    for (MediaKind kind : kinds) {
      if (remote.receives()) {
        own.send(kind);
      }
      remote.send(kind);
    }
  }

  /** Both want to send it, and have nothing to send before {@link #send}. */
  void prepare(Set<MediaKind> kinds) {
    for (MediaKind kind : kinds) {
      if (remote.receives()) {
        own.prepare(kind);
      }
      remote.prepare(kind);
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
      case WE -> own.accept(ofRemote(remote.answer(ofOwn(own.offer()))));
      case REMOTE -> remote.accept(ofOwn(own.answer(ofRemote(remote.offer()))));
    }
  }

  /** What the other side is told of our description. */
  private String ofOwn(String sdp) {
    return path.isEmpty() ? sdp : withoutCandidates(sdp);
  }

  /** What we are told of the other side's. */
  private String ofRemote(String sdp) {
    if (path.isEmpty()) {
      return sdp;
    }
    sdp.lines()
        .filter(line -> line.startsWith("a=candidate:"))
        .map(line -> new IceCandidateInit(line.substring(2), null, 0, null))
        .forEach(candidatesOfDescriptions::add);
    return withoutCandidates(sdp);
  }

  private static String withoutCandidates(String sdp) {
    return sdp.replaceAll("a=(candidate:.*|end-of-candidates)\r\n", "");
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
    forget();
    await(
        "content both ways",
        () ->
            (!remote.sends() || own.received().hasAll(kinds, remote.toneHertz()))
                && (!remote.receives() || there().hasAll(kinds, CodedMedia.TONE_HERTZ)),
        this::received);
    if (remote.receives()) {
      Set<Integer> seen = there().codes();
      assertThat(own.painted()).as("the codes sent").containsAll(seen);
      if (kinds.contains(MediaKind.VIDEO)) {
        assertThat(seen)
            .as("codes of pictures sent since")
            .anyMatch(code -> !painted.contains(code));
      }
    }
  }

  /** What the other side sees and hears; of one that sends all back, what comes back. */
  private ReceivedContent there() {
    return remote.sendsBack() ? own.received() : remote.received();
  }

  private void forget() {
    own.forget();
    remote.forget();
  }

  private String received() {
    return "here: %s%nthere: %s".formatted(own.received(), there());
  }

  /** Forgets the picture where it comes, here or there, and has whoever lost it ask for another. */
  void requestPicture() {
    if (remote.sends()) {
      own.requestPicture();
    } else {
      remote.requestPicture();
    }
  }

  /** Waits for the connection, and from then on for a code of a picture, as long as is said. */
  void awaitFirstPicture(Duration limit) {
    awaitConnection();
    awaitPicture(Set.of(), limit);
  }

  private void awaitConnection() {
    await(
        "a connection",
        () -> own.state() == PeerConnectionState.CONNECTED,
        () -> "it is " + own.state());
  }

  /** Waits for a picture on each side that has one to see, there for one that is not of before. */
  private void awaitPicture(Set<Integer> before, Duration limit) {
    await(
        "a picture",
        limit,
        () ->
            (!remote.sends() || !own.received().codes().isEmpty())
                && (!remote.receives() || !before.containsAll(there().codes())),
        this::received);
  }

  /** Waits for the connection, and then for a time in which nothing comes. */
  void awaitIdleConnection(Duration time) {
    awaitConnection();
    forget();
    pass(time);
    assertThat(own.received().frames()).as("pictures before they are sent").isZero();
    assertThat(there().frames()).as("pictures before they are sent").isZero();
  }

  /** Lets a time pass, and carries candidates. */
  void pass(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    await("that time", () -> System.nanoTime() - end >= 0, () -> "it passes still");
  }

  /**
   * Lets the path's delay grow and then be as before, and waits for pictures that were sent after
   * that, as long as is said.
   */
  void jam(Duration limit) {
    EmulatedPath jammed = path.orElseThrow().path();
    PathConditions good = PathConditions.good();
    long steps = JAM.dividedBy(JAM_STEP);
    Duration more = JAMMED_DELAY.minus(good.leastDelay()).dividedBy(steps);
    for (int i = 1; i <= steps; i++) {
      Duration delay = good.leastDelay().plus(more.multipliedBy(i));
      jammed.setConditions(good.withJitter(delay, delay, PathConditions.Jitter.DRIFTING));
      pass(JAM_STEP);
    }
    jammed.setConditions(good);
    long clear = System.nanoTime();
    Set<Integer> painted = own.painted();
    // By then all that was on the way has arrived.
    pass(JAMMED_DELAY);
    forget();
    awaitPicture(painted, limit.minusNanos(System.nanoTime() - clear));
  }

  /** Waits for a stretch with the other's tone, on both sides, and with no picture at all. */
  void awaitSoundAlone() {
    forget();
    await(
        "sound without a picture",
        () -> {
          if (own.received().frames() > 0 || there().frames() > 0) {
            // The last of them were still under way.
            forget();
          }
          return own.receivedSamples() >= SOUND_ALONE_SAMPLES
              && own.received().hasTone(remote.toneHertz())
              && there().hasTone(CodedMedia.TONE_HERTZ)
              && there().frames() == 0;
        },
        this::received);
  }

  /** Waits for the other's picture and tone here, while neither comes there any more. */
  void awaitContentHereAlone(Set<MediaKind> kinds) {
    forget();
    await(
        "content here alone",
        () -> {
          if (remote.received().frames() > 0 || remote.received().hasTone(CodedMedia.TONE_HERTZ)) {
            // The last of it was still under way.
            forget();
          }
          return own.received().hasAll(kinds, remote.toneHertz());
        },
        this::received);
  }

  /** Waits for our picture and tone there, while neither comes here any more. */
  void awaitContentThereAlone(Set<MediaKind> kinds) {
    forget();
    await(
        "content there alone",
        () -> {
          if (own.received().frames() > 0 || own.receivedSamples() > 0) {
            // The last of it was still under way.
            forget();
          }
          return remote.received().hasAll(kinds, CodedMedia.TONE_HERTZ);
        },
        this::received);
  }

  /** Waits until nothing has come for a while, on both sides. */
  void awaitSilence() {
    forget();
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
            forget();
            quietSinceNanos[0] = System.nanoTime();
          }
          return System.nanoTime() - quietSinceNanos[0] >= SILENCE.toNanos();
        },
        this::received);
  }

  /** Carries candidates until a condition holds; fails the test where it does not come to hold. */
  void await(String what, BooleanSupplier condition, Supplier<String> state) {
    await(what, LIMIT, condition, state);
  }

  private void await(
      String what, Duration limit, BooleanSupplier condition, Supplier<String> state) {
    long begun = System.nanoTime();
    while (true) {
      carryCandidates();
      if (condition.getAsBoolean()) {
        return;
      }
      long now = System.nanoTime();
      if (own.state() == PeerConnectionState.FAILED
          || now - deadline > 0
          || now - begun > limit.toNanos()) {
        throw new AssertionError(
            "%s: not within %.1f s%n%s%n%n--- we say%n%s%n%n--- the other side says%n%s"
                .formatted(
                    what,
                    (now - begun) / 1e9,
                    state.get(),
                    own.troubles(),
                    remote.troubles().toPrettyString()));
      }
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  private void carryCandidates() {
    List<IceCandidateInit> ofRemote = new ArrayList<>(candidatesOfDescriptions);
    candidatesOfDescriptions.clear();
    ofRemote.addAll(remote.takeCandidates());
    for (IceCandidateInit candidate : own.takeCandidates()) {
      onPath(candidate, Offerer.WE).ifPresent(remote::addCandidate);
    }
    for (IceCandidateInit candidate : ofRemote) {
      onPath(candidate, Offerer.REMOTE).ifPresent(own::addCandidate);
    }
  }

  /** What is shown of a candidate of one side to the other. */
  private Optional<IceCandidateInit> onPath(IceCandidateInit candidate, Offerer side) {
    if (path.isEmpty()) {
      return Optional.of(candidate);
    }
    try {
      String line = candidate.candidate();
      Optional<String> shown =
          side == Offerer.WE ? path.get().showSenders(line) : path.get().showReceivers(line);
      return shown.map(
          changed ->
              new IceCandidateInit(
                  changed,
                  candidate.sdpMid(),
                  candidate.sdpMLineIndex(),
                  candidate.usernameFragment()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      own.close();
    } finally {
      if (path.isPresent()) {
        path.get().close();
      }
    }
  }
}
