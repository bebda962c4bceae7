package org.heliograph.interop.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What an agent tells about its calls, from now on. */
public final class CallEvents implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /** One event: its name and what it carries. */
  public record Event(String name, JsonNode body) {
    /** Whether it is of that name and about that call. */
    public boolean is(String expected, String channel) {
      return name.equals(expected) && body.path("channel_id").asText().equals(channel);
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Event> events = new ArrayList<>();
  private String name = "";

  /** Subscribes; returns when the subscription stands. */
  public CallEvents(HeliographAgent agent) throws IOException {
    try {
      HttpResponse<Stream<String>> response =
          http.send(
              HttpRequest.newBuilder(URI.create(agent.url() + "/api/call/events"))
                  .header("Authorization", "Bearer " + agent.token())
                  .build(),
              HttpResponse.BodyHandlers.ofLines());
      if (response.statusCode() != 200) {
        throw new AssertionError(response);
      }
      Thread.ofVirtual().start(() -> read(response.body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void read(Stream<String> lines) {
    try (lines) {
      lines.forEach(this::read);
    } catch (UncheckedIOException e) {
      // Closed, or the agent is gone; who still awaits an event gets none.
    }
  }

  private void read(String line) {
    if (line.startsWith("event: ")) {
      name = line.substring("event: ".length());
    } else if (line.startsWith("data: ")) {
      try {
        add(new Event(name, JSON.readTree(line.substring("data: ".length()))));
      } catch (JsonProcessingException e) {
        System.err.println("not JSON from the agent: " + line);
      }
    }
  }

  private synchronized void add(Event event) {
    events.add(event);
    notifyAll();
  }

  /** The first event, of all so far and to come, that fits; fails the test when none comes. */
  public synchronized JsonNode await(Predicate<Event> fits) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (int next = 0; ; next++) {
      while (next == events.size()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError("the event awaited did not come; these did: " + events);
        }
        try {
          wait(Math.max(1, left / 1_000_000));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError(e);
        }
      }
      if (fits.test(events.get(next))) {
        return events.get(next).body();
      }
    }
  }

  /** Waits until a call is in a state. */
  public JsonNode awaitState(String channel, String state) {
    return await(
        event ->
            (event.is("state", channel) && event.body().path("state").asText().equals(state))
                || failIfEnded(event, channel, state));
  }

  private static boolean failIfEnded(Event event, String channel, String awaited) {
    if (event.is("ended", channel)) {
      throw new AssertionError("not " + awaited + ", but ended: " + event.body());
    }
    return false;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
