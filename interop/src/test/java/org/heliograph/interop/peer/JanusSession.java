package org.heliograph.interop.peer;

import static org.heliograph.interop.peer.RemotePeer.JSON;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;

/** A session of Janus's API over WebSocket, and the handles of plugins in it. */
final class JanusSession implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int KEPT_EVENTS = 200;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Map<String, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final Set<Long> up = ConcurrentHashMap.newKeySet();
  private final List<String> events = new ArrayList<>();
  private final WebSocket socket;
  private final long session;
  private int transaction;

  JanusSession(URI api) {
    socket =
        client
            .newWebSocketBuilder()
            .subprotocols("janus-protocol")
            .buildAsync(api, new Listener())
            .join();
    session = ask(JSON.createObjectNode().put("janus", "create")).at("/data/id").asLong();
  }

  /** What a plugin answered. */
  record Reply(JsonNode data, String sdp) {}

  /** A plugin's handle: one PeerConnection on Janus's side. */
  final class Handle {
    private final long id;

    private Handle(long id) {
      this.id = id;
    }

    /** Asks the plugin something and gives its answer; fails the test where it refuses. */
    Reply ask(ObjectNode body) {
      return send(body, null);
    }

    /** The same with a description; the answer has one too where the plugin gives one. */
    Reply ask(ObjectNode body, SessionDescription description) {
      ObjectNode jsep =
          JSON.createObjectNode()
              .put("type", description.type() == SdpType.OFFER ? "offer" : "answer")
              .put("sdp", description.sdp());
      return send(body, jsep);
    }

    private Reply send(ObjectNode body, ObjectNode jsep) {
      ObjectNode request = request("message", id);
      request.set("body", body);
      if (jsep != null) {
        request.set("jsep", jsep);
      }
      JsonNode told = JanusSession.this.ask(request);
      JsonNode data = told.at("/plugindata/data");
      if (data.has("error")) {
        throw new AssertionError(body + ": " + data);
      }
      return new Reply(data, told.at("/jsep/sdp").asText());
    }

    /** Whether its connection is there: what is published on it can be watched from then on. */
    boolean isUp() {
      return up.contains(id);
    }

    void trickle(IceCandidateInit candidate) {
      ObjectNode request = request("trickle", id);
      if (candidate.candidate().isEmpty()) {
        request.putObject("candidate").put("completed", true);
      } else {
        request.set("candidate", JSON.valueToTree(candidate));
      }
      write(request);
    }
  }

  Handle attach(String plugin) {
    ObjectNode request = request("attach", 0).put("plugin", "janus.plugin." + plugin);
    return new Handle(ask(request).at("/data/id").asLong());
  }

  private ObjectNode request(String what, long handle) {
    ObjectNode request = JSON.createObjectNode().put("janus", what).put("session_id", session);
    if (handle != 0) {
      request.put("handle_id", handle);
    }
    return request;
  }

  private JsonNode ask(ObjectNode request) {
    String name = Integer.toString(transaction + 1);
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    waiting.put(name, reply);
    write(request);
    JsonNode told;
    try {
      told = reply.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException | ExecutionException e) {
      throw new AssertionError("Janus does not answer " + request + "\n" + events(), e);
    } finally {
      waiting.remove(name);
    }
    if (told.path("janus").asText().equals("error")) {
      throw new AssertionError(request + ": " + told);
    }
    return told;
  }

  private void write(ObjectNode request) {
    request.put("transaction", Integer.toString(++transaction));
    socket.sendText(request.toString(), true).join();
  }

  /** What Janus told without being asked. */
  List<String> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        take(parts.toString());
        parts.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void take(String text) {
      JsonNode told;
      try {
        told = JSON.readTree(text);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("Janus speaks no JSON: " + text, e);
      }
      // That it has arrived is told at once, and what came of it later.
      if (told.path("janus").asText().equals("ack")) {
        return;
      }
      if (told.path("janus").asText().equals("webrtcup")) {
        up.add(told.path("sender").asLong());
      }
      CompletableFuture<JsonNode> reply = waiting.get(told.path("transaction").asText());
      if (reply != null) {
        reply.complete(told);
      } else {
        synchronized (events) {
          if (events.size() < KEPT_EVENTS) {
            events.add(text);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    write(request("destroy", 0));
    socket.abort();
    client.close();
  }
}
