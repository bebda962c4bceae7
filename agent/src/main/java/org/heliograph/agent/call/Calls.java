package org.heliograph.agent.call;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.heliograph.agent.loopback.LoopbackConnections;
import org.heliograph.media.Devices;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.Stats;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.record.RecordingStatus;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.ContentHint;
import org.heliograph.session.TrackId;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.signaling.Signaler;
import org.heliograph.signaling.SignalingException;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every call of this agent. Its methods may be called from any thread and never block; they hand
 * their work to one loop, on which all calls live, so that two things never happen to calls at
 * once. Futures fail with {@link CallException} (what the page asked) or {@link EnvelopeException}
 * (what the other side sent).
 */
public final class Calls implements Signaler.Receiver, AutoCloseable {
  /**
   * What calls are set up with.
   *
   * @param ringsPerMinute how often a peer may ring here; all together six times as often
   * @param connectTimeout how long a call waits for a description that can be used; from that on
   *     the connection looks for a path as long by itself, and says why it found none
   * @param abandonedAfter how long a call goes on when nobody follows it any more; zero for ever
   */
  public record Settings(
      String ownName,
      boolean enabled,
      int maxCalls,
      Duration ringTimeout,
      int ringsPerMinute,
      Duration connectTimeout,
      Duration abandonedAfter,
      int audioBitsPerSecond,
      int videoBitsPerSecond,
      Optional<RecordingDirectory> recordings) {
    /** Without recording, and for calls that go on without followers. */
    public Settings(
        String ownName,
        boolean enabled,
        int maxCalls,
        Duration ringTimeout,
        Duration connectTimeout,
        int audioBitsPerSecond,
        int videoBitsPerSecond) {
      this(
          ownName,
          enabled,
          maxCalls,
          ringTimeout,
          RingLimit.RINGS,
          connectTimeout,
          Duration.ZERO,
          audioBitsPerSecond,
          videoBitsPerSecond,
          Optional.empty());
    }
  }

  /**
   * What became of a wish to call or to accept.
   *
   * @param status {@code started} or {@code accepted}; a start is accepted where the same peer was
   *     calling already
   * @param channelId the call that it is about
   */
  public record Answer(String status, String channelId) {}

  private static final Logger log = LoggerFactory.getLogger(Calls.class);

  /** So many callers may ring here at a time, each once. */
  static final int RINGING_LIMIT = 8;

  private static final RepeatedLog repeated = new RepeatedLog(log);
  private static final Duration LONGEST_CLOSE = Duration.ofSeconds(5);

  private volatile Settings settings;
  private final Devices devices;
  private final Sessions sessions;
  private final Signaler signaler;
  private final Timers timers;
  private final Consumer<CallEvent> events;
  private final Call.Host host = new Host();

