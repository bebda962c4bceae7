package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.life.Usage;
import org.heliograph.signaling.EmbeddedSignaler;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeCodec;
import org.heliograph.signaling.Rendezvous;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.signaling.Signaler;
import org.heliograph.text.HeardLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest can do who means no good: break nobody but himself. */
class RendezvousGuestsTest {
  /** More bytes than the buffers of two sockets hold. */
  private static final long PINGS_TAKEN = 100_000_000;

  @TempDir Path directory;
  private final List<RawClient> clients = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private RendezvousServer server;

  private static AgentConfig.Rendezvous guests(String... names) {
    return new AgentConfig.Rendezvous(
        "127.0.0.1", 0, false, List.of(names), false, Optional.empty());
  }

  @BeforeEach
  void start() throws Exception {
    server = open(false);
  }

  private RendezvousServer open(boolean tls) throws IOException {
    AgentConfig.Rendezvous config =
        new AgentConfig.Rendezvous(
            "127.0.0.1", 0, tls, List.of("ann", "bob", "eve"), false, Optional.empty());
    RendezvousServer opened = new RendezvousServer(config, "agent", List::of, new Usage());
    opened.start(directory);
    return opened;
  }

  @AfterEach
  void stop() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    http.shutdownNow();
    server.close();
  }

  private RawClient client() throws IOException {
    RawClient client =
        server.fingerprint().isPresent()
            ? RawClient.overTls(server.port(), server.fingerprint().get())
            : new RawClient(server.port());
    clients.add(client);
    return client;
  }

  /** Knocks with a name's own token, and stays; the status. */
  private int knock(RawClient client, String name) throws IOException {
    return Integer.parseInt(client.upgrade(name, server.token(name)).substring(9, 12));
  }

  private RawClient join(String name) throws Exception {
    RawClient client = client();
    assertThat(knock(client, name)).isEqualTo(101);
    assertThat(server.rendezvous().awaitName(name, Duration.ofSeconds(10))).isTrue();
    return client;
  }

  private int askForIceServers(String name) throws Exception {
    return http.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://127.0.0.1:%d/ice?peer=%s&access_token=%s"
                            .formatted(server.port(), name, server.token(name))))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static String envelope(String from, String to) {
    return EnvelopeCodec.write(new Envelope("c", from, to, new SignalPayload.CallAck()));
  }

  // --- The list of guests -----------------------------------------------------------------------

  @Test
  void aNameThatIsNotOnTheListIsAStrangersWhateverItsToken() throws Exception {
    assertThat(knock(client(), "carl")).isEqualTo(401);
    assertThat(askForIceServers("carl")).isEqualTo(401);
    assertThat(askForIceServers("eve")).isEqualTo(200);
    server.reconfigure(guests("ann"));
    assertThat(knock(client(), "eve")).isEqualTo(401);
    assertThat(askForIceServers("eve")).isEqualTo(401);
    assertThat(server.invitations()).containsOnlyKeys("ann");
    server.reconfigure(guests("ann", "carl"));
    assertThat(knock(client(), "carl")).isEqualTo(101);
    assertThat(server.invitations()).containsOnlyKeys("ann", "carl");
  }

  @Test
  void theOpenConnectionOfANameThatIsTakenOffEndsAndNoOther() throws Exception {
    BlockingInbox agent = new BlockingInbox();
    try (EmbeddedSignaler seat = new EmbeddedSignaler(server.rendezvous(), "agent")) {
      seat.start(agent);
      RawClient ann = join("ann");
      RawClient eve = join("eve");
      server.reconfigure(guests("ann"));
      assertThat(server.rendezvous().names()).containsExactly("agent", "ann");
      eve.text(envelope("eve", "agent"));
      assertThat(eve.closeCode()).isEqualTo(1008);
      awaitSockets("eve", 0); // Though he does not answer.
      ann.text(envelope("ann", "agent"));
      assertThat(agent.first.get(10, TimeUnit.SECONDS).from()).isEqualTo("ann");
    }
  }

  /** Others can send him away as soon as his name is known, before he has sat down. */
  @Test
  void whoIsTakenOffWhileHeJoinsIsGoneWithHisSocket() throws Exception {
    try (HeardLog _ =
        new HeardLog(
            Rendezvous.class,
            line -> {
              if (line.getMessage().equals("eve has joined the rendezvous")) {
                server.reconfigure(guests("ann"));
              }
            })) {
      RawClient eve = client();
      assertThat(knock(eve, "eve")).isEqualTo(101);
      assertThat(eve.closeCode()).isEqualTo(1008);
      awaitSockets("eve", 0);
      assertThat(server.rendezvous().names()).isEmpty();
    }
  }

  private static final class BlockingInbox implements Signaler.Receiver {
    final CompletableFuture<Envelope> first = new CompletableFuture<>();

    @Override
    public CompletableFuture<Void> receive(Envelope envelope) {
      first.complete(envelope);
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void undeliverable(String channelId, String to) {}

    @Override
    public void availability(boolean available) {}
  }

  // --- Connections ------------------------------------------------------------------------------

  @Test
  void socketsThatNeverAnswerTheCloseHoldTheirOwnNameOnly() throws Exception {
    for (int i = 0; i < 80; i++) {
      assertThat(knock(client(), "eve")).isIn(101, 503);
      assertThat(server.sockets("eve")).isLessThanOrEqualTo(4);
    }
    assertThat(knock(client(), "ann")).isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aReplacedSocketIsCutThoughItDoesNotAnswer(boolean tls) throws Exception {
    server.close();
    server = open(tls);
    RawClient older = join("eve");
    join("eve");
    assertThat(older.closeCode()).isEqualTo(Rendezvous.CLOSE_REPLACED);
    awaitSockets("eve", 1);
  }

  /** Half of a connection is shut at once; it is gone when the server forgets it. */
  private void awaitSockets(String name, int number) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (server.sockets(name) != number) {
            Thread.sleep(20);
          }
        },
        "the sockets of " + name);
  }

  /** Whatever it was used for, a connection that is gone is forgotten. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void connectionsThatAreGoneAreNotCounted(boolean tls) throws Exception {
    server.close();
    server = open(tls);
    join("ann");
    join("eve");
    join("eve");
    client(); // asks for nothing
    RawClient page = client();
    page.send("GET /remote/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assertThat(page.header()).startsWith("HTTP/1.1 200");
    assertThat(knock(client(), "carl")).isEqualTo(401);
    assertThat(server.connections()).isBetween(3, 6);
    for (RawClient each : clients) {
      each.close();
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          while (server.connections() > 0) {
            Thread.sleep(20);
          }
        });
  }

  // --- What he sends ----------------------------------------------------------------------------

  @Test
  void aFloodIsAFewLinesInTheLogAndIsCutOff() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (HeardLog _ = new HeardLog(Rendezvous.class, line -> lines.add(line.getMessage()))) {
      RawClient eve = join("eve");
      Thread reader =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      assertThat(eve.closeCode()).isEqualTo(1008);
                    } catch (IOException broken) {
                      throw new AssertionError(broken);
                    }
                  });
      try {
        for (int i = 0; i < 100_000; i++) {
          eve.text("nonsense " + i);
        }
      } catch (IOException cut) {
        // As it should be.
      }
      reader.join();
      awaitSockets("eve", 0);
    }
    assertThat(lines).hasSizeBetween(3, 10).anyMatch(line -> line.contains("eve is cut off"));
  }

  @Test
  void binaryFramesAreNoEnvelopes() throws Exception {
    RawClient eve = join("eve");
    eve.frame(RawClient.FIN | RawClient.BINARY, new byte[10]);
    assertThat(eve.closeCode()).isEqualTo(1003);
    awaitSockets("eve", 0);
  }

  @Test
  void textThatIsNoUtf8EndsTheConnection() throws Exception {
    RawClient eve = join("eve");
    eve.frame(RawClient.FIN | RawClient.TEXT, new byte[] {'{', (byte) 0xC3, '}'});
    assertThat(eve.closeCode()).isEqualTo(1007);
    awaitSockets("eve", 0);
  }

  @Test
  void compressionIsNotAgreedUponAndNotUnderstood() throws Exception {
    RawClient eve = client();
    assertThat(
            eve.upgrade(
                "eve",
                server.token("eve"),
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"))
        .startsWith("HTTP/1.1 101")
        .doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
    eve.frame(RawClient.FIN | RawClient.RSV1 | RawClient.TEXT, new byte[100]);
    assertThat(eve.closeCode()).isEqualTo(1002);
    awaitSockets("eve", 0);
  }

  @Test
  void aMessageInFragmentsWithoutEndEndsTheConnection() throws Exception {
    RawClient eve = join("eve");
    eve.frame(RawClient.TEXT, new byte[1000]);
    int sent = 1;
    try {
      for (; sent < 10_000; sent++) {
        eve.frame(RawClient.CONTINUATION, new byte[1000]);
      }
    } catch (IOException cut) {
      // As it should be.
    }
    assertThat(sent).isLessThan(10_000);
    awaitSockets("eve", 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {65, 400, 2000})
  void aLongHeaderIsRefusedInWords(int kilobytes) throws Exception {
    RawClient eve = client();
    String answer;
    try {
      answer =
          eve.upgrade("eve", server.token("eve"), "X: " + "x".repeat(kilobytes << 10) + "\r\n");
    } catch (IOException cut) {
      answer = "";
    }
    assertThat(answer).matches("(?s)(HTTP/1\\.1 431 .*)?");
    eve.awaitEnd();
    assertThat(knock(client(), "ann")).isEqualTo(101);
  }

  /** Pings are answered one by one: while nobody reads the answers, nothing is taken in. */
  @Test
  void pingsWhoseAnswersNobodyReadAreHeldBack() throws Exception {
    byte[] ping = new byte[131];
    ping[0] = (byte) (RawClient.FIN | RawClient.PING);
    ping[1] = (byte) (0x80 | 125); // the mask is 0
    RawClient eve = join("eve");
    AtomicLong taken = new AtomicLong();
    Thread flood =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (true) {
                      eve.socket.getOutputStream().write(ping);
                      taken.addAndGet(ping.length);
                    }
                  } catch (IOException ended) {
                    // By the end of the test.
                  }
                });
    long before = -1;
    while (taken.get() > before && taken.get() < PINGS_TAKEN) {
      before = taken.get();
      Thread.sleep(2000);
    }
    assertThat(taken.get()).isLessThan(PINGS_TAKEN);
    assertThat(knock(client(), "ann")).isEqualTo(101);
    eve.close();
    flood.join();
  }
}
