package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLHandshakeException;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.life.Usage;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.EmbeddedSignaler;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeCodec;
import org.heliograph.signaling.EnvelopeException;
import org.heliograph.signaling.PinnedCertificate;
import org.heliograph.signaling.Rendezvous;
import org.heliograph.signaling.SignalPayload;
import org.heliograph.signaling.Signaler;
import org.heliograph.signaling.WebSocketSignaler;
import org.heliograph.text.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RendezvousServerTest {
  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private RendezvousServer server;
  private AgentConfig.Ice ice = ice(Map.of());

  private static AgentConfig.Ice ice(Map<String, String> environment) {
    try {
      return ConfigReader.read(Optional.empty(), environment, Map.of()).ice();
    } catch (ConfigException wrong) {
      throw new AssertionError(wrong);
    }
  }

  @BeforeEach
  void start() throws Exception {
    server = open(0, false);
  }

  private RendezvousServer open(int port, boolean tls) throws Exception {
    AgentConfig.Rendezvous config =
        new AgentConfig.Rendezvous(
            "127.0.0.1",
            port,
            tls,
            List.of("guest", "ann", "bob"),
            true,
            Optional.of("a secret that lasts over restarts"));
    RendezvousServer opened = new RendezvousServer(config, "agent", ice::guestServers, new Usage());
    opened.start(directory);
    return opened;
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    server.close();
  }

  private int get(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  /** A client without any of our code on its side. */
  private static final class Client implements WebSocket.Listener {
    final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }

    String next() throws InterruptedException {
      String text = received.poll(10, TimeUnit.SECONDS);
      assertThat(text).as("a message").isNotNull();
      return text;
    }
  }

  private WebSocket join(Client client, String name, String token, String origin) {
    WebSocket.Builder builder = http.newWebSocketBuilder();
    if (!origin.isEmpty()) {
      builder.header("Origin", origin);
    }
    WebSocket socket =
        builder
            .buildAsync(
                URI.create(server.signalUrl() + "?peer=" + name + "&access_token=" + token), client)
            .orTimeout(10, TimeUnit.SECONDS)
            .join();
    awaitSeat(name);
    return socket;
  }

  /** The client's handshake is done a moment before the server has seated it. */
  private void awaitSeat(String name) {
    try {
      assertThat(server.rendezvous().awaitName(name, Duration.ofSeconds(10))).isTrue();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  private WebSocket join(Client client, String name) {
    return join(client, name, server.token(name), "");
  }

  private int refusal(String name, String token, String origin) {
    try {
      join(new Client(), name, token, origin).abort();
      return 101;
    } catch (CompletionException failure) {
      return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
    }
  }

  private static String ack(String from, String to) {
    return EnvelopeCodec.write(new Envelope("c", from, to, new SignalPayload.CallAck()));
  }

  /** So that a call with it uses loopback addresses, and one through a proxy does not. */
  @Test
  void aGuestOnThisMachineIsKnownAsSuch() {
    EmbeddedSignaler agent = new EmbeddedSignaler(server.rendezvous(), "agent");
    assertThat(agent.isOnThisMachine("ann")).isFalse();
    join(new Client(), "ann");
    assertThat(agent.isOnThisMachine("ann")).isTrue();

    for (String header : List.of("X-Forwarded-For", "Forwarded")) {
      Client client = new Client();
      http.newWebSocketBuilder()
          .header(header, "for=203.0.113.7")
          .buildAsync(
              URI.create(server.signalUrl() + "?peer=bob&access_token=" + server.token("bob")),
              client)
          .orTimeout(10, TimeUnit.SECONDS)
          .join();
      awaitSeat("bob");
      assertThat(agent.isOnThisMachine("bob")).isFalse();
    }
  }

  @Test
  void envelopesGoFromOneConnectionToAnother() throws Exception {
    Client ann = new Client();
    Client bob = new Client();
    WebSocket annSocket = join(ann, "ann");
    join(bob, "bob");
    annSocket.sendText(ack("ann", "bob"), true).join();
    assertThat(bob.next()).isEqualTo(ack("ann", "bob"));
  }

  @Test
  void anInvitationIsGoodForItsOwnNameOnly() {
    assertThat(refusal("ann", server.token("bob"), "")).isEqualTo(401);
    assertThat(refusal("ann", "", "")).isEqualTo(401);
    assertThat(refusal("", server.token(""), "")).isEqualTo(401);
    assertThat(refusal("ann", server.token("ann"), "")).isEqualTo(101);
  }

  @Test
  void nobodyTakesTheAgentsOwnName() {
    assertThat(refusal("agent", server.token("agent"), "")).isEqualTo(401);
  }

  @Test
  void pagesOfOtherOriginsAreKeptOut() {
    assertThat(refusal("ann", server.token("ann"), "https://evil.example")).isEqualTo(403);
    assertThat(refusal("ann", server.token("ann"), "http://127.0.0.1:" + server.port()))
        .isEqualTo(101);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/call/mode",
        "/api/call/active",
        "/api/call/events",
        "/api/signal/outbound",
        "/api/call/video/c",
        "/healthz",
        "/demo/",
        "/lib/index.js"
      })
  void nothingOfTheApiIsReachable(String path) throws Exception {
    assertThat(get(path)).isEqualTo(404);
    assertThat(get(path + "?access_token=" + server.token("guest"))).isEqualTo(404);
  }

  @Test
  void thePageForTheOtherSideIsServed() throws Exception {
    assertThat(get("/remote/")).isEqualTo(200);
    assertThat(get("/remote/remote.js")).isEqualTo(200);
  }

  @Test
  void theLinkSaysInItsFragmentWhatThePageReads() {
    URI link = URI.create(server.invitation("guest"));
    assertThat(link.getPath()).isEqualTo("/remote/");
    assertThat(link.getQuery()).isNull();
    assertThat(link.getFragment())
        .isEqualTo("token=" + server.token("guest") + "&peer=guest&call=agent");
  }

  @Test
  void aNewerConnectionTakesTheNameOver() throws Exception {
    Client older = new Client();
    Client newer = new Client();
    Client bob = new Client();
    join(older, "ann");
    join(newer, "ann");
    assertThat(older.closed.get(10, TimeUnit.SECONDS)).isEqualTo(Rendezvous.CLOSE_REPLACED);
    join(bob, "bob").sendText(ack("bob", "ann"), true).join();
    assertThat(newer.next()).isEqualTo(ack("bob", "ann"));
  }

  @Test
  void badEnvelopesAreAnsweredAndTheConnectionGoesOn() throws Exception {
    Client ann = new Client();
    Client bob = new Client();
    WebSocket socket = join(ann, "ann");
    join(bob, "bob");
    socket.sendText("nonsense", true).join();
    assertThat(ann.next()).contains("malformed");
    socket.sendText("x".repeat(100_000), true).join();
    assertThat(ann.next()).contains("too_large");
    socket.sendText(ack("bob", "bob"), true).join();
    assertThat(ann.next()).contains("wrong_sender");
    socket.sendText(ack("ann", "nobody"), true).join();
    assertThat(ann.next()).contains("peer_unreachable");
    socket.sendText(ack("ann", "bob"), true).join();
    assertThat(bob.next()).isEqualTo(ack("ann", "bob"));
  }

  private HttpResponse<String> askForIceServers(String name, String token, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + server.port() + "/ice?peer=" + name))
            .header("Authorization", "Bearer " + token);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private void configureIce(Map<String, String> environment) throws Exception {
    server.close();
    ice = ice(environment);
    server = open(0, false);
  }

  @Test
  void guestGetsTheConfiguredServersForHisInvitationOnly() throws Exception {
    configureIce(
        Map.of(
            "HELIOGRAPH_ICE_SERVERS", "stun:stun.example.org,turns:turn.example.org",
            "HELIOGRAPH_ICE_USERNAME", "ann",
            "HELIOGRAPH_ICE_CREDENTIAL", "secret"));
    HttpResponse<String> answer = askForIceServers("guest", server.token("guest"));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(Json.parseObject(answer.body()))
        .isEqualTo(
            Json.parseObject(
                """
                {"iceServers": [
                  {"urls": ["stun:stun.example.org"]},
                  {"urls": ["turns:turn.example.org"], "username": "ann", "credential": "secret"}]}
                """));
    assertThat(askForIceServers("guest", server.token("ann")).statusCode()).isEqualTo(401);
    assertThat(askForIceServers("agent", server.token("agent")).statusCode()).isEqualTo(401);
    assertThat(get("/ice?peer=guest")).isEqualTo(401);
    assertThat(
            askForIceServers("guest", server.token("guest"), "Origin", "https://evil.example")
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void withoutServersTheGuestIsToldSo() throws Exception {
    assertThat(askForIceServers("guest", server.token("guest")).body())
        .isEqualTo("{\"iceServers\":[]}");
  }

  /** coturn's use-auth-secret: the user name is the end, the password an HMAC over it. */
  @Test
  void sharedSecretStaysHereAndTheGuestGetsCredentialsThatEnd() throws Exception {
    String secret = "the secret that the server was given too";
    configureIce(
        Map.of("HELIOGRAPH_ICE_SERVERS", "turn:turn.example.org", "HELIOGRAPH_ICE_SECRET", secret));
    HttpResponse<String> answer = askForIceServers("guest", server.token("guest"));
    assertThat(answer.body()).doesNotContain(secret);
    JsonNode minted = Json.parseObject(answer.body()).at("/iceServers/0");
    String username = minted.path("username").asText();
    assertThat(username).endsWith(":heliograph-guest");
    long end = Long.parseLong(username.substring(0, username.indexOf(':')));
    assertThat(end)
        .isBetween(Instant.now().getEpochSecond(), Instant.now().getEpochSecond() + 24 * 60 * 60);
    Mac mac = Mac.getInstance("HmacSHA1");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
    assertThat(minted.path("credential").asText())
        .isEqualTo(
            Base64.getEncoder()
                .encodeToString(mac.doFinal(username.getBytes(StandardCharsets.UTF_8))));
  }

  /** Takes what a signaler brings. */
  private static final class Inbox implements Signaler.Receiver {
    final BlockingQueue<Envelope> received = new LinkedBlockingQueue<>();
    final BlockingQueue<String> undeliverable = new LinkedBlockingQueue<>();
    final BlockingQueue<Boolean> availability = new LinkedBlockingQueue<>();
    volatile EnvelopeException refusal;
    volatile Error error;

    @Override
    public CompletableFuture<Void> receive(Envelope envelope) {
      received.add(envelope);
      return refusal == null
          ? CompletableFuture.completedFuture(null)
          : CompletableFuture.failedFuture(refusal);
    }

    @Override
    public void undeliverable(String channelId, String to) {
      undeliverable.add(channelId + " to " + to);
    }

    @Override
    public void availability(boolean available) {
      availability.add(available);
      Error once = error;
      error = null;
      if (once != null) {
        throw once;
      }
    }

    void awaitAvailability(boolean wanted) throws InterruptedException {
      assertThat(availability.poll(20, TimeUnit.SECONDS)).isEqualTo(wanted);
    }
  }

  private WebSocketSignaler signaler(String name, Inbox inbox) throws InterruptedException {
    WebSocketSignaler signaler =
        new WebSocketSignaler(
            URI.create(server.signalUrl()), name, server.token(name), server.fingerprint());
    signaler.start(inbox);
    inbox.awaitAvailability(true);
    awaitSeat(name);
    return signaler;
  }

  private static Envelope request(String from, String to) {
    return new Envelope("c", from, to, new SignalPayload.CallRequest(CallMedia.AUDIO_AND_VIDEO));
  }

  @Test
  void anErrorOfItsThreadDoesNotKeepASignalerFromJoiningAgain() throws Exception {
    Inbox ann = new Inbox();
    ann.error = new OutOfMemoryError("by the test");
    try (WebSocketSignaler _ = signaler("ann", ann)) {
      ann.awaitAvailability(false);
      ann.awaitAvailability(true);
    }
  }

  @Test
  void twoAgentsReachEachOther() throws Exception {
    Inbox ann = new Inbox();
    Inbox bob = new Inbox();
    try (WebSocketSignaler annSide = signaler("ann", ann);
        WebSocketSignaler bobSide = signaler("bob", bob)) {
      annSide.send(request("ann", "bob"));
      assertThat(bob.received.poll(10, TimeUnit.SECONDS)).isEqualTo(request("ann", "bob"));
      bobSide.send(request("bob", "nobody"));
      assertThat(bob.undeliverable.poll(10, TimeUnit.SECONDS)).isEqualTo("c to nobody");
    }
  }

  @Test
  void aRefusalIsToldToTheSenderButNeverAnswered() throws Exception {
    Inbox ann = new Inbox();
    Inbox bob = new Inbox();
    bob.refusal = new EnvelopeException(EnvelopeException.Code.UNEXPECTED, "No.");
    ann.refusal = new EnvelopeException(EnvelopeException.Code.UNKNOWN_CALL, "No call.");
    try (WebSocketSignaler annSide = signaler("ann", ann);
        WebSocketSignaler _ = signaler("bob", bob)) {
      annSide.send(request("ann", "bob"));
      assertThat(ann.received.poll(10, TimeUnit.SECONDS).payload())
          .isEqualTo(new SignalPayload.CallError("unexpected", "No."));
      annSide.send(new Envelope("d", "ann", "bob", new SignalPayload.CallAck()));
      assertThat(ann.received.poll(10, TimeUnit.SECONDS).channelId()).isEqualTo("d");
      assertThat(bob.received).extracting(Envelope::channelId).containsExactly("c", "d");
    }
  }

  @Test
  void anAgentComesBackWhenTheRendezvousDoes() throws Exception {
    Inbox ann = new Inbox();
    try (WebSocketSignaler annSide = signaler("ann", ann)) {
      int port = server.port();
      server.close();
      ann.awaitAvailability(false);
      assertThat(annSide.unavailable()).isPresent();
      annSide.send(request("ann", "nobody"));
      server = open(port, false);
      ann.awaitAvailability(true);
      assertThat(annSide.unavailable()).isEmpty();
      assertThat(ann.undeliverable.poll(10, TimeUnit.SECONDS))
          .as("what waited is sent")
          .isEqualTo("c to nobody");
    }
  }

  @Test
  void withTlsTheCertificateIsKeptAndItsFingerprintIsTheOneTrusted() throws Exception {
    server.close();
    server = open(0, true);
    assertThat(server.signalUrl()).startsWith("wss://");
    String fingerprint = server.fingerprint().orElseThrow();
    Path kept = directory.resolve("rendezvous.p12");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rw-------");
    Inbox ann = new Inbox();
    signaler("ann", ann).close();
    server.close();
    server = open(0, true);
    assertThat(server.fingerprint()).contains(fingerprint);
  }

  /** Loopback has an address with a zone, ::1%lo, on most machines. */
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::"})
  void onEveryAddressItIsReachedUnderThatOfTheLink(String everywhere) throws Exception {
    server.close();
    server =
        new RendezvousServer(
            new AgentConfig.Rendezvous(
                everywhere, 0, true, List.of("guest"), false, Optional.empty()),
            "agent",
            List::of,
            new Usage());
    server.start(directory);
    assertThat(server.invitation("guest")).doesNotContain("%lo");
    assertThat(overTls(server.fingerprint().orElseThrow())).isEqualTo(200);
  }

  /** A pinned fingerprint is that of the next start too, however the address is written. */
  @ParameterizedTest
  @ValueSource(strings = {"::1", "0:0:0:0:0:0:0:1", "::", "localhost"})
  void theCertificateIsKeptHoweverTheAddressIsWritten(String listen) throws Exception {
    String made = RendezvousCertificate.loadOrCreate(directory, listen).fingerprint();
    assertThat(RendezvousCertificate.loadOrCreate(directory, listen).fingerprint()).isEqualTo(made);
  }

  @Test
  void aForeignCertificateIsNotTrusted() throws Exception {
    server.close();
    server = open(0, true);
    assertThat(overTls(server.fingerprint().orElseThrow())).isEqualTo(200);
    assertThatThrownBy(() -> overTls("00".repeat(32))).isInstanceOf(SSLHandshakeException.class);
  }

  private int overTls(String fingerprint) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(PinnedCertificate.context(fingerprint)).build()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create(server.invitation("guest").replaceAll("[?#].*", "")))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .statusCode();
    }
  }
}
