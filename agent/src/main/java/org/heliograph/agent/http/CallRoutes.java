package org.heliograph.agent.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import io.javalin.websocket.WsConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.agent.Version;
import org.heliograph.agent.call.CallException;
import org.heliograph.agent.call.CallSnapshot;
import org.heliograph.agent.call.Calls;
import org.heliograph.media.TrackSource;
import org.heliograph.relay.MediaRelay;
import org.heliograph.session.ContentHint;
import org.heliograph.session.TrackId;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.text.ForeignText;
import org.heliograph.text.Json;

/** The routes under {@code /api/call}. */
final class CallRoutes {
  /** The longest that a device may take to open. */
  private static final int PATIENCE_SECONDS = 30;

  private static final String FOLLOWING = "following";

  /** In characters. */
  private static final int MAX_NAME_LENGTH = 100;

  private final Calls calls;
  private final EventStreams streams;

  CallRoutes(Calls calls, EventStreams streams) {
    this.calls = calls;
    this.streams = streams;
  }

  void register(RoutesConfig routes) {
    routes.get("/api/call/mode", this::mode);
    routes.post("/api/call/start", this::start);
    routes.post("/api/call/accept", this::accept);
    routes.post("/api/call/reject", this::reject);
    routes.post("/api/call/hangup", this::hangUp);
    routes.post("/api/call/toggle-audio", this::toggleAudio);
    routes.post("/api/call/toggle-video", this::toggleVideo);
    routes.get("/api/call/active", this::active);
    routes.get("/api/call/session/{channel}/stats", this::stats);
    routes.post("/api/call/session/{channel}/tracks", this::addTrack);
    routes.delete("/api/call/session/{channel}/tracks/{track}", this::removeTrack);
    routes.post("/api/call/session/{channel}/recording", this::startRecording);
    routes.post("/api/call/session/{channel}/recording/stop", this::stopRecording);
    routes.get("/api/call/session/{channel}/recording", this::recording);
    routes.get("/api/call/events", this::events);
    routes.get("/api/call/session/{channel}/events", this::sessionEvents);
    for (String socket : List.of("/api/call/media/{channel}", "/api/call/self/{channel}")) {
      routes.wsBefore(socket, this::follow);
    }
    Handshake.route(
        routes, "/api/call/media/{channel}", MediaSocket.endpoint(calls::remoteRelay, this::track));
    Handshake.route(
        routes, "/api/call/self/{channel}", MediaSocket.endpoint(calls::selfRelay, this::track));
    routes.get("/api/call/video/{channel}", this::video);
  }

  private void mode(Context context) {
    ObjectNode mode = Json.object();
    mode.put("mode", calls.enabled() ? "native" : "browser");
    mode.put("platform", "linux");
    mode.put("version", Version.VERSION);
    answer(context, mode);
  }

  private void start(Context context) {
    JsonBody body =
        JsonBody.read(context, Set.of("channel_id", "remote_peer", "media", "send", "optional"));
    String channelId = body.channelId();
    String peer = body.remotePeer();
    CallMedia media = body.optionalMedia("media").orElse(CallMedia.AUDIO_AND_VIDEO);
    if (!media.audio() && !media.video()) {
      throw new ProblemException(
          Problem.ofField(
              "wrong_field", "media", "The field \"media\" asks for neither audio nor video."));
    }
    CallMedia send = body.optionalMedia("send").orElse(media);
    boolean optional = body.optionalFlag("optional").orElse(false);
    answer(context, await(calls.start(channelId, peer, media, send, optional)));
  }

  private void accept(Context context) {
    JsonBody body =
        JsonBody.read(context, Set.of("channel_id", "remote_peer", "media", "optional"));
    answer(
        context,
        await(
            calls.accept(
                body.channelId(),
                body.remotePeer(),
                body.optionalMedia("media"),
                body.optionalFlag("optional").orElse(false))));
  }

  private static void answer(Context context, Calls.Answer answer) {
    ObjectNode json = Json.object();
    json.put("status", answer.status());
    json.put("channel_id", answer.channelId());
    answer(context, json);
  }

  private void reject(Context context) {
    JsonBody body = JsonBody.read(context, Set.of("channel_id", "reason"));
    String channelId = body.channelId();
    String reason = ForeignText.line(body.optionalText("reason").orElse("rejected"));
    await(calls.reject(channelId, reason));
    answerStatus(context, "rejected", channelId);
  }

  private void hangUp(Context context) {
    String channelId = JsonBody.read(context, Set.of("channel_id")).channelId();
    await(calls.hangUp(channelId));
    answerStatus(context, "hung_up", channelId);
  }

  private static void answerStatus(Context context, String status, String channelId) {
    answer(context, new Calls.Answer(status, channelId));
  }

  private void toggleAudio(Context context) {
    JsonBody body = JsonBody.read(context, Set.of("channel_id", "muted"));
    boolean muted = await(calls.setMuted(body.channelId(), body.optionalFlag("muted")));
    answer(context, Json.object().put("muted", muted));
  }

