package org.heliograph.agent.call;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.IceCandidate;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.signaling.Signaler;
import org.heliograph.signaling.SignalingException;

/** One side's calls with everything around them in the test's hands; its name is {@code me}. */
final class Side implements AutoCloseable {
  static final String ME = "me";
  static final String PEER = "peer";
  static final CallMedia BOTH = CallMedia.AUDIO_AND_VIDEO;
  static final CallMedia AUDIO = new CallMedia(true, false);
  static final Duration RING = Duration.ofSeconds(45);
  static final Duration CONNECT = Duration.ofSeconds(30);
  static final Duration ABANDONED = Duration.ofSeconds(20);

  final FakeDevices devices = new FakeDevices();
  final FakeConnections connections = new FakeConnections();
  final ManualTimers timers = new ManualTimers();
  final BlockingQueue<CallEvent> events = new LinkedBlockingQueue<>();
  final BlockingQueue<Envelope> sent = new LinkedBlockingQueue<>();
  final Calls calls;
  volatile String unavailable;
  volatile boolean congested;

  Side() {
    this(4);
  }

  Side(int maxCalls) {
    this(maxCalls, Optional.empty());
  }

  Side(int maxCalls, Optional<RecordingDirectory> recordings) {
    Calls.Settings settings =
        new Calls.Settings(
            ME,
            true,
            maxCalls,
            RING,
            RingLimit.RINGS,
            CONNECT,
            ABANDONED,
            32_000,
            1_000_000,
            recordings);
    calls = new Calls(settings, devices, connections, new Recorder(), events::add, timers);
    calls.open();
  }

  private final class Recorder implements Signaler {
    @Override
    public void start(Receiver receiver) {}

    @Override
    public void send(Envelope envelope) throws SignalingException {
      if (congested) {
        throw new SignalingException("Too much waits.");
      }
      sent.add(envelope);
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.ofNullable(unavailable);
    }

    @Override
    public void close() {}
  }

  /** Hands in what the peer sent and waits until it is handled. */
  void receive(String channel, SignalPayload payload) throws EnvelopeException {
    receiveFrom(PEER, channel, payload);
  }

  void receiveFrom(String from, String channel, SignalPayload payload) throws EnvelopeException {
    try {
      calls
          .receive(new Envelope(channel, from, ME, payload))
          .orTimeout(10, TimeUnit.SECONDS)
          .join();
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof EnvelopeException refused) {
        throw refused;
      }
      throw failure;
    }
  }

  /** The next envelope that was sent, which must be of a type. */
  <T extends SignalPayload> T sent(Class<T> type) throws InterruptedException {
    Envelope envelope = sent.poll(10, TimeUnit.SECONDS);
    if (envelope == null) {
      throw new AssertionError("nothing was sent, but " + type.getSimpleName() + " was expected");
    }
    return type.cast(envelope.payload());
  }

  /** The next event of a type; others are passed over. */
  <T extends CallEvent> T event(Class<T> type) throws InterruptedException {
    while (true) {
      CallEvent event = events.poll(10, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event " + type.getSimpleName());
      }
      if (type.isInstance(event)) {
        return type.cast(event);
      }
    }
  }

  CallSnapshot state(String wanted) throws InterruptedException {
    while (true) {
      CallSnapshot snapshot = event(CallEvent.State.class).call();
      if (snapshot.state().equals(wanted)) {
        return snapshot;
      }
    }
  }

  /** Waits until everything that is queued on the loop by now is done. */
  void settle() {
    await(calls.active());
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** What a future fails with. */
  static CallException refusal(CompletableFuture<?> future) {
    try {
      await(future);
    } catch (CompletionException failure) {
      if (failure.getCause() instanceof CallException refused) {
        return refused;
      }
      throw failure;
    }
    throw new AssertionError("it was not refused");
  }

  // The usual ways into a state.

  void ringOut(String channel, CallMedia media) throws InterruptedException {
    await(calls.start(channel, PEER, media, false));
    sent(SignalPayload.CallRequest.class);
  }

  FakeConnections.Connection connectOut(String channel, CallMedia media) throws Exception {
    ringOut(channel, media);
    receive(channel, new SignalPayload.CallAck());
    sent(SignalPayload.CallOffer.class);
    sent(SignalPayload.Candidate.class);
    receive(channel, new SignalPayload.CallAnswer("answer"));
    FakeConnections.Connection connection = connections.next();
    connection.become(PeerConnectionState.CONNECTED);
    state("connected");
    return connection;
  }

  FakeConnections.Connection connectIn(String channel, CallMedia media) throws Exception {
    receive(channel, new SignalPayload.CallRequest(media));
    await(calls.accept(channel, PEER, Optional.empty(), false));
    sent(SignalPayload.CallAck.class);
    receive(channel, new SignalPayload.CallOffer("offer"));
    sent(SignalPayload.CallAnswer.class);
    sent(SignalPayload.Candidate.class);
    FakeConnections.Connection connection = connections.next();
    connection.become(PeerConnectionState.CONNECTED);
    state("connected");
    return connection;
  }

  static SignalPayload.Candidate candidate(String text) {
    return new SignalPayload.Candidate(new IceCandidate(text, "0", 0, null));
  }

  @Override
  public void close() {
    calls.close();
  }
}
