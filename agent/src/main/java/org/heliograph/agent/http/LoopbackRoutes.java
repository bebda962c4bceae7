package org.heliograph.agent.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.heliograph.agent.call.Calls;
import org.heliograph.agent.call.SignalledCandidates;
import org.heliograph.agent.loopback.LoopbackConnections;
import org.heliograph.agent.loopback.LoopbackException;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.signaling.EnvelopeCodec;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.text.Json;

/**
 * The routes under {@code /api/call/loopback}, for a page whose engine has {@code
 * RTCPeerConnection}.
 */
final class LoopbackRoutes {
  private final Calls calls;
  private final EventStreams streams;
  private final Map<EventStream, Runnable> following = new ConcurrentHashMap<>();

  LoopbackRoutes(Calls calls, EventStreams streams) {
    this.calls = calls;
    this.streams = streams;
  }

  void register(RoutesConfig routes) {
    routes.post("/api/call/loopback/{channel}/offer", this::offer);
    routes.post("/api/call/loopback/{channel}/ice", this::candidate);
    routes.get("/api/call/loopback/{channel}/ice", this::candidates);
  }

  private void offer(Context context) throws IOException {
    JsonBody body = JsonBody.read(context, Set.of("sdp", "connection"));
    String sdp = body.text("sdp");
    Optional<String> connection = body.optionalText("connection");
    LoopbackConnections pages = pages(context);
    LoopbackConnections.Answer answer = await(() -> pages.offer(connection, sdp));
    CallRoutes.answer(
        context, Json.object().put("connection", answer.connection()).put("sdp", answer.sdp()));
  }

  private void candidate(Context context) throws IOException {
    JsonBody body = JsonBody.read(context, Set.of("candidate", "connection"));
    Optional<String> connection = body.optionalText("connection");
    IceCandidateInit candidate;
    try {
      candidate = SignalledCandidates.toTake(EnvelopeCodec.readCandidate(body.field("candidate")));
    } catch (EnvelopeException malformed) {
      throw new ProblemException(
          Problem.ofField("wrong_field", "candidate", malformed.getMessage()));
    }
    LoopbackConnections pages = pages(context);
    await(() -> pages.addCandidate(connection, candidate));
    CallRoutes.answer(context, Json.object().put("status", "taken"));
  }

  private void candidates(Context context) {
    Optional<String> connection = Optional.ofNullable(context.queryParam("connection"));
    LoopbackConnections pages = pages(context);
    streams.serve(
        context,
        stream -> {
          try {
            following.put(stream, pages.follow(connection, follower(stream)));
          } catch (LoopbackException refused) {
            throw problem(refused);
          }
        },
        stream -> {
          Runnable end = following.remove(stream);
          if (end != null) {
            end.run();
          }
        });
  }

  private static Consumer<IceCandidateInit> follower(EventStream stream) {
    return candidate -> {
      ObjectNode json = Json.object();
      EnvelopeCodec.writeCandidate(json, "candidate", SignalledCandidates.toSend(candidate));
      stream.offer("candidate", json.get("candidate").toString());
    };
  }

  private LoopbackConnections pages(Context context) {
    return calls
        .loopback(context.pathParam("channel"))
        .orElseThrow(() -> new ProblemException(CallRoutes.unknownCall()));
  }

  private interface Step<T> {
    CompletableFuture<T> run() throws LoopbackException, IOException;
  }

  private static <T> T await(Step<T> step) throws IOException {
    try {
      return CallRoutes.await(
          step.run()
              .exceptionally(
                  failure -> {
                    Throwable cause =
                        failure instanceof CompletionException ? failure.getCause() : failure;
                    throw cause instanceof LoopbackException refused
                        ? problem(refused)
                        : new CompletionException(cause);
                  }));
    } catch (LoopbackException refused) {
      throw problem(refused);
    }
  }

  private static ProblemException problem(LoopbackException refused) {
    HttpStatus status =
        switch (refused.code()) {
          case BAD_DESCRIPTION, BAD_CANDIDATE, NOTHING_WANTED -> HttpStatus.BAD_REQUEST;
          case UNKNOWN_CONNECTION -> HttpStatus.NOT_FOUND;
          case TOO_MANY_CONNECTIONS -> HttpStatus.TOO_MANY_REQUESTS;
        };
    String hint =
        switch (refused.code()) {
          case NOTHING_WANTED ->
              "Call addTransceiver('audio', {direction: 'recvonly'}), and the same of 'video'.";
          case UNKNOWN_CONNECTION -> "Make a new offer without \"connection\".";
          case TOO_MANY_CONNECTIONS -> "Close those that nobody looks at.";
          case BAD_DESCRIPTION, BAD_CANDIDATE -> "";
        };
    return new ProblemException(
        Problem.of(
            status, refused.code().name().toLowerCase(Locale.ROOT), refused.getMessage(), hint));
  }
}
