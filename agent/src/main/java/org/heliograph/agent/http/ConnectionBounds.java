package org.heliograph.agent.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the connections of a listener, before anybody has said who he is. A connection that asks
 * for nothing (its TLS handshake or its request's header is not complete, or it is kept for a next
 * request) has a time to do so, however much of it trickles in. A request's body has a time too.
 * When there are too many, the one that has waited longest makes room: whoever opens many loses his
 * own, and who has something to ask is heard.
 */
final class ConnectionBounds extends Handler.Wrapper implements Connection.Listener {
  /**
   * @param connections how many there are at most
   * @param firstRequest from the connection's beginning to the end of its first request's header
   * @param nextRequest from a request's end to the end of the next one's header
   * @param body from a header's end to its body's
   * @param wholeRequest from a header's end to the response's; empty where one may go on, such as
   *     an event stream. WebSockets have bounds of their own.
   */
  record Limits(
      int connections,
      Duration firstRequest,
      Duration nextRequest,
      Duration body,
      Optional<Duration> wholeRequest) {
    /** Of the listener on loopback: pages follow events and media for as long as they like. */
    static final Limits API =
        new Limits(
            1024,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Optional.empty());

    /** Of the listener for everybody: beside WebSockets there are only files and short answers. */
    static final Limits RENDEZVOUS =
        new Limits(
            256,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            Optional.of(Duration.ofSeconds(30)));
  }

  private static final Logger log = LoggerFactory.getLogger(ConnectionBounds.class);

  /** How often it is looked whose time is over, while anybody has one. */
  private static final Duration LOOK = Duration.ofMillis(500);

  /** A connection: a socket, with TLS and HTTP or WebSocket upon it. */
  private static final class Held {
    /** How many protocols are open upon the socket. */
    private int layers;

    /** Whether it asks for nothing. */
    private boolean waiting = true;

    /** Whether it is bounded elsewhere. */
    private boolean webSocket;

    private long sinceNanos = System.nanoTime();

    /** Null where it may go on. */
    private Duration patience;

    Held(Duration patience) {
      this.patience = patience;
    }

    void begin(boolean nowWaiting, Duration nowPatience) {
      waiting = nowWaiting;
      sinceNanos = System.nanoTime();
      patience = nowPatience;
    }

    boolean isOverdue() {
      return patience != null && System.nanoTime() - sinceNanos > patience.toNanos();
    }
  }

  private final Limits limits;
  private final RepeatedLog warnings = new RepeatedLog(log);

  /** Guards itself, all that is in it, and {@link #looking}. */
  private final Map<EndPoint, Held> held = new HashMap<>();

  private boolean looking;

  /** To stand before everything that answers, and to be a bean of every connector. */
  ConnectionBounds(Limits limits) {
    this.limits = limits;
  }

  // --- Connections ------------------------------------------------------------------------------

  @Override
  public void onOpened(Connection connection) {
    EndPoint socket = socket(connection);
    Optional<EndPoint> tooMany;
    synchronized (held) {
      Held opened = held.get(socket);
      tooMany = opened == null ? superfluous(socket) : Optional.empty();
      if (opened == null) {
        opened = new Held(limits.firstRequest());
        held.put(socket, opened);
      }
      opened.layers++;
      if (connection instanceof WebSocketConnection) {
        opened.webSocket = true;
        opened.begin(false, null);
      }
      look();
    }
    tooMany.ifPresent(
        each -> {
          warnings.warn(
              "", "full", "There are " + limits.connections() + " connections, and one too many.");
          each.close(new TimeoutException("there are too many connections"));
        });
  }

  /** What is to be closed if a new connection is taken in; the new one if all others are in use. */
  private Optional<EndPoint> superfluous(EndPoint newest) {
    if (held.size() < limits.connections()) {
      return Optional.empty();
    }
    return Optional.of(longestWaiting(Duration.ZERO).orElse(newest));
  }

  private Optional<EndPoint> longestWaiting(Duration atLeast) {
    long now = System.nanoTime();
    Optional<Map.Entry<EndPoint, Held>> longest =
        held.entrySet().stream()
            .filter(each -> each.getValue().waiting)
            .filter(each -> now - each.getValue().sinceNanos >= atLeast.toNanos())
            .min(Comparator.comparingLong(each -> each.getValue().sinceNanos));
    longest.ifPresent(each -> each.getValue().waiting = false); // Nobody chooses it again.
    return longest.map(Map.Entry::getKey);
  }

  /**
   * Closes the connection that has waited longest, since no further one can be had.
   *
   * @param atLeast how long it must have waited; who has just come is about to ask
   * @return whether there was one that waited
   */
  boolean makeRoom(Duration atLeast) {
    Optional<EndPoint> longest;
    synchronized (held) {
      longest = longestWaiting(atLeast);
    }
    longest.ifPresent(each -> each.close(new TimeoutException("others need its place")));
    return longest.isPresent();
  }

  @Override
  public void onClosed(Connection connection) {
    synchronized (held) {
      held.computeIfPresent(
          socket(connection), (_, closed) -> --closed.layers == 0 ? null : closed);
    }
  }

  /** How many there are. */
  int count() {
    synchronized (held) {
      return held.size();
    }
  }

  private static EndPoint socket(Connection connection) {
    EndPoint socket = connection.getEndPoint();
    while (socket instanceof EndPoint.Wrapper upon) {
      socket = upon.unwrap();
    }
    return socket;
  }

  // --- Requests ---------------------------------------------------------------------------------

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    EndPoint socket = socket(request.getConnectionMetaData().getConnection());
    boolean body =
        request.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0
            || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    Duration whole = limits.wholeRequest().orElse(null);
    begin(socket, false, body ? limits.body() : whole);
    Request.addCompletionListener(request, _ -> begin(socket, true, limits.nextRequest()));
    return super.handle(
        body ? new WithBody(request, () -> begin(socket, false, whole)) : request,
        response,
        callback);
  }

  private void begin(EndPoint socket, boolean waiting, Duration patience) {
    synchronized (held) {
      Held about = held.get(socket);
      if (about != null && !about.webSocket) {
        about.begin(waiting, patience);
        look();
      }
    }
  }

  /** Tells when the body is complete. */
  private static final class WithBody extends Request.Wrapper {
    private final Runnable complete;

    WithBody(Request request, Runnable complete) {
      super(request);
      this.complete = complete;
    }

    @Override
    public Content.Chunk read() {
      Content.Chunk chunk = super.read();
      if (chunk != null && chunk.isLast()) {
        complete.run();
      }
      return chunk;
    }
  }

  // --- Time -------------------------------------------------------------------------------------

  private void look() {
    if (!looking && held.values().stream().anyMatch(each -> each.patience != null)) {
      looking = true;
      CompletableFuture.delayedExecutor(
              LOOK.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread)
          .execute(this::closeOverdue);
    }
  }

  private void closeOverdue() {
    List<EndPoint> overdue = new ArrayList<>();
    synchronized (held) {
      looking = false;
      held.forEach(
          (socket, each) -> {
            if (each.isOverdue()) {
              overdue.add(socket);
            }
          });
      look();
    }
    overdue.forEach(each -> each.close(new TimeoutException("the request is not complete")));
  }
}