  private final ExecutorService blocking =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("heliograph-device-", 0).factory());
  private final ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
  private final SerialExecutor loop = new SerialExecutor(virtual);

  /** Written on the loop only; read anywhere. */
  private final Map<String, Call> calls = new ConcurrentHashMap<>();

  private final UsedChannels used = new UsedChannels();
  private final RingLimit ringLimit;
  private final Followers followers;
  private final Map<Call, CompletableFuture<Void>> beingFreed = new ConcurrentHashMap<>();
  private boolean closing;
  private boolean available = true;

  /** The wish of a peer to call. */
  private record Request(String channelId, String peer, CallMedia media) {}

  public Calls(
      Settings settings,
      Devices devices,
      Sessions sessions,
      Signaler signaler,
      Consumer<CallEvent> events) {
    this(settings, devices, sessions, signaler, events, Timers.real());
  }

  Calls(
      Settings settings,
      Devices devices,
      Sessions sessions,
      Signaler signaler,
      Consumer<CallEvent> events,
      Timers timers) {
    this.settings = settings;
    this.devices = devices;
    this.sessions = sessions;
    this.signaler = signaler;
    this.events = events;
    this.timers = timers;
    this.ringLimit = new RingLimit(settings.ringsPerMinute(), timers::nanoTime);
    this.followers =
        new Followers(
            calls.values(), () -> this.settings.abandonedAfter(), timers, loop, this::abandoned);
  }

  /**
   * Lets other settings hold for calls that begin from now on; how long a call goes on without
   * followers holds for all.
   *
   * @throws IllegalArgumentException if the own name is another: the other side knows the old one
   */
  public void reconfigure(Settings changed) {
    if (!changed.ownName().equals(settings.ownName())) {
      throw new IllegalArgumentException("an agent keeps its name");
    }
    settings = changed;
    loop.execute(followers::watch);
  }

  /** Whether calls are made here at all. */
  public boolean enabled() {
    return settings.enabled();
  }

  /** Whether there is no call, and none that is over still holds anything; from any thread. */
  public boolean isIdle() {
    return calls.isEmpty() && beingFreed.isEmpty();
  }

  private Call.Settings callSettings() {
    return new Call.Settings(
        settings.ringTimeout(),
        settings.connectTimeout(),
        settings.audioBitsPerSecond(),
        settings.videoBitsPerSecond(),
        settings.recordings());
  }

  /** Begins to take what the signaler brings. */
  public void open() {
    signaler.start(this);
  }

  // --- What the page asks -----------------------------------------------------------------------

  /**
   * Calls a peer. Where that peer is calling already, its call is accepted instead.
   *
   * @param send what this side sends of it at first; the rest may be switched on during the call
   * @param optional whether to go on, receiving only, where a device cannot be opened
   */
  public CompletableFuture<Answer> start(
      String channelId, String peer, CallMedia media, CallMedia send, boolean optional) {
    return ask(
        () -> {
          checkMayStart(channelId, peer);
          checkRoom();
          Optional<Call> theirs = ringingFrom(peer);
          if (theirs.isPresent()) {
            Call call = theirs.get();
            return call.accept(send, optional)
                .thenApply(_ -> new Answer("accepted", call.channelId()));
          }
          checkChannelIsNew(channelId, peer);
          Optional<String> unavailable = signaler.unavailable();
          if (unavailable.isPresent()) {
            throw new CallException(
                CallException.Code.SIGNALING_UNAVAILABLE,
                unavailable.get(),
                "Try again in a moment.");
          }
          Call call =
              Call.outgoing(host, callSettings(), devices, sessions, channelId, peer, media);
          add(call);
          return call.start(send, optional).handle((_, failure) -> startOutcome(call, failure));
        });
  }

  /** Calls a peer, and sends all of the call's media. */
  public CompletableFuture<Answer> start(
      String channelId, String peer, CallMedia media, boolean optional) {
    return start(channelId, peer, media, media, optional);
  }

  private void checkMayStart(String channelId, String peer) throws CallException {
    if (!settings.enabled()) {
      throw new CallException(
          CallException.Code.CALLS_DISABLED,
          "Calls are switched off in this agent.",
          "Set calls.enabled = true in the configuration.");
    }
    if (closing) {
      throw new CallException(
          CallException.Code.CALLS_DISABLED, "The agent is stopping.", "Start it again.");
    }
    if (peer.equals(settings.ownName())) {
      throw new CallException(
          CallException.Code.WRONG_PEER,
          "\"" + peer + "\" is this agent's own name.",
          "Call another peer.");
    }
    Call existing = calls.get(channelId);
    if (existing != null && !(existing.awaitsDecision() && existing.peer().equals(peer))) {
      throw new CallException(
          CallException.Code.CALL_EXISTS,
          "A call of this channel_id exists already; it is " + existing.state().wireName() + ".",
          "Choose a new channel_id for each call.");
    }
  }

  /** How many calls the user has; one that rings here is none, or others could take them all. */
  private long ownCalls() {
    return calls.values().stream().filter(call -> !call.awaitsDecision()).count();
  }

  private void checkRoom() throws CallException {
    long own = ownCalls();
    if (own >= settings.maxCalls()) {
      throw new CallException(
          CallException.Code.TOO_MANY_CALLS,
          "There are " + own + " calls already, which is the limit.",
          "Hang up another call, or raise calls.max in the configuration.");
    }
  }

  private void checkChannelIsNew(String channelId, String peer) throws CallException {
    if (used.contains(peer, channelId)) {
      throw new CallException(
          CallException.Code.CHANNEL_USED,
          "A call of this channel_id is over already.",
          "Choose a new channel_id for each call.");
    }
  }

  private Answer startOutcome(Call call, Throwable failure) {
    if (failure == null) {
      return new Answer("started", call.channelId());
    }
    if (call.replacedBy() != null) {
      return new Answer("accepted", call.replacedBy());
    }
    if (Call.unwrap(failure) instanceof CallException cause) {
      call.endUnsent(cause);
    } else {
      call.end(EndReason.DEVICE, null);
    }
    throw new CompletionException(Call.unwrap(failure));
  }

  private Optional<Call> ringingFrom(String peer) {
    return calls.values().stream()
        .filter(call -> call.peer().equals(peer) && call.awaitsDecision())
        .min(Comparator.comparing(Call::channelId));
  }

  /**
   * Accepts an incoming call.
   *
   * @param media what to send; empty for all that the caller proposes
   * @param optional whether to go on, receiving only, where a device cannot be opened
   */
  public CompletableFuture<Answer> accept(
      String channelId, String peer, Optional<CallMedia> media, boolean optional) {
    return ask(
        () -> {
          Call call = known(channelId);
          if (!call.peer().equals(peer)) {
            throw new CallException(
                CallException.Code.WRONG_PEER,
                "The call is with \"" + call.peer() + "\", not with \"" + peer + "\".",
                "");
          }
          checkAwaitsDecision(call);
          checkRoom();
          return call.accept(media.orElse(call.proposedMedia()), optional)
              .thenApply(_ -> new Answer("accepted", channelId));
        });
  }

  /**
   * Rejects an incoming call.
   *
   * @param reason what the caller is told
   */
  public CompletableFuture<Void> reject(String channelId, String reason) {
    return ask(
        () -> {
          Call call = known(channelId);
          checkAwaitsDecision(call);
          call.reject(reason);
          return CompletableFuture.completedFuture(null);
        });
  }

  private void checkAwaitsDecision(Call call) throws CallException {
    if (!call.awaitsDecision()) {
      throw new CallException(
          CallException.Code.WRONG_STATE,
          call.isOutgoing()
              ? "The call is an outgoing one."
              : "The call has been accepted already; it is " + call.state().wireName() + ".",
          "Only an incoming call that rings can be accepted or rejected.");
    }
  }

  /** Ends a call, whatever its state. */
  public CompletableFuture<Void> hangUp(String channelId) {
    return ask(
        () -> {
          known(channelId).hangUp();
          return CompletableFuture.completedFuture(null);
        });
  }

  /** Mutes or unmutes the microphone; empty flips. Gives what holds then. */
  public CompletableFuture<Boolean> setMuted(String channelId, Optional<Boolean> muted) {
    return ask(() -> known(channelId).setMuted(muted.orElse(null)));
  }

  /** Switches the camera off or on; empty flips. Gives what holds then. */
  public CompletableFuture<Boolean> setDisabled(String channelId, Optional<Boolean> disabled) {
    return ask(() -> known(channelId).setDisabled(disabled.orElse(null)));
  }

  /** Every call there is. */
  public CompletableFuture<List<CallSnapshot>> active() {
    return ask(() -> CompletableFuture.completedFuture(inOrder().map(Call::snapshot).toList()));
  }

  /**
   * Tells a newcomer how every call stands and subscribes it, with nothing lost or told twice
   * between the two. Of a call that rings here it hears as those did who were there when it began.
   */
  public CompletableFuture<Void> catchUp(Consumer<List<CallEvent>> newcomer) {
    return ask(
        () -> {
          newcomer.accept(inOrder().flatMap(Calls::standing).toList());
          return CompletableFuture.completedFuture(null);
        });
  }

  private static Stream<CallEvent> standing(Call call) {
    CallSnapshot snapshot = call.snapshot();
    CallEvent state = new CallEvent.State(snapshot);
    return call.awaitsDecision()
        ? Stream.of(state, new CallEvent.Incoming(snapshot, true))
        : Stream.of(state);
  }

  private Stream<Call> inOrder() {
    return calls.values().stream()
        .sorted(Comparator.comparing((Call call) -> call.snapshot().startedAt()));
  }

  /** A call's W3C webrtc-stats objects. */
  public CompletableFuture<List<Stats>> stats(String channelId) {
    return ask(() -> known(channelId).stats());
  }

  /**
   * Begins to record what both sides of a call send.
   *
   * @param fileName a {@linkplain RecordingDirectory#isFileName name} for the file; empty for the
   *     time and the peer's name
   */
  public CompletableFuture<RecordingStatus> startRecording(
      String channelId, Optional<String> fileName) {
    return ask(() -> known(channelId).startRecording(fileName));
  }

  /** Ends a call's recording; completes when its file is complete. */
  public CompletableFuture<RecordingStatus> stopRecording(String channelId) {
    return ask(() -> known(channelId).recorder().stop());
  }

  /** How a call's recording stands, or how its last one ended. */
  public CompletableFuture<RecordingStatus> recording(String channelId) {
    return ask(() -> CompletableFuture.completedFuture(known(channelId).recorder().status()));
  }

  /** Whether there is such a call; from any thread, at once. */
  public boolean exists(String channelId) {
    return calls.containsKey(channelId);
  }

  /** Adds a track of this side to a call; gives it when its device is open. */
  public CompletableFuture<CallSnapshot.Track> addTrack(
      String channelId, TrackSource source, ContentHint hint, Optional<String> name) {
    return ask(() -> known(channelId).addTrack(source, hint, name));
  }

  /** Takes a track that was added out of a call; done when its device is closed. */
  public CompletableFuture<Void> removeTrack(String channelId, TrackId track) {
    return ask(() -> known(channelId).removeTrack(track));
  }

  /** One track of a call: a received one, or the view of an own picture. */
  public Optional<MediaRelay> trackRelay(String channelId, TrackId track) {
    return Optional.ofNullable(calls.get(channelId)).flatMap(call -> call.relay(track));
  }

  /** What a call's other side sends. */
  public Optional<MediaRelay> remoteRelay(String channelId) {
    return Optional.ofNullable(calls.get(channelId)).map(Call::remote);
  }

  /** A call's own picture. */
  public Optional<MediaRelay> selfRelay(String channelId) {
    return Optional.ofNullable(calls.get(channelId)).map(Call::self);
  }

  /** A call's connections to pages that have packets forwarded to them. */
  public Optional<LoopbackConnections> loopback(String channelId) {
    return Optional.ofNullable(calls.get(channelId)).map(Call::loopback);
  }

  private Call known(String channelId) throws CallException {
    Call call = calls.get(channelId);
    if (call == null) {
      throw new CallException(
          CallException.Code.UNKNOWN_CALL,
          "There is no call of this channel_id, or it is over.",
          "GET /api/call/active lists every call.");
    }
    return call;
  }

  // --- What the other side sends ----------------------------------------------------------------

  @Override
  public CompletableFuture<Void> receive(Envelope envelope) {
    return ask(
        () -> {
          if (!envelope.to().equals(settings.ownName())) {
            throw new EnvelopeException(
                EnvelopeException.Code.WRONG_RECEIVER,
                "This is \"" + settings.ownName() + "\", not \"" + envelope.to() + "\".");
          }
          if (envelope.payload() instanceof SignalPayload.CallRequest(CallMedia media)) {
            requested(envelope.channelId(), envelope.from(), media);
            return CompletableFuture.completedFuture(null);
          }
          Call call = calls.get(envelope.channelId());
          if (call == null) {
            return receivedForNoCall(envelope);
          }
          checkSender(envelope, call);
          return call.receive(envelope.payload());
        });
  }

  private CompletableFuture<Void> receivedForNoCall(Envelope envelope) throws EnvelopeException {
    if (envelope.payload() instanceof SignalPayload.CallHangup) {
      // Remembered even where its request never came: it may come yet, and must not ring then.
      used.add(envelope.from(), envelope.channelId());
    } else if (!used.contains(envelope.from(), envelope.channelId())
        && !(envelope.payload() instanceof SignalPayload.CallError)) {
      throw new EnvelopeException(
          EnvelopeException.Code.UNKNOWN_CALL, "There is no call of this channel_id.");
    }
    return CompletableFuture.completedFuture(null);
  }

  private static void checkSender(Envelope envelope, Call call) throws EnvelopeException {
    if (!envelope.from().equals(call.peer())) {
      throw new EnvelopeException(
          EnvelopeException.Code.WRONG_SENDER, "The sender is not the call's peer.");
    }
  }

  private void requested(String channelId, String from, CallMedia media) throws EnvelopeException {
    Call existing = calls.get(channelId);
    if (existing != null) {
      if (!existing.peer().equals(from)) {
        throw new EnvelopeException(
            EnvelopeException.Code.WRONG_SENDER, "The sender is not the call's peer.");
      }
      requestedAgain(existing, media);
      return;
    }
    if (used.contains(from, channelId)) {
      throw new EnvelopeException(
          EnvelopeException.Code.CHANNEL_USED,
          "A call of this channel_id is over already; choose a new one for each call.");
    }
    Request request = new Request(channelId, from, media);
    if (!settings.enabled() || closing) {
      turnAway(request, "rejected");
      return;
    }
    Optional<Call> ours = outgoingTo(from);
    if (ours.isPresent()) {
      resolveGlare(ours.get(), request);
    } else {
      ring(request);
    }
  }

  /** A peer rings here once at a time: who asks again, as after a reload, means that call. */
  private void ring(Request request) {
    Optional<Call> before = ringingFrom(request.peer());
    Optional<String> obstacle = whyBusy(request.peer(), before.isPresent());
    if (obstacle.isPresent()) {
      repeated.info(
          request.peer(),
          "turned away",
          "Turned away a call from " + request.peer() + ": " + obstacle.get());
      turnAway(request, "busy");
      return;
    }
    Call call = addIncoming(request);
    before.ifPresent(
        older -> {
          followers.replaced(older, call);
          older.cancelFor(call.channelId());
        });
    call.ringHere();
  }

  private Optional<String> whyBusy(String peer, boolean ringsAlready) {
    long own = ownCalls();
    if (own >= settings.maxCalls()) {
      return Optional.of("there are " + own + " calls already");
    }
    long ringing = calls.size() - own;
    if (!ringsAlready && ringing >= RINGING_LIMIT) {
      return Optional.of(ringing + " others ring already");
    }
    return ringLimit.tryRing(peer)
        ? Optional.empty()
        : Optional.of("it rings more than " + ringLimit.ofPeer() + " times a minute, or many do");
  }

  /**
   * The same request twice, or both sides calling under one name: then the smaller name is the
   * caller, which both sides know without asking.
   */
  private void requestedAgain(Call call, CallMedia media) {
    boolean bothCall = call.isOutgoing() && call.state() == CallState.RINGING;
    if (bothCall && call.peer().compareTo(settings.ownName()) < 0) {
      log.info(
          "Call {}: {} called at the same moment and is the caller", call.channelId(), call.peer());
      call.yieldTo(media);
    }
  }

  private Optional<Call> outgoingTo(String peer) {
    return calls.values().stream()
        .filter(
            call ->
                call.isOutgoing() && call.peer().equals(peer) && call.state() == CallState.RINGING)
        .findFirst();
  }

  /**
   * Both sides call each other under two names: the smaller channel_id goes on, which both sides
   * know without asking; one that the other side has not heard of yet never does.
   */
  private void resolveGlare(Call ours, Request theirs) {
    if (ours.isRequestSent() && ours.channelId().compareTo(theirs.channelId()) < 0) {
      repeated.info(
          ours.peer(),
          "glare",
          "Call %s: %s called at the same moment; ours goes on"
              .formatted(ours.channelId(), ours.peer()));
      used.add(theirs.peer(), theirs.channelId());
      return;
    }
    log.info(
        "Call {}: {} called at the same moment; theirs goes on", ours.channelId(), ours.peer());
    Call call = addIncoming(theirs);
    followers.replaced(ours, call);
    // The new call opens its devices before the old one lets go of them: the camera stays on.
    var _ =
        call.accept(ours.wanted(), true)
            .exceptionally(
                failure -> {
                  if (call.state() != CallState.ENDED) {
                    log.warn("Call {} cannot be accepted", call.channelId(), Call.unwrap(failure));
                    call.reject("rejected");
                  }
                  return null;
                });
    ours.endReplacedBy(call.channelId());
  }

  private Call addIncoming(Request request) {
    Call call =
        Call.incoming(
            host,
            callSettings(),
            devices,
            sessions,
            request.channelId(),
            request.peer(),
            request.media());
    add(call);
    return call;
  }

  private void add(Call call) {
    calls.put(call.channelId(), call);
    followers.began(call);
  }

  private void turnAway(Request request, String reason) {
    used.add(request.peer(), request.channelId());
    try {
      signaler.send(
          new Envelope(
              request.channelId(),
              settings.ownName(),
              request.peer(),
              new SignalPayload.CallHangup(reason)));
    } catch (SignalingException unsendable) {
      log.debug("{} cannot be told: {}", request.peer(), unsendable.getMessage());
    }
  }

  @Override
  public void undeliverable(String channelId, String to) {
    loop.execute(
        () -> {
          Call call = calls.get(channelId);
          if (call != null && call.peer().equals(to)) {
            call.undeliverable();
          }
        });
  }

  @Override
  public void availability(boolean nowAvailable) {
    loop.execute(
        () -> {
          if (available && !nowAvailable) {
            events.accept(
                new CallEvent.Failure(
                    null,
                    "signaling_unavailable",
                    "The connection to the rendezvous is lost.",
                    "Calls that are up go on; it is tried again by itself.",
                    null));
          }
          available = nowAvailable;
        });
  }

  // --- Who is there -----------------------------------------------------------------------------

  /**
   * Somebody follows calls from now on: a page, an app, a command; from any thread.
   *
   * @return to be run once, when that is over
   */
  public Runnable follow() {
    loop.execute(followers::came);
    return () -> loop.execute(followers::went);
  }

  private void abandoned(Call call) {
    if (call.awaitsDecision()) {
      return; // It rings for as long as it may, and nobody has been let in.
    }
    log.warn(
        "Call {}: no page, app or command has followed it for {} s (calls.abandoned_seconds);"
            + " hanging up",
        call.channelId(),
        settings.abandonedAfter().toSeconds());
    call.end(EndReason.ABANDONED, "hung_up");
  }

  // --- The end ----------------------------------------------------------------------------------

  /** Hangs up every call, and returns when all that they held is free. */
  @Override
  public void close() {
    CompletableFuture<Void> ended =
        ask(
            () -> {
              closing = true;
              List.copyOf(calls.values()).forEach(call -> call.end(EndReason.SHUTDOWN, "hung_up"));
              return CompletableFuture.completedFuture(null);
            });
    try {
      ended.get(LONGEST_CLOSE.toSeconds(), TimeUnit.SECONDS);
      freed().get(LONGEST_CLOSE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException slow) {
      log.warn("Not everything that calls held could be freed in time", slow);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    timers.close();
    blocking.shutdown();
  }

  /** Completes when every call that is over by now holds nothing any more. */
  CompletableFuture<Void> freed() {
    return CompletableFuture.allOf(beingFreed.values().toArray(CompletableFuture[]::new));
  }

  // --- The loop ---------------------------------------------------------------------------------

  private interface Step<T> {
    CompletableFuture<T> run() throws CallException, EnvelopeException;
  }

  /** Runs a step on the loop. What comes of it completes the future, unwrapped. */
  private <T> CompletableFuture<T> ask(Step<T> step) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            var _ =
                step.run()
                    .whenComplete(
                        (value, failure) -> {
                          if (failure == null) {
                            answer.complete(value);
                          } else {
                            answer.completeExceptionally(Call.unwrap(failure));
                          }
                        });
          } catch (CallException | EnvelopeException | RuntimeException refused) {
            answer.completeExceptionally(refused);
          }
        });
    return answer;
  }

  private final class Host implements Call.Host {
    @Override
    public boolean isOnThisMachine(String peer) {
      return signaler.isOnThisMachine(peer);
    }

    @Override
    public void send(Call call, SignalPayload payload) {
      try {
        signaler.send(new Envelope(call.channelId(), settings.ownName(), call.peer(), payload));
      } catch (SignalingException unsendable) {
        log.warn("Call {}: {}", call.channelId(), unsendable.getMessage());
        loop.execute(() -> call.unsendable(unsendable.getMessage()));
      }
    }

    @Override
    public void emit(CallEvent event) {
      events.accept(event);
    }

    @Override
    public void ended(Call call, CompletableFuture<Void> freed) {
      calls.remove(call.channelId(), call);
      followers.ended(call);
      used.add(call.peer(), call.channelId());
      beingFreed.put(call, freed);
      CompletableFuture<Void> forgotten =
          freed.whenComplete((_, failure) -> beingFreed.remove(call));
      // Who waits for all of them finds none left afterwards.
      beingFreed.computeIfPresent(call, (_, _) -> forgotten);
    }

    @Override
    public Runnable follow() {
      return Calls.this.follow();
    }

    @Override
    public Executor loop() {
      return loop;
    }

    @Override
    public Executor threads() {
      return blocking;
    }

    @Override
    public Timers timers() {
      return timers;
    }
  }
}