  private void toggleVideo(Context context) {
    JsonBody body = JsonBody.read(context, Set.of("channel_id", "disabled"));
    boolean disabled = await(calls.setDisabled(body.channelId(), body.optionalFlag("disabled")));
    answer(context, Json.object().put("disabled", disabled));
  }

  private void active(Context context) {
    answer(context, Json.tree(await(calls.active())));
  }

  private void stats(Context context) {
    answer(context, Json.shownTree(await(calls.stats(context.pathParam("channel")))));
  }

  private void addTrack(Context context) {
    JsonBody body = JsonBody.read(context, Set.of("source", "name", "content_hint"));
    TrackSource source = body.parsed("source", body.text("source"), TrackSource::parse);
    ContentHint hint =
        body.parsed(
            "content_hint",
            body.optionalText("content_hint").orElse(""),
            text -> ContentHint.parse(text, source.kind()));
    Optional<String> name =
        body.optionalText("name").map(text -> ForeignText.line(text, MAX_NAME_LENGTH));
    CallSnapshot.Track added =
        await(calls.addTrack(context.pathParam("channel"), source, hint, name));
    context.status(HttpStatus.CREATED);
    answer(context, Json.object().set("track", Json.tree(added)));
  }

  private void removeTrack(Context context) {
    String track = context.pathParam("track");
    if (!TrackId.isValid(track)) {
      throw new ProblemException(unknownTrack());
    }
    await(calls.removeTrack(context.pathParam("channel"), new TrackId(track)));
    answer(context, Json.object().put("status", "removed").put("track", track));
  }

  private static Problem unknownTrack() {
    return Problem.of(
        HttpStatus.NOT_FOUND,
        CallException.Code.UNKNOWN_TRACK.wireName(),
        "The call has no such track.",
        "GET /api/call/active lists the tracks of every call.");
  }

  private Optional<MediaRelay> track(String channel, String track) {
    return TrackId.isValid(track)
        ? calls.trackRelay(channel, new TrackId(track))
        : Optional.empty();
  }

  private void startRecording(Context context) {
    Optional<String> fileName = JsonBody.read(context, Set.of("file_name")).optionalFileName();
    answer(context, Json.tree(await(calls.startRecording(context.pathParam("channel"), fileName))));
  }

  private void stopRecording(Context context) {
    JsonBody.read(context, Set.of());
    answer(context, Json.tree(await(calls.stopRecording(context.pathParam("channel")))));
  }

  private void recording(Context context) {
    answer(context, Json.tree(await(calls.recording(context.pathParam("channel")))));
  }

  private void events(Context context) {
    follow(context, event -> true);
  }

  private void sessionEvents(Context context) {
    String channel = context.pathParam("channel");
    if (!calls.exists(channel)) {
      throw new ProblemException(unknownCall());
    }
    follow(context, event -> channel.equals(event.channel()));
  }

  /** A newcomer first hears how every call stands, so that a reloaded page can go on. */
  private void follow(Context context, EventStreams.Predicate predicate) {
    Runnable end = calls.follow();
    try {
      streams.serve(
          context,
          stream ->
              await(
                  calls.catchUp(
                      standing -> {
                        streams.follow(stream, predicate);
                        standing.stream()
                            .filter(predicate::wants)
                            .forEach(event -> stream.offer(event.name(), Json.write(event)));
                      })),
          stream -> {});
    } finally {
      end.run();
    }
  }

  /** A socket follows calls while it is open. */
  private void follow(WsConfig socket) {
    socket.onConnect(context -> context.attribute(FOLLOWING, calls.follow()));
    socket.onClose(
        context ->
            Optional.<Runnable>ofNullable(context.attribute(FOLLOWING)).ifPresent(Runnable::run));
  }

  private void video(Context context) throws Exception {
    if (!calls.exists(context.pathParam("channel"))) {
      throw new ProblemException(unknownCall());
    }
    Runnable end = calls.follow();
    context.header(EventStream.UNBUFFERED, "no");
    Thread serving = Thread.currentThread();
    try (ClientWatch _ = ClientWatch.begin(context, serving::interrupt)) {
      ProgressiveVideo.endpoint(calls::remoteRelay).handle(context);
    } finally {
      end.run();
    }
  }

  static Problem unknownCall() {
    return Problem.of(
        HttpStatus.NOT_FOUND,
        CallException.Code.UNKNOWN_CALL.wireName(),
        "There is no call of this channel_id, or it is over.",
        "GET /api/call/active lists every call.");
  }

  static void answer(Context context, Object json) {
    context
        .contentType("application/json")
        .result(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A future's outcome; what it fails with becomes a problem document. */
  static <T> T await(CompletableFuture<T> outcome) {
    try {
      return outcome.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failure) {
      throw switch (failure.getCause()) {
        case CallException refused -> new ProblemException(Problem.of(refused));
        case EnvelopeException refused -> new ProblemException(Problem.of(refused));
        case RuntimeException unexpected -> unexpected;
        case Throwable unexpected -> new IllegalStateException(unexpected);
      };
    } catch (TimeoutException slow) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.SERVICE_UNAVAILABLE,
              "too_slow",
              "It was not done within " + PATIENCE_SECONDS + " seconds; a device may hang.",
              "\"heliograph doctor\" looks at the devices."));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }
}
