package org.heliograph.agent.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.heliograph.agent.call.Calls;
import org.heliograph.signaling.BridgeSignaler;
import org.heliograph.signaling.EnvelopeCodec;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.text.Json;

/** The routes under {@code /api/signal}, through which an app carries the envelopes itself. */
final class SignalRoutes {
  private final Optional<BridgeSignaler> bridge;
  private final EventStreams streams;
  private final Calls calls;
  private final Map<EventStream, BridgeSignaler.Carrier> carriers = new ConcurrentHashMap<>();

  /**
   * @param bridge empty where the agent reaches the other side in another way
   */
  SignalRoutes(Optional<BridgeSignaler> bridge, EventStreams streams, Calls calls) {
    this.bridge = bridge;
    this.streams = streams;
    this.calls = calls;
  }

  void register(RoutesConfig routes) {
    routes.post("/api/signal/inbound", this::inbound);
    routes.get("/api/signal/outbound", this::outbound);
  }

  private void inbound(Context context) {
    BridgeSignaler signaler = signaler();
    ObjectNode body = JsonBody.readObject(context);
    try {
      CallRoutes.await(signaler.inbound(EnvelopeCodec.read(body)));
    } catch (EnvelopeException refused) {
      throw new ProblemException(Problem.of(refused));
    }
    CallRoutes.answer(context, Json.object().put("status", "taken"));
  }

  private void outbound(Context context) {
    BridgeSignaler signaler = signaler();
    OptionalLong after = lastEventId(context);
    Runnable end = calls.follow();
    try {
      streams.serve(
          context,
          stream -> {
            BridgeSignaler.Carrier carrier =
                outbound ->
                    stream.offer(
                        "envelope",
                        EnvelopeCodec.write(outbound.envelope()),
                        Long.toString(outbound.number()));
            carriers.put(stream, carrier);
            signaler.follow(carrier, after);
          },
          stream -> {
            BridgeSignaler.Carrier carrier = carriers.remove(stream);
            if (carrier != null) {
              signaler.leave(carrier);
            }
          });
    } finally {
      end.run();
    }
  }

  private static OptionalLong lastEventId(Context context) {
    String id = context.header("Last-Event-ID");
    return id != null && id.matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(id))
        : OptionalLong.empty();
  }

  private BridgeSignaler signaler() {
    return bridge.orElseThrow(
        () ->
            new ProblemException(
                Problem.of(
                    HttpStatus.CONFLICT,
                    "no_bridge",
                    "This agent carries its envelopes itself.",
                    "Set signaling.type = \"bridge\" in the configuration.")));
  }
}
