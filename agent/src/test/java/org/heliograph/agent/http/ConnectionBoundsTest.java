package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.life.Usage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever knocks at a listener and does not come in. */
class ConnectionBoundsTest {
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofMinutes(10);
  private static final int CONNECTIONS = 8;

  @TempDir Path directory;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    http.shutdownNow();
  }

  private static ConnectionBounds.Limits limits(
      int connections, Duration first, Duration next, Duration body, Duration whole) {
    return new ConnectionBounds.Limits(connections, first, next, body, Optional.of(whole));
  }

  /** A server that answers a request when its body is complete and the gate is open. */
  private final class Gated {
    final ConnectionBounds bounds;
    final CountDownLatch gate = new CountDownLatch(1);

    /** A permit for each request that stands before the gate. */
    final Semaphore handled = new Semaphore(0);

    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);

    Gated(ConnectionBounds.Limits limits) throws Exception {
      bounds = new ConnectionBounds(limits);
      bounds.setHandler(
          new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback)
                throws Exception {
              Content.Source.consumeAll(request);
              if (request.getHttpURI().getPath().equals("/gate")) {
                handled.release();
                gate.await();
              }
              response.write(true, null, callback);
              return true;
            }
          });
      server.setHandler(bounds);
      connector.setHost("127.0.0.1");
      connector.addBean(bounds);
      server.addConnector(connector);
      server.start();
      opened.addFirst(server::stop);
    }

    RawClient client() throws IOException {
      return ConnectionBoundsTest.this.client(connector.getLocalPort());
    }
  }

  private RawClient client(int port) throws IOException {
    RawClient client = new RawClient(port);
    opened.add(client);
    return client;
  }

  private RendezvousServer rendezvous(boolean tls, ConnectionBounds.Limits limits)
      throws IOException {
    RendezvousServer server =
        new RendezvousServer(
            new AgentConfig.Rendezvous(
                "127.0.0.1", 0, tls, List.of("ann"), false, Optional.empty()),
            "agent",
            List::of,
            new Usage(),
            limits);
    server.start(directory);
    opened.addFirst(server);
    return server;
  }

  /** Sends the text byte by byte, and again, until the other side ends the connection. */
  private static void trickle(RawClient client, String text) throws Exception {
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; true; i++) {
                      client.send(text.substring(i % text.length(), i % text.length() + 1));
                      Thread.sleep(20);
                    }
                  } catch (IOException | InterruptedException _) {
                    // It is over.
                  }
                });
    client.awaitEnd();
    client.close();
    writer.join();
  }

  /** Neither silence nor a trickle keeps a connection, before TLS stands or after. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRequestThatIsNotCompleteInTimeEndsItsConnection(boolean tls) throws Exception {
    RendezvousServer server = rendezvous(tls, limits(CONNECTIONS, SHORT, LONG, LONG, LONG));
    client(server.port()).awaitEnd();
    trickle(client(server.port()), "X-Header: 1\r\n");
    // The start of a TLS record that announces 16 KB of handshake.
    trickle(client(server.port()), "\u0016\u0003\u0001?\u00ff\u0001");
  }

  @Test
  void aConnectionIsKeptForANextRequestForATimeOnly() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, SHORT, LONG, LONG));
    RawClient client = server.client();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(client.header()).startsWith("HTTP/1.1 200");
    trickle(client, "X");
  }

  @Test
  void aBodyThatIsNotCompleteInTimeEndsItsConnection() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, SHORT, LONG));
    RawClient client = server.client();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    trickle(client, "x");
  }

  @Test
  void aBodyThatIsCompleteHasNoTimeAnyMore() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, SHORT, LONG));
    RawClient slow = server.client();
    slow.send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    RawClient other = server.client();
    other.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    other.awaitEnd(); // By now the first one's time would be over too.
    server.gate.countDown();
    assertThat(slow.header()).startsWith("HTTP/1.1 200");
  }

  @Test
  void aRequestAsAWholeHasATimeWhereNoneMayGoOn() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, LONG, SHORT));
    RawClient client = server.client();
    client.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    client.awaitEnd();
    server.gate.countDown();
  }

  @Test
  void theConnectionThatHasWaitedLongestMakesRoom() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, LONG, LONG));
    RawClient busy = server.client();
    busy.send("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
    server.handled.acquire();
    CountDownLatch ended = new CountDownLatch(4 * CONNECTIONS + 1);
    for (int i = 0; i < 5 * CONNECTIONS; i++) {
      RawClient client = server.client();
      client.send("GET / HT");
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  client.awaitEnd();
                  ended.countDown();
                } catch (IOException closedHere) {
                  // It was one of those that are held.
                }
              });
    }
    assertThat(ended.await(20, TimeUnit.SECONDS)).as("all but seven are closed").isTrue();
    RawClient newest = server.client();
    newest.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(newest.header()).startsWith("HTTP/1.1 200");
    server.gate.countDown();
    assertThat(busy.header()).startsWith("HTTP/1.1 200");
  }

  @Test
  void whereAllAreInUseTheNewOneIsRefused() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, LONG, LONG));
    List<RawClient> busy = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      RawClient client = server.client();
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(client.header()).startsWith("HTTP/1.1 200");
      busy.add(client);
    }
    server.handled.acquire(CONNECTIONS);
    RawClient late = server.client();
    late.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    late.awaitEnd();
    server.gate.countDown();
    for (RawClient client : busy) {
      assertThat(client.header()).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aConnectionThatIsGoneIsNotCounted() throws Exception {
    Gated server = new Gated(limits(CONNECTIONS, LONG, LONG, LONG, LONG));
    for (int i = 0; i < 20; i++) {
      try (RawClient client = server.client()) {
        client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        client.awaitEnd();
      }
    }
    while (server.bounds.count() > 0) {
      Thread.onSpinWait();
    }
  }

  /** More unfinished requests than there may be stand before each of the agent's listeners. */
  @Test
  void whoHoldsMoreConnectionsThanThereMayBeKeepsNobodyOut() throws Exception {
    try (Api api = Api.withBridge(directory)) {
      RendezvousServer server = rendezvous(false, ConnectionBounds.Limits.RENDEZVOUS);
      for (Map.Entry<URI, ConnectionBounds.Limits> listener :
          Map.of(
                  URI.create(api.agent.url() + "/healthz"), ConnectionBounds.Limits.API,
                  URI.create("http://127.0.0.1:" + server.port() + "/remote/"),
                      ConnectionBounds.Limits.RENDEZVOUS)
              .entrySet()) {
        URI address = listener.getKey();
        List<RawClient> held = new ArrayList<>();
        for (int i = 0; i < listener.getValue().connections() + 40; i++) {
          RawClient client = client(address.getPort());
          client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1");
          held.add(client);
        }
        HttpResponse<Void> answer =
            http.sendAsync(
                    HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                .get(20, TimeUnit.SECONDS);
        assertThat(answer.statusCode()).isEqualTo(200);
        held.getFirst().awaitEnd();
      }
    }
  }
}
