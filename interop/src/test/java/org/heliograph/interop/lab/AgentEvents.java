package org.heliograph.interop.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What an agent tells its pages: the events of {@code GET /api/call/events}. */
public final class AgentEvents implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One event.
   *
   * @param name such as {@code state} or {@code error}
   */
  public record Event(String name, JsonNode data) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Event> events = new ArrayList<>();

  /** Listens to all calls from now on. */
  public AgentEvents(HeliographAgent agent) throws IOException {
    this(agent, "/api/call/events");
  }

  /** Listens to another stream of events. */
  public AgentEvents(HeliographAgent agent, String path) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(agent.url() + path))
            .header("Authorization", "Bearer " + agent.token())
            .build();
    try {
      Stream<String> lines = http.send(request, HttpResponse.BodyHandlers.ofLines()).body();
      Thread.ofVirtual().start(() -> read(lines));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void read(Stream<String> lines) {
    String[] name = new String[1];
    try (lines) {
      lines.forEach(
          line -> {
            if (line.startsWith("event: ")) {
              name[0] = line.substring("event: ".length());
            } else if (line.startsWith("data: ")) {
              add(name[0], line.substring("data: ".length()));
            }
          });
    } catch (java.io.UncheckedIOException closed) {
      // The agent has ended, or this has been closed.
    }
  }

  private synchronized void add(String name, String data) {
    try {
      events.add(new Event(name, JSON.readTree(data)));
    } catch (IOException e) {
      throw new AssertionError("no JSON: " + data, e);
    }
    notifyAll();
  }

  /** How many events there have been. */
  public synchronized int count() {
    return events.size();
  }

  /** All events from one on. */
  public synchronized List<Event> since(int index) {
    return List.copyOf(events.subList(index, events.size()));
  }

  /** The first event that fits, of all so far and to come; fails the test if there is none. */
  public Event await(Predicate<Event> fits, Duration limit) {
    return await(0, fits, limit);
  }

  /** The first event that fits, from one on. */
  public synchronized Event await(int index, Predicate<Event> fits, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    for (int next = index; ; ) {
      for (; next < events.size(); next++) {
        if (fits.test(events.get(next))) {
          return events.get(next);
        }
      }
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("the event awaited did not come; there were " + events);
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
