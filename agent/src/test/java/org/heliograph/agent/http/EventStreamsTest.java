package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.javalin.Javalin;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ServerConnector;
import org.heliograph.agent.life.Usage;
import org.heliograph.text.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams to which nothing is written unless a test does: the heartbeat is an hour away. */
@Timeout(60)
class EventStreamsTest {
  private final EventStreams streams = new EventStreams(Duration.ofHours(1));
  private final Semaphore begun = new Semaphore(0);
  private final Semaphore ended = new Semaphore(0);
  private final BlockingQueue<EventStream> opened = new LinkedBlockingQueue<>();
  private final List<RawClient> clients = new ArrayList<>();
  private Javalin server;

  @BeforeEach
  void start() throws Exception {
    ConnectionBounds connections = new ConnectionBounds(ConnectionBounds.Limits.API);
    UseCount uses = new UseCount(new Usage());
    server =
        Javalin.create(
            config -> {
              Listener.configure(config, connections, uses);
              config.jetty.host = "127.0.0.1";
              config.jetty.port = 0;
              Listener.listen(config, connections);
              config.routes.get(
                  "/events",
                  context ->
                      streams.serve(
                          context,
                          stream -> {
                            opened.add(stream);
                            begun.release();
                          },
                          _ -> ended.release()));
              config.routes.get(
                  "/error",
                  _ -> {
                    throw new StackOverflowError();
                  });
            });
    Listener.start(server, connections, uses, "A test", "none");
    // What Jetty would close by itself after half a minute.
    for (Connector connector : server.jettyServer().server().getConnectors()) {
      ((ServerConnector) connector).setIdleTimeout(Duration.ofHours(1).toMillis());
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    streams.close();
    server.stop();
  }

  private RawClient ask() throws IOException {
    RawClient client = new RawClient(server.port());
    clients.add(client);
    client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    return client;
  }

  private RawClient follow() throws IOException {
    RawClient client = ask();
    assertThat(client.header()).startsWith("HTTP/1.1 200");
    return client;
  }

  @Test
  void whoHasClosedHoldsNoPlace() throws Exception {
    for (int round = 0; round < 3; round++) {
      List<RawClient> here = new ArrayList<>();
      for (int i = 0; i < EventStreams.CLIENTS; i++) {
        here.add(follow());
      }
      assertThat(ask().header()).startsWith("HTTP/1.1 429");
      for (RawClient client : here) {
        client.close();
      }
      ended.acquire(EventStreams.CLIENTS);
      while (streams.count() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  /** Though its window is full, so that the stream's thread waits in a write. */
  @Test
  void whoHasClosedWithoutReadingHoldsNoPlace() throws Exception {
    RawClient client = follow();
    EventStream stream = opened.take();
    String large = "x".repeat(100_000);
    for (int i = 0; i < 200; i++) {
      stream.offer("large", large);
    }
    client.socket.shutdownOutput();
    ended.acquire();
  }

  /** Nobody has to, and it does no harm. */
  @Test
  void whatAClientSendsMeanwhileIsOfNoUse() throws Exception {
    RawClient client = follow();
    EventStream stream = opened.take();
    for (int i = 0; i < 100; i++) {
      client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    stream.offer("there", "{}");
    stream.finish();
    assertThat(client.rest()).contains("event: there").doesNotContain("HTTP/1.1");
    ended.acquire();
    assertThat(begun.availablePermits()).isEqualTo(1);
  }

  @Test
  void theLastEventsReachAClientBeforeItsConnectionEnds() throws Exception {
    RawClient client = follow();
    EventStream stream = opened.take();
    for (int i = 0; i < 50; i++) {
      stream.offer("event" + i, "{}");
    }
    streams.close();
    assertThat(client.rest()).contains("event: event0\n", "event: event49\n");
  }

  @Test
  void proxiesAreAskedToHandOnWhatComes() throws Exception {
    RawClient client = ask();
    assertThat(client.header())
        .containsIgnoringCase("\r\nX-Accel-Buffering: no\r\n")
        .containsIgnoringCase("\r\nCache-Control: no-store\r\n")
        .containsIgnoringCase("\r\nConnection: close\r\n");
  }

  @Test
  void anErrorOfARequestIsAProblem() throws Exception {
    RawClient client = new RawClient(server.port());
    clients.add(client);
    client.send("GET /error HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assertThat(client.header())
        .startsWith("HTTP/1.1 500")
        .containsIgnoringCase("\r\nContent-Type: application/problem+json\r\n");
    assertThat(Json.parseObject(client.rest()).path("code").asText()).isEqualTo("internal_error");
  }

  @Test
  void whoeverIsNotClosedHearsOn() throws Exception {
    RawClient stays = follow();
    EventStream stream = opened.take();
    try (RawClient goes = follow()) {
      assertThat(goes.socket.isConnected()).isTrue();
    }
    ended.acquire();
    stream.offer("still", "{}");
    stream.finish();
    assertThat(stays.rest()).contains("event: still");
    assertThat(ended.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
  }
}
