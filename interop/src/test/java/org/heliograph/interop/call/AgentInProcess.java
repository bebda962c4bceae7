package org.heliograph.interop.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;

/** An agent in the test's own process, used through its API as a page uses it. */
final class AgentInProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Agent agent;

  AgentInProcess(String name, Path folder, Map<ConfigKey, String> further)
      throws ConfigException, IOException {
    this.name = name;
    Map<ConfigKey, String> options = new EnumMap<>(ConfigKey.class);
    options.put(ConfigKey.PEER_NAME, name);
    options.put(ConfigKey.API_PORT, "0");
    options.put(ConfigKey.RENDEZVOUS_PORT, "0");
    options.putAll(further);
    agent =
        Agent.start(
            ConfigReader.read(Optional.empty(), Map.of(), options),
            new Agent.Directories(folder.resolve(name + ".json"), folder));
  }

  String name() {
    return name;
  }

  /** The address of its rendezvous. */
  String signalUrl() {
    return agent.rendezvous().orElseThrow().signalUrl();
  }

  /** What a guest joins its rendezvous with. */
  String invitation(String guest) {
    return agent.rendezvous().orElseThrow().token(guest);
  }

  /** A page of this agent, which follows its calls. */
  Page open(HttpClient http) {
    return new Page(http);
  }

  @Override
  public void close() {
    agent.close();
  }

  /** What a page does: it follows the events, and asks. */
  final class Page implements AutoCloseable {
    private final HttpClient http;
    private final Stream<String> events;

    /** The last state of each call, guarded by this. */
    private final Map<String, String> states = new HashMap<>();

    private Page(HttpClient http) {
      this.http = http;
      CompletableFuture<HttpResponse<Stream<String>>> answer =
          http.sendAsync(request("/api/call/events").build(), HttpResponse.BodyHandlers.ofLines());
      events = get(answer).body();
      Thread.ofVirtual().name("events of " + name).start(this::follow);
    }

    String name() {
      return name;
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(agent.url() + path))
          .header("Authorization", "Bearer " + agent.token());
    }

    private void follow() {
      String[] event = new String[1];
      try {
        events.forEach(
            line -> {
              if (line.startsWith("event: ")) {
                event[0] = line.substring("event: ".length());
              } else if (line.startsWith("data: ")) {
                heard(event[0], line.substring("data: ".length()));
              }
            });
      } catch (java.io.UncheckedIOException closed) {
        // The page was closed.
      }
    }

    private void heard(String event, String text) {
      try {
        JsonNode data = JSON.readTree(text);
        String state =
            switch (event) {
              case "incoming" -> "incoming";
              case "state" -> data.path("state").asText();
              case "ended" -> "ended " + data.path("reason").asText();
              default -> "";
            };
        if (!state.isEmpty()) {
          synchronized (this) {
            states.put(data.path("channel_id").asText(), state);
            notifyAll();
          }
        }
      } catch (IOException e) {
        throw new AssertionError(text, e);
      }
    }

    /** A call's last state; empty before the page heard of it. */
    synchronized String state(String channel) {
      return states.getOrDefault(channel, "");
    }

    /** Waits until a call has one of some states, or is over; gives the state. */
    synchronized String await(String channel, String... wanted) throws InterruptedException {
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (true) {
        String state = state(channel);
        if (state.startsWith("ended") || java.util.List.of(wanted).contains(state)) {
          return state;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError(
              "%s: call %s is \"%s\" and never \"%s\""
                  .formatted(name, channel, state, String.join("\" or \"", wanted)));
        }
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    }

    /** Asks something; the future has the answer's status. */
    CompletableFuture<Integer> post(String path, ObjectNode body) {
      return http.sendAsync(
              request(path)
                  .header("Content-Type", "application/json")
                  .timeout(LIMIT)
                  .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                  .build(),
              HttpResponse.BodyHandlers.discarding())
          .thenApply(HttpResponse::statusCode);
    }

    /** Every call that the agent has. */
    JsonNode active() throws IOException {
      return JSON.readTree(
          get(http.sendAsync(
                  request("/api/call/active").build(), HttpResponse.BodyHandlers.ofString()))
              .body());
    }

    /** Lets a call's media come; fails if the call is over. */
    CompletableFuture<WebSocket> watch(String channel, String format, WebSocket.Listener listener) {
      return http.newWebSocketBuilder()
          .buildAsync(
              URI.create(
                  "%s/api/call/media/%s?format=%s&access_token=%s"
                      .formatted(
                          agent.url().replaceFirst("http", "ws"), channel, format, agent.token())),
              listener);
    }

    @Override
    public void close() {
      events.close();
    }
  }

  static <T> T get(CompletableFuture<T> outcome) {
    try {
      return outcome.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
