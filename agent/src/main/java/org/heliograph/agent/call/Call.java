package org.heliograph.agent.call;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.heliograph.agent.loopback.LoopbackConnections;
import org.heliograph.media.Devices;
import org.heliograph.media.TrackSource;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.record.RecordingDirectory;
import org.heliograph.record.RecordingStatus;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.ContentHint;
import org.heliograph.session.DeviceException;
import org.heliograph.session.MediaSession;
import org.heliograph.session.RemoteTrack;
import org.heliograph.session.TrackId;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.IceCandidate;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.text.ForeignText;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: its state, and the glue between signalling, devices, connection and relays. Everything
 * but {@link #remote} and {@link #self} belongs to the calls' loop: it is only touched there, and
 * nothing there blocks. What blocks runs elsewhere and comes back to the loop with its outcome.
 */
final class Call {
  /** What a call needs of its surroundings. */
  interface Host {
    /** Sends to the call's peer. */
    void send(Call call, SignalPayload payload);

    void emit(CallEvent event);

    /** Whether a peer may be on this machine. */
    boolean isOnThisMachine(String peer);

    /** The call is over; {@code freed} completes when it holds nothing any more. */
    void ended(Call call, CompletableFuture<Void> freed);

    /** Somebody follows calls, until the result is run. */
    Runnable follow();

    /** The one thread at a time that calls live on. */
    Executor loop();

    /** Threads that may block. */
    Executor threads();

    Timers timers();
  }

  /** What does not differ between calls. */
  record Settings(
      Duration ringTimeout,
      Duration connectTimeout,
      int audioBitsPerSecond,
      int videoBitsPerSecond,
      Optional<RecordingDirectory> recordings) {}

  private static final Logger log = LoggerFactory.getLogger(Call.class);
  private static final String NO_DESCRIPTION =
      "The other side has not said in time how it can be reached. Perhaps its browser still asks"
          + " whether camera and microphone may be used.";
  private static final String NO_KEYS =
      "There is a way to the other side, but it has not agreed on keys in time (DTLS).";

  /** Beside camera and microphone; each costs an encoder. */
  static final int MAX_ADDED_TRACKS = 8;

  /** The connection itself gives up when its time is over; this is for one that does not. */
  static final Duration CONNECT_RESERVE = Duration.ofSeconds(2);

  private static final RepeatedLog repeated = new RepeatedLog(log);

  private final Host host;
  private final Settings settings;
  private final Sessions sessions;
  private final String channelId;
  private final String peer;
  private final Negotiation negotiation;
  private final MediaRelay remote;
  private final MediaRelay self;
  private final LoopbackConnections loopback = new LoopbackConnections(new PacketSource());
  private final OwnTracks local;
  private final RemoteMedia receivedMedia = new RemoteMedia();
  private final RemoteTracks received;
  private final CallRecorder recorder;
  private final QualityWatch qualityWatch;
  private final Instant startedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);

  private boolean incoming;
  private CallState state = CallState.RINGING;
  private CallMedia media;

  private boolean accepting;

  /** What was last told of the own devices. */
  private OwnMedia toldMedia;

  /** The own tracks of the last offer or answer, or of one that is to come. */
  private List<MediaSession.Section> offered = List.of();

  /** How many tracks were ever added; their names go by it. */
  private int addedTracks;

  private boolean requestSent;

  /** The other side called under the same name and is the caller; accept it once devices stand. */
  private boolean yielded;

  private EndReason endReason;
  private String endDetail;
  private String replacedBy;
  private Timers.Timer timer = () -> {};
  private Instant connectedAt;
  private List<RemoteTrack> receiving = List.of();

  private CompletableFuture<MediaSession> connection;
  private String connectionFailure;

  /** The connection once it is open, for threads that want a key frame of it. */
  private volatile MediaSession opened;

  /** Whether a page wants packets of it. */
  private volatile boolean packetsWanted;

  private boolean described;

  /** What is wrong with what the other side has said of itself; null before. */
  private String badDescription;

  /** What was last told of what the other side causes, by what it is about. */
  private final Map<String, String> toldFailures = new HashMap<>();

  private Call(
      Host host,
      Settings settings,
      Devices devices,
      Sessions sessions,
      String channelId,
      String peer,
      boolean incoming,
      CallMedia media) {
    this.host = host;
    this.settings = settings;
    this.sessions = sessions;
    this.channelId = channelId;
    this.peer = peer;
    this.incoming = incoming;
    this.media = media;
    this.negotiation = new Negotiation(new Negotiating(), host.loop());
    this.remote = new MediaRelay(this::requestRemoteKeyFrame);
    this.self = new MediaRelay(this::requestOwnKeyFrame);
    this.received = new RemoteTracks(remote, state.wireName(), receivedMedia);
    this.local =
        new OwnTracks(
            devices,
            self,
            new OwnMediaEvents(),
            host.threads(),
            host.loop(),
            settings.audioBitsPerSecond(),
            settings.videoBitsPerSecond());
    this.recorder =
        new CallRecorder(
            new Recorded(), settings.recordings(), channelId, peer, host.loop(), host.threads());
    this.qualityWatch =
        new QualityWatch(
            this::stats,
            quality -> host.emit(CallEvent.Quality.of(channelId, quality)),
            host.timers(),
            host.loop());
    received.state(state.wireName());
    local.state(state.wireName());
  }

  static Call outgoing(
      Host host,
      Settings settings,
      Devices devices,
      Sessions sessions,
      String channelId,
      String peer,
      CallMedia media) {
    return new Call(host, settings, devices, sessions, channelId, peer, false, media);
  }

  static Call incoming(
      Host host,
      Settings settings,
      Devices devices,
      Sessions sessions,
      String channelId,
      String peer,
      CallMedia media) {
    return new Call(host, settings, devices, sessions, channelId, peer, true, media);
  }

  String channelId() {
    return channelId;
  }

  String peer() {
    return peer;
  }

  /** What the other side sends. */
  MediaRelay remote() {
    return remote;
  }

  /** The own picture. */
  MediaRelay self() {
    return self;
  }

  /** The pages that have what the other side sends forwarded to them. */
  LoopbackConnections loopback() {
    return loopback;
  }

  CallState state() {
    return state;
  }

  /** What this side's user wants to send; none before an incoming call is accepted. */
  CallMedia wanted() {
    return new CallMedia(
        local.device(MediaKind.AUDIO).isWanted(), local.device(MediaKind.VIDEO).isWanted());
  }

  boolean isOutgoing() {
    return !incoming;
  }

  boolean isRequestSent() {
    return requestSent;
  }

  /** Whether the user may still accept or reject. */
  boolean awaitsDecision() {
    return state == CallState.RINGING && isUndecided();
  }

  private boolean isUndecided() {
    return incoming && state == CallState.RINGING && !accepting && !yielded;
  }

  /** The call that goes on instead of this one, or null. */
  String replacedBy() {
    return replacedBy;
  }

  CallSnapshot snapshot() {
    OwnMedia own = ownMedia();
    return new CallSnapshot(
        channelId,
        peer,
        state.wireName(),
        incoming,
        media,
        own.muted(),
        own.disabled(),
        own.local(),
        Kinds.of(receiving),
        tracks(),
        startedAt.toString(),
        connectedAt == null ? null : connectedAt.toString(),
        recorder.running().orElse(null));
  }

  /** What is told of the own devices: what the user wants of them, and what they are. */
  private record OwnMedia(
      boolean muted, boolean disabled, CallSnapshot.Local local, List<CallSnapshot.Track> tracks) {}

  private OwnMedia ownMedia() {
    return new OwnMedia(
        isOffByChoice(MediaKind.AUDIO),
        isOffByChoice(MediaKind.VIDEO),
        new CallSnapshot.Local(status(MediaKind.AUDIO), status(MediaKind.VIDEO)),
        tracks());
  }

  private String status(MediaKind kind) {
    return status(local.device(kind));
  }

  private static String status(OwnDevice device) {
    return device.status().name().toLowerCase(Locale.ROOT);
  }

  private List<CallSnapshot.Track> tracks() {
    return Stream.concat(
            ownTracks().map(Call::shown),
            receiving.stream()
                .map(
                    track ->
                        new CallSnapshot.Track(
                            track.id().value(),
                            track.kind().token(),
                            null,
                            "receive",
                            "on",
                            track.name().map(ForeignText::line).orElse(null))))
        .toList();
  }

  private static CallSnapshot.Track shown(OwnTrack track) {
    return new CallSnapshot.Track(
        track.id().value(),
        track.kind().token(),
        track.source().name(),
        "send",
        status(track.device()),
        track.name().orElse(null));
  }

  /** Those of the call's media, and those that were added. */
  private Stream<OwnTrack> ownTracks() {
    return Stream.concat(Kinds.of(media).stream().map(local::first), local.added().stream());
  }

  /** By the user's choice, who may have accepted without the kind. */
  private boolean isOffByChoice(MediaKind kind) {
    OwnDevice device = local.device(kind);
    boolean on = isUndecided() ? device.isChosenOn() : device.isWantedOn();
    return Kinds.has(media, kind) && !on;
  }

  // --- Setting up -------------------------------------------------------------------------------

  /**
   * The way of an outgoing call to its first ring: devices, then the request.
   *
   * @param send what of the call's media is sent at first
   * @param optional whether the call goes on, receiving only, where a device cannot be opened
   */
  CompletableFuture<Void> start(CallMedia send, boolean optional) {
    CompletableFuture<Void> opened = openDevices(send.and(media), optional);
    emitState();
    return opened.thenRun(
        () -> {
          if (yielded) {
            connectAsCallee();
          } else {
            ring();
          }
        });
  }

  private void ring() {
    requestSent = true;
    startTimer(settings.ringTimeout(), () -> end(EndReason.NO_ANSWER, "no_answer"));
    host.send(this, new SignalPayload.CallRequest(media));
  }

  /** An incoming call begins to ring here. */
  void ringHere() {
    toldMedia = ownMedia();
    host.emit(new CallEvent.Incoming(snapshot()));
    awaitDecision();
  }

  private void awaitDecision() {
    startTimer(settings.ringTimeout(), () -> end(EndReason.MISSED, "no_answer"));
  }

  /**
   * The way of an incoming call from the user's yes to the first step of the connection. Fails with
   * {@link CallException}, and rings on, where a device that is wanted cannot be opened.
   */
  CompletableFuture<Void> accept(CallMedia accepted, boolean optional) {
    accepting = true;
    timer.cancel();
    CompletableFuture<Void> done = new CompletableFuture<>();
    var _ =
        openDevices(accepted.and(media), optional)
            .whenComplete(
                (_, failure) -> {
                  accepting = false;
                  if (failure == null) {
                    connectAsCallee();
                    done.complete(null);
                  } else {
                    if (state == CallState.RINGING) {
                      awaitDecision();
                      tellOwnMedia();
                    }
                    done.completeExceptionally(unwrap(failure));
                  }
                });
    return done;
  }

  /** The media that an accept without any has: what the caller proposes. */
  CallMedia proposedMedia() {
    return media;
  }

  /**
   * Both sides called under one name, and the other one is the caller: this call turns into the
   * incoming one and is accepted with the media that it was started with.
   */
  void yieldTo(CallMedia callersMedia) {
    incoming = true;
    yielded = true;
    media = callersMedia;
    for (MediaKind kind : Kinds.of(wanted())) {
      if (!Kinds.has(callersMedia, kind)) {
        local.device(kind).release();
      }
    }
    if (requestSent) {
      connectAsCallee();
    }
  }

  /**
   * Opens the devices of some kinds, as far as the user has not switched them off. Fails with
   * {@link CallException} where one cannot be opened that is not optional, and leaves none open
   * then.
   */
  private CompletableFuture<Void> openDevices(CallMedia kinds, boolean optional) {
    Map<MediaKind, CompletableFuture<Void>> openings = new EnumMap<>(MediaKind.class);
    for (MediaKind kind : Kinds.of(kinds)) {
      openings.put(kind, local.device(kind).use(optional));
    }
    return CompletableFuture.allOf(openings.values().toArray(CompletableFuture[]::new))
        .handle(
            (_, _) -> {
              devicesOpened(openings, optional);
              return null;
            });
  }

  private void devicesOpened(Map<MediaKind, CompletableFuture<Void>> openings, boolean optional) {
    if (state == CallState.ENDED) {
      throw new CompletionException(alreadyEnded());
    }
    List<DeviceException> failures =
        openings.values().stream()
            .filter(CompletableFuture::isCompletedExceptionally)
            .map(opening -> (DeviceException) opening.exceptionNow())
            .toList();
    if (!failures.isEmpty() && !optional) {
      openings.keySet().forEach(kind -> local.device(kind).release());
      throw new CompletionException(new CallException(failures.getFirst()));
    }
    failures.forEach(this::tellDeviceFailure);
  }

  CallException alreadyEnded() {
    return new CallException(
        CallException.Code.WRONG_STATE, "The call is over: " + endDetail, "Start another one.");
  }

  // --- Connecting -------------------------------------------------------------------------------

  private void connectAsCallee() {
    connect();
    host.send(this, new SignalPayload.CallAck());
  }

  private void connectAsCaller() {
    connect();
    negotiation.negotiate();
  }

  private void connect() {
    enter(CallState.CONNECTING);
    startTimer(
        settings.connectTimeout(),
        () -> finish(EndReason.CONNECTION_FAILED, whyNoDescription(), "timeout", null));
    connection = CompletableFuture.supplyAsync(this::openConnection, host.threads());
    var _ =
        connection.whenCompleteAsync(
            (_, failure) -> {
              if (failure != null) {
                log.warn("Call {}: no connection can be opened", channelId, unwrap(failure));
                end(EndReason.CONNECTION_FAILED, "connection_failed");
              }
            },
            host.loop());
    negotiation.begin(connection, !incoming);
  }

  private String whyNoDescription() {
    return badDescription == null
        ? NO_DESCRIPTION
        : "The two sides do not understand each other. " + badDescription;
  }

  private MediaSession openConnection() {
    try {
      MediaSession open = sessions.open(host.isOnThisMachine(peer), new ConnectionEvents());
      opened = open;
      open.setHandsOnPackets(packetsWanted);
      local.sendTo(open);
      return open;
    } catch (IOException cause) {
      throw new UncheckedIOException(cause);
    }
  }

  /**
   * The other side has said how it can be reached: now a way to it is searched for, which has a
   * time of its own, and reasons of its own to fail before that is over.
   */
  private void described() {
    if (state == CallState.CONNECTING && !described) {
      described = true;
      startTimer(
          settings.connectTimeout().plus(CONNECT_RESERVE),
          () -> finish(EndReason.CONNECTION_FAILED, NO_KEYS, "connection_failed", null));
    }
  }

  /** The own tracks: those of the call's media, sent or not, and those that were added. */
  private List<MediaSession.Section> sections() {
    return ownTracks()
        .map(track -> new MediaSession.Section(track.id(), track.kind(), track.device().isSent()))
        .toList();
  }

  /** What is sent may have changed since it was last offered or answered. */
  private void renegotiateIfNeeded() {
    boolean isUp = state == CallState.CONNECTED || state == CallState.RECONNECTING;
    if (isUp && !sections().equals(offered)) {
      offered = sections();
      negotiation.negotiate();
    }
  }

  private void connectionChanged(PeerConnectionState changed) {
    if (state == CallState.ENDED) {
      return;
    }
    switch (changed) {
      case CONNECTED -> {
        if (state != CallState.CONNECTED) {
          timer.cancel();
          if (connectedAt == null) {
            connectedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            local.requestKeyFrames();
            qualityWatch.start();
          }
          enter(CallState.CONNECTED);
          renegotiateIfNeeded();
        }
      }
      case DISCONNECTED -> {
        if (state == CallState.CONNECTED) {
          enter(CallState.RECONNECTING);
        }
      }
      // The other side closes its connection when it hangs up; its word may come later.
      case CLOSED -> end(EndReason.REMOTE_HUNG_UP, "hung_up");
      case FAILED -> {
        EndReason reason =
            connectedAt == null ? EndReason.CONNECTION_FAILED : EndReason.CONNECTION_LOST;
        finish(reason, null, reason.wireName(), null);
      }
      case NEW, CONNECTING -> {}
    }
  }

  // --- What the other side says -----------------------------------------------------------------

  /**
   * Takes a message of the call's peer.
   *
   * @return fails with {@link EnvelopeException} where a description or candidate turns out bad
   * @throws EnvelopeException if the message does not belong here
   */
  CompletableFuture<Void> receive(SignalPayload payload) throws EnvelopeException {
    return switch (payload) {
      case SignalPayload.CallRequest request -> throw new IllegalArgumentException("" + request);
      case SignalPayload.CallAck() -> acknowledged();
      case SignalPayload.CallOffer(String sdp) -> negotiation.offered(sdp);
      case SignalPayload.CallAnswer(String sdp) -> negotiation.answered(sdp);
      case SignalPayload.Candidate(IceCandidate candidate) ->
          negotiation.candidateArrived(SignalledCandidates.toTake(candidate));
      case SignalPayload.CallHangup(String reason) -> hungUp(reason);
      case SignalPayload.CallError(String code, String message) -> refused(code, message);
    };
  }

  private CompletableFuture<Void> acknowledged() throws EnvelopeException {
    if (incoming) {
      throw unexpected("The callee acknowledges a call, not the caller.");
    }
    if (state == CallState.RINGING) {
      if (!requestSent) {
        throw unexpected("The call has not been requested yet.");
      }
      connectAsCaller();
    }
    return done();
  }

  private CompletableFuture<Void> hungUp(String reason) {
    if (state == CallState.RINGING) {
      if (incoming) {
        finish(EndReason.CANCELLED, null, null, null);
      } else {
        EndReason ours =
            switch (reason) {
              case "busy" -> EndReason.BUSY;
              case "timeout", "no_answer" -> EndReason.NO_ANSWER;
              default -> EndReason.REMOTE_REJECTED;
            };
        finish(ours, explanation(reason), null, null);
      }
    } else {
      finish(whyHungUp(reason), null, null, null);
    }
    return done();
  }

  /** The other side may have given the connection up before this side did. */
  private EndReason whyHungUp(String reason) {
    return switch (reason) {
      case "failed", "connection_failed", "connection_lost", "timeout" ->
          connectedAt == null ? EndReason.CONNECTION_FAILED : EndReason.CONNECTION_LOST;
      default -> EndReason.REMOTE_HUNG_UP;
    };
  }

  /** The words of a rejecting person, where they are more than one of our own codes. */
  private static String explanation(String reason) {
    return switch (reason) {
      case "", "rejected", "reject", "busy", "timeout", "no_answer", "hangup", "hung_up" -> null;
      default -> "The other side says: " + reason;
    };
  }

  private CompletableFuture<Void> refused(String code, String message) {
    repeated.warn(
        peer,
        "refused " + code,
        "Call %s: %s refused a message (%s): %s".formatted(channelId, peer, code, message));
    boolean badDescription = code.equals("bad_description");
    if (state == CallState.RINGING && !incoming) {
      finish(EndReason.SIGNALING_FAILED, "The other side refuses the call: " + message, null, null);
    } else if (state == CallState.CONNECTING && badDescription) {
      // Nothing follows that it could use.
      finish(
          EndReason.CONNECTION_FAILED,
          "The other side does not understand this one: " + message,
          "connection_failed",
          null);
    } else if (badDescription) {
      negotiation.descriptionRefused();
    }
    return done();
  }

  /** Nobody has the peer's name now. */
  void undeliverable() {
    if (state == CallState.RINGING && !incoming) {
      finish(
          EndReason.UNREACHABLE,
          "\"" + peer + "\" is not connected. Has the other side opened its link?",
          null,
          null);
    } else {
      repeated.info(
          peer,
          "undeliverable",
          "Call %s: %s is not connected to the signalling now".formatted(channelId, peer));
    }
  }

  /** An envelope could not be sent. */
  void unsendable(String why) {
    if (state == CallState.RINGING) {
      finish(EndReason.SIGNALING_FAILED, why, null, null);
    } else if (state != CallState.ENDED) {
      host.emit(
          new CallEvent.Failure(
              channelId, "signaling_unavailable", why, "The call goes on without it.", null));
    }
  }

  private EnvelopeException unexpected(String why) {
    return new EnvelopeException(
        EnvelopeException.Code.UNEXPECTED,
        "The message does not fit the call, which is " + state.wireName() + ". " + why);
  }

  // --- What the user wants ----------------------------------------------------------------------

  /**
   * Mutes or unmutes; null flips. Gives what holds when the microphone is what was last asked for;
   * fails with {@link CallException} if it cannot be used.
   */
  CompletableFuture<Boolean> setMuted(Boolean wish) throws CallException {
    return setOff(MediaKind.AUDIO, wish);
  }

  /** Switches the camera off or on; null flips. Gives and fails as {@link #setMuted} does. */
  CompletableFuture<Boolean> setDisabled(Boolean wish) throws CallException {
    return setOff(MediaKind.VIDEO, wish);
  }

  private CompletableFuture<Boolean> setOff(MediaKind kind, Boolean wish) throws CallException {
    if (!Kinds.has(media, kind)) {
      throw new CallException(
          CallException.Code.NOT_IN_CALL,
          kind == MediaKind.VIDEO ? "The call has no picture." : "The call has no sound.",
          "Start a call with it.");
    }
    boolean off = wish == null ? !isOffByChoice(kind) : wish;
    OwnDevice device = local.device(kind);
    if (isUndecided()) {
      device.choose(!off);
      tellOwnMedia();
      return CompletableFuture.completedFuture(off);
    }
    return device
        .setOn(!off)
        .handle(
            (_, failure) -> {
              if (failure != null) {
                throw new CompletionException(
                    failure instanceof DeviceException cause ? new CallException(cause) : failure);
              }
              return isOffByChoice(kind);
            });
  }

  /** The device of a kind has changed, or a wish for it has been dealt with. */
  private void deviceChanged() {
    if (state == CallState.ENDED) {
      return;
    }
    tellOwnMedia();
    renegotiateIfNeeded();
  }

  private void deviceLost(DeviceException cause) {
    log.warn("Call {}: {}", channelId, cause.getMessage());
    tellDeviceFailure(cause);
    deviceChanged();
  }

  /** Tells of the own devices where something of them is new. */
  private void tellOwnMedia() {
    if (!ownMedia().equals(toldMedia)) {
      CallSnapshot told = snapshot();
      toldMedia = ownMedia();
      host.emit(new CallEvent.Devices(told));
    }
  }

  private void tellDeviceFailure(DeviceException cause) {
    host.emit(
        new CallEvent.Failure(
            channelId,
            CallException.deviceCode(cause.reason()),
            cause.getMessage(),
            CallException.hintFor(cause.reason()),
            cause.device()));
  }

  /**
   * Sends another track. Gives it when its device is open; fails with {@link CallException}, and
   * leaves nothing, if that cannot be used.
   */
  CompletableFuture<CallSnapshot.Track> addTrack(
      TrackSource source, ContentHint hint, Optional<String> name) throws CallException {
    if (isUndecided()) {
      throw new CallException(
          CallException.Code.WRONG_STATE, "The call has not been accepted.", "Accept it first.");
    }
    if (local.addedCount() >= MAX_ADDED_TRACKS) {
      throw new CallException(
          CallException.Code.TOO_MANY_TRACKS,
          "The call has " + MAX_ADDED_TRACKS + " added tracks already, which is the limit.",
          "Remove another one.");
    }
    OwnTrack track = local.add(new TrackId("out-" + ++addedTracks), source, hint, name);
    return track
        .device()
        .use(false)
        .handle(
            (_, failure) -> {
              if (failure == null) {
                local.opened(track);
                deviceChanged();
                return shown(track);
              }
              if (local.find(track.id()).isPresent()) {
                var _ = local.remove(track, alreadyRemoved());
              }
              throw new CompletionException(
                  failure instanceof DeviceException cause ? new CallException(cause) : failure);
            });
  }

  private static CallException alreadyRemoved() {
    return new CallException(
        CallException.Code.UNKNOWN_TRACK, "The track has been removed.", "Add another one.");
  }

  /** Sends a track no longer that was added; done when its device is closed. */
  CompletableFuture<Void> removeTrack(TrackId id) throws CallException {
    boolean given =
        id.equals(OwnTracks.CAMERA)
            || id.equals(OwnTracks.MICROPHONE)
            || receiving.stream().anyMatch(track -> track.id().equals(id));
    if (given) {
      throw new CallException(
          CallException.Code.NOT_ADDED,
          "The track \"" + id + "\" was not added, and cannot be removed.",
          "POST /api/call/toggle-audio and /api/call/toggle-video switch the own devices.");
    }
    OwnTrack track =
        local
            .find(id)
            .orElseThrow(
                () ->
                    new CallException(
                        CallException.Code.UNKNOWN_TRACK,
                        "The call has no track \"" + id + "\".",
                        "GET /api/call/active lists the tracks of every call."));
    CompletableFuture<Void> closed = local.remove(track, alreadyRemoved());
    deviceChanged();
    return closed.thenRun(() -> recorder.ended(id));
  }

  /** The relay of one track: a received one, or the view of an own picture. */
  Optional<MediaRelay> relay(TrackId id) {
    return received
        .relay(id)
        .or(
            () ->
                local
                    .find(id)
                    .filter(track -> track.kind() == MediaKind.VIDEO)
                    .map(OwnTrack::view));
  }

  void reject(String reason) {
    finish(EndReason.REJECTED, null, reason, null);
  }

  void hangUp() {
    if (incoming && state == CallState.RINGING) {
      reject("rejected");
    } else {
      end(EndReason.HUNG_UP, "hung_up");
    }
  }

  CompletableFuture<List<Stats>> stats() {
    MediaSession open = opened;
    return open == null || state == CallState.ENDED
        ? CompletableFuture.completedFuture(List.of())
        : open.stats();
  }

  // --- Recording --------------------------------------------------------------------------------

  /** Begins to record; see {@link CallRecorder#start}. */
  CompletableFuture<RecordingStatus> startRecording(Optional<String> fileName)
      throws CallException {
    if (connectedAt == null) {
      throw new CallException(
          CallException.Code.WRONG_STATE,
          "The call is " + state.wireName() + "; there is nothing to record yet.",
          "Start the recording when the call is connected.");
    }
    return recorder.start(fileName);
  }

  CallRecorder recorder() {
    return recorder;
  }

  // --- The end ----------------------------------------------------------------------------------

  /** Ends the call and tells the other side, where that knows of the call. */
  void end(EndReason reason, String toldReason) {
    finish(reason, null, toldReason, null);
  }

  /** Ends a device-less start, of which the other side knows nothing. */
  void endUnsent(CallException cause) {
    finish(EndReason.DEVICE, cause.getMessage(), null, null);
  }

  /** The caller rings anew under another name, and that call is the one that rings. */
  void cancelFor(String channel) {
    finish(EndReason.CANCELLED, null, "busy", channel);
  }

  /** Ends the call in favour of another one with the same peer. */
  void endReplacedBy(String channel) {
    finish(EndReason.GLARE, null, "glare", channel);
  }

  /**
   * The one way out of a call.
   *
   * @param detail the reason in words, or null for the usual ones
   * @param told what the other side is told, or null for nothing
   */
  private void finish(EndReason reason, String detail, String told, String replacement) {
    if (state == CallState.ENDED) {
      return;
    }
    endReason = reason;
    endDetail = Objects.requireNonNullElseGet(detail, () -> words(reason));
    replacedBy = replacement;
    timer.cancel();
    qualityWatch.stop();
    state = CallState.ENDED;
    if (told != null && (incoming || requestSent)) {
      host.send(this, new SignalPayload.CallHangup(told));
    }
    log.info("Call {} with {} is over: {}", channelId, peer, endDetail);
    received.end(endReason.wireName());
    local.end(endReason.wireName());
    host.ended(
        this,
        CompletableFuture.allOf(
            local.close(alreadyEnded()),
            closeConnection(),
            recorder.close(),
            CompletableFuture.runAsync(loopback::end, host.threads())));
    host.emit(new CallEvent.Ended(channelId, peer, endReason.wireName(), endDetail, replacement));
  }

  /** Why the call is over, with what is known of the cause and what to do. */
  private String words(EndReason reason) {
    return switch (reason) {
      case CONNECTION_FAILED -> {
        MediaSession open = opened;
        yield reason.sentence()
            + cause()
            + (open != null && open.hasTurnServers()
                ? " \"heliograph doctor\" asks the TURN servers of ice.servers."
                : " If it is in another network, a TURN server may be needed (ice.servers).");
      }
      case CONNECTION_LOST -> reason.sentence() + cause();
      default -> reason.sentence();
    };
  }

  private String cause() {
    return connectionFailure == null ? "" : " The cause: " + connectionFailure + ".";
  }

  private CompletableFuture<Void> closeConnection() {
    if (connection == null) {
      return done();
    }
    return connection
        .exceptionally(_ -> null)
        .thenAcceptAsync(
            open -> {
              if (open != null) {
                open.close();
              }
            },
            host.threads());
  }

  // --- Small things -----------------------------------------------------------------------------

  private void enter(CallState entered) {
    state = entered;
    log.info("Call {} with {} is {}", channelId, peer, entered.wireName());
    received.state(entered.wireName());
    local.state(entered.wireName());
    emitState();
  }

  private void emitState() {
    toldMedia = ownMedia();
    host.emit(new CallEvent.State(snapshot()));
  }

  private void startTimer(Duration delay, Runnable task) {
    timer.cancel();
    boolean[] cancelled = new boolean[1];
    Timers.Timer running =
        host.timers()
            .after(
                delay,
                () ->
                    host.loop()
                        .execute(
                            () -> {
                              if (!cancelled[0]) {
                                task.run();
                              }
                            }));
    timer =
        () -> {
          cancelled[0] = true;
          running.cancel();
        };
  }

  private void requestRemoteKeyFrame() {
    received.requestKeyFrame();
  }

  private void requestOwnKeyFrame() {
    local.requestKeyFrame(OwnTracks.CAMERA);
  }

  /** Tells of what the other side causes, from any thread. */
  private void tellFailure(String about, String code, String detail, String hint) {
    host.loop()
        .execute(
            () -> {
              // The other side may cause the same again and again.
              boolean isNew = !detail.equals(toldFailures.put(about, detail));
              if (state != CallState.ENDED && isNew) {
                host.emit(new CallEvent.Failure(channelId, code, detail, hint, null));
              }
            });
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  static Throwable unwrap(Throwable failure) {
    return failure instanceof CompletionException wrapped && wrapped.getCause() != null
        ? wrapped.getCause()
        : failure;
  }

  /** What the exchange of descriptions needs of the call. */
  private final class Negotiating implements Negotiation.Host {
    @Override
    public void send(SignalPayload payload) {
      host.send(Call.this, payload);
    }

    @Override
    public List<MediaSession.Section> sections() {
      offered = Call.this.sections();
      return offered;
    }

    @Override
    public void described() {
      Call.this.described();
    }

    @Override
    public void offerFailed(Throwable cause) {
      log.error("Call {}: no offer can be made", channelId, cause);
      if (state == CallState.CONNECTING) {
        end(EndReason.CONNECTION_FAILED, "connection_failed");
      }
    }

    @Override
    public void badDescription(String why) {
      badDescription = why;
    }

    @Override
    public boolean isOver() {
      return state == CallState.ENDED;
    }

    @Override
    public EnvelopeException unexpected(String why) {
      return Call.this.unexpected(why);
    }
  }

  /** What the pages that have packets forwarded ask of the connection. */
  private final class PacketSource implements LoopbackConnections.Source {
    private Optional<Runnable> following = Optional.empty();

    @Override
    public void setPacketsWanted(boolean wanted) {
      if (wanted != following.isPresent()) {
        following.ifPresent(Runnable::run);
        following = wanted ? Optional.of(host.follow()) : Optional.empty();
      }
      packetsWanted = wanted;
      MediaSession open = opened;
      if (open != null) {
        open.setHandsOnPackets(wanted);
      }
    }

    @Override
    public void requestKeyFrame() {
      remote.requestKeyFrame();
    }
  }

  /** The way from the own devices' threads to the recording and the loop. */
  private final class OwnMediaEvents implements OwnTracks.Listener {
    @Override
    public void onFrame(OwnTrack track, MediaFrame frame) {
      boolean first = track.equals(local.first(track.kind()));
      recorder.frame(track.id(), track.kind(), true, first, track.name(), frame);
    }

    @Override
    public void onDeviceChanged() {
      deviceChanged();
    }

    @Override
    public void onDeviceLost(DeviceException cause) {
      deviceLost(cause);
    }
  }

  /** What the recorder needs of the call. */
  private final class Recorded implements CallRecorder.Host {
    @Override
    public void requestKeyFrame(TrackId track) {
      if (received.firstPicture().filter(track::equals).isPresent()) {
        remote.requestKeyFrame();
      } else if (track.equals(OwnTracks.CAMERA)) {
        self.requestKeyFrame();
      } else {
        local.requestKeyFrame(track);
        receivedMedia.onKeyFrameWanted(track);
      }
    }

    @Override
    public Optional<TrackId> firstPicture(boolean own) {
      return own ? Optional.of(OwnTracks.CAMERA) : received.firstPicture();
    }

    @Override
    public Optional<CallException> whyOver() {
      return state == CallState.ENDED ? Optional.of(alreadyEnded()) : Optional.empty();
    }

    @Override
    public void emit(CallEvent event) {
      host.emit(event);
    }
  }

  /** The way from the connection's thread to the relay, the encoder and the loop. */
  private final class ConnectionEvents implements MediaSession.Listener {
    @Override
    public void onCandidate(IceCandidateInit candidate) {
      host.loop().execute(() -> negotiation.candidateFound(candidate));
    }

    @Override
    public void onState(PeerConnectionState changed) {
      host.loop().execute(() -> connectionChanged(changed));
    }

    @Override
    public void onFailed(String reason) {
      host.loop().execute(() -> connectionFailure = reason);
    }

    @Override
    public void onMediaRefused(MediaKind kind, String reason) {
      tellFailure(
          kind.token(),
          "no_common_codec",
          "There is no " + kind.token() + " in this call: " + reason + ".",
          "The call goes on without it.");
    }

    @Override
    public void onReceiving(List<RemoteTrack> tracks) {
      received.receive(tracks);
      loopback.receive(tracks);
      host.loop()
          .execute(
              () -> {
                List<RemoteTrack> before = receiving;
                receiving = tracks;
                // The other side may offer the same again and again.
                if (state != CallState.ENDED && !receiving.equals(before)) {
                  emitState();
                }
              });
    }

    @Override
    public void onPacket(RemoteTrack track, MediaPacket packet) {
      loopback.publish(track, packet);
    }

    @Override
    public void onKeyFrameRequested(TrackId track) {
      local.requestKeyFrame(track);
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      local.setBitsPerSecond(bitsPerSecond);
    }

    @Override
    public void onLossToPrepareFor(TrackId track, double share) {
      local.setLossToPrepareFor(track, share);
    }
  }

  /** What is made of the received tracks. */
  private final class RemoteMedia implements RemoteTracks.Listener {
    @Override
    public void onFrame(RemoteTrack track, boolean first, MediaFrame frame) {
      recorder.frame(
          track.id(), track.kind(), false, first, track.name().map(ForeignText::line), frame);
    }

    @Override
    public void onEnded(RemoteTrack track) {
      recorder.ended(track.id());
    }

    @Override
    public void onPictureKeptBack(RemoteTrack track, String why) {
      tellFailure(
          "picture size of " + track.id(),
          "picture_too_large",
          "The other side's picture is not shown: "
              + why
              + ", and at most 4096×4096, or as many of another shape, are taken.",
          "The call goes on without it, until it is smaller.");
    }

    @Override
    public void onKeyFrameWanted(TrackId track) {
      MediaSession open = opened;
      if (open != null) {
        open.requestKeyFrame(track);
      }
    }
  }
}
