package org.heliograph.agent.http;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.heliograph.agent.call.CallEvent;
import org.heliograph.text.Json;

/** Every client that follows events; bounded in number. */
final class EventStreams {
  static final int CLIENTS = 64;

  /** How long clients have for the last events. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private final Duration heartbeat;
  private final Map<EventStream, Predicate> followers = new ConcurrentHashMap<>();
  private final Set<EventStream> open = ConcurrentHashMap.newKeySet();

  /** One for each client that there may be. */
  private final Semaphore served = new Semaphore(CLIENTS);

  private volatile boolean closed;

  EventStreams() {
    this(HEARTBEAT);
  }

  /**
   * @param heartbeat how long nothing is written to a client at most
   */
  EventStreams(Duration heartbeat) {
    this.heartbeat = heartbeat;
  }

  /** Which events a follower wants. */
  interface Predicate {
    boolean wants(CallEvent event);
  }

  /** Hands an event to whoever wants it; never blocks. */
  void publish(CallEvent event) {
    if (followers.isEmpty()) {
      return;
    }
    String data = Json.write(event);
    followers.forEach(
        (stream, predicate) -> {
          if (predicate.wants(event)) {
            stream.offer(event.name(), data);
          }
        });
  }

  /** Lets a stream have the events from now on. */
  void follow(EventStream stream, Predicate predicate) {
    followers.put(stream, predicate);
  }

  /**
   * Serves one client until it goes.
   *
   * @param begin called with the new stream before anything is written
   * @param end called when the client has gone
   */
  void serve(Context context, Consumer<EventStream> begin, Consumer<EventStream> end) {
    if (!served.tryAcquire()) {
      throw new ProblemException(
          Problem.of(
              HttpStatus.TOO_MANY_REQUESTS,
              "too_many_streams",
              "There are " + CLIENTS + " event streams already.",
              "Close those that nobody reads."));
    }
    EventStream stream = new EventStream(heartbeat);
    open.add(stream);
    try {
      if (!closed) {
        begin.accept(stream);
        stream.run(context);
      }
    } finally {
      followers.remove(stream);
      open.remove(stream);
      end.accept(stream);
      served.release();
    }
  }

  /** How many clients there are. */
  int count() {
    return CLIENTS - served.availablePermits();
  }

  /** Ends every stream, and returns when each client has had what waited for it, or will not. */
  void close() {
    closed = true;
    open.forEach(EventStream::finish);
    try {
      if (!served.tryAcquire(CLIENTS, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        open.forEach(EventStream::end);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
