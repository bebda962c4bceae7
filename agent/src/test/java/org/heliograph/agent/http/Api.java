package org.heliograph.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.heliograph.agent.Agent;
import org.heliograph.agent.call.FakeConnections;
import org.heliograph.agent.call.FakeDevices;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;

/** An agent with made-up devices, and a client of its API. */
final class Api implements AutoCloseable {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** An answer; its body as JSON where it is some. */
  record Answer(int status, String body, HttpResponse<String> response) {
    JsonNode json() {
      try {
        return MAPPER.readTree(body);
      } catch (JsonProcessingException wrong) {
        throw new AssertionError("not JSON: " + body, wrong);
      }
    }

    String code() {
      return json().path("code").asText();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse(null);
    }
  }

  final FakeDevices devices = new FakeDevices();
  final FakeConnections connections = new FakeConnections();
  final HttpClient http = HttpClient.newHttpClient();
  final Agent agent;

  Api(Path directory, Map<ConfigKey, String> options) throws IOException, ConfigException {
    AgentConfig config = ConfigReader.read(Optional.empty(), Map.of(), options);
    agent =
        Agent.start(
            config,
            new Agent.Directories(directory.resolve("run/agent.json"), directory.resolve("data")),
            devices,
            connections);
  }

  static Api withBridge(Path directory) throws IOException, ConfigException {
    return new Api(
        directory, Map.of(ConfigKey.SIGNALING_TYPE, "bridge", ConfigKey.PEER_NAME, "me"));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(agent.url() + path))
        .header("Authorization", "Bearer " + agent.token());
  }

  Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    return new Answer(response.statusCode(), response.body(), response);
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send(request(path));
  }

  Answer post(String path, String json) throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))));
  }

  /** An envelope brought to the bridge. */
  Answer inbound(String channel, String from, String payload)
      throws IOException, InterruptedException {
    return post(
        "/api/signal/inbound",
        "{'channel_id':'%s','from':'%s','to':'me','payload':%s}".formatted(channel, from, payload));
  }

  /** A request in full, for headers that a client library does not let one set. */
  String raw(String... lines) throws IOException {
    URI url = URI.create(agent.url());
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
      socket.setSoTimeout(10_000);
      String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** A stream of server-sent events, read as they come. */
  final class Events implements AutoCloseable {
    /** One event. */
    record Event(String id, String name, JsonNode data) {}

    private final BlockingQueue<Event> received = new LinkedBlockingQueue<>();
    private final HttpResponse<InputStream> response;
    private final Thread reader;

    Events(String path, String lastEventId) throws IOException, InterruptedException {
      HttpRequest.Builder request = request(path);
      if (!lastEventId.isEmpty()) {
        request.header("Last-Event-ID", lastEventId);
      }
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() != 200) {
        throw new AssertionError("status " + response.statusCode());
      }
      reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (Stream<String> lines =
          new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))
              .lines()) {
        String[] next = {"", ""};
        lines.forEach(
            line -> {
              if (line.startsWith("id: ")) {
                next[0] = line.substring(4);
              } else if (line.startsWith("event: ")) {
                next[1] = line.substring(7);
              } else if (line.startsWith("data: ")) {
                try {
                  received.add(new Event(next[0], next[1], MAPPER.readTree(line.substring(6))));
                } catch (JsonProcessingException wrong) {
                  throw new AssertionError(wrong);
                }
              }
            });
      } catch (UncheckedIOException closed) {
        // The test or the agent has ended the stream.
      }
    }

    Event next() throws InterruptedException {
      Event event = received.poll(10, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event came");
      }
      return event;
    }

    Event next(String name) throws InterruptedException {
      Event event = next();
      while (!event.name().equals(name)) {
        event = next();
      }
      return event;
    }

    /** Waits until the agent ends the stream. */
    void awaitEnd() throws InterruptedException {
      if (!reader.join(Duration.ofSeconds(10))) {
        throw new AssertionError("the stream goes on");
      }
    }

    @Override
    public void close() throws IOException {
      response.body().close();
    }
  }

  Events events(String path) throws IOException, InterruptedException {
    return new Events(path, "");
  }

  Events events(String path, String lastEventId) throws IOException, InterruptedException {
    return new Events(path, lastEventId);
  }

  @Override
  public void close() {
    http.shutdownNow();
    agent.close();
  }
}
