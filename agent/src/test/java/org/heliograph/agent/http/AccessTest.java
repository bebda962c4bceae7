package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may use the API, and from where. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
  private Api api;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    api = Api.withBridge(directory);
  }

  @AfterAll
  void stop() {
    api.close();
  }

  private HttpRequest.Builder bare(String path) {
    return HttpRequest.newBuilder(URI.create(api.agent.url() + path));
  }

  private String host() {
    return URI.create(api.agent.url()).getAuthority();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/call/mode",
        "/api/call/active",
        "/api/call/events",
        "/api/signal/outbound",
        "/api/call/video/c",
        "/api/call/loopback/c/ice",
        "/api/nothing"
      })
  void withoutATokenIs401(String path) throws Exception {
    Api.Answer answer = api.send(bare(path));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.code()).isEqualTo("token_missing");
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer wrong", "Bearer ", "Basic abc"})
  void withAWrongTokenIs401(String authorization) throws Exception {
    assertThat(api.send(bare("/api/call/mode").header("Authorization", authorization)).status())
        .isEqualTo(401);
  }

  @Test
  void theTokenMayStandInTheQuery() throws Exception {
    assertThat(api.send(bare("/api/call/mode?access_token=" + api.agent.token())).status())
        .isEqualTo(200);
  }

  @Test
  void healthNeedsNoToken() throws Exception {
    Api.Answer answer = api.send(bare("/healthz"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("status").asText()).isEqualTo("ok");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "evil.example:80",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        ".",
        "localhost..",
        "localhost.evil.example."
      })
  void aForeignHostIs403(String host) throws Exception {
    assertThat(
            api.raw(
                "GET /api/call/mode HTTP/1.1",
                "Host: " + host,
                "Authorization: Bearer " + api.agent.token()))
        .startsWith("HTTP/1.1 403")
        .contains("forbidden_host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST:99",
        "[::1]:99",
        "localhost.",
        "LocalHost.:99",
        "127.0.0.1.:99"
      })
  void everyLoopbackNameWillDo(String host) throws Exception {
    assertThat(
            api.raw(
                "GET /api/call/mode HTTP/1.1",
                "Host: " + host,
                "Authorization: Bearer " + api.agent.token()))
        .startsWith("HTTP/1.1 200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://evil.example", "null", "http://127.0.0.1:1", "file://"})
  void aForeignOriginIs403EvenWithTheToken(String origin) throws Exception {
    Api.Answer answer = api.send(api.request("/api/call/mode").header("Origin", origin));
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.code()).isEqualTo("forbidden_origin");
    assertThat(answer.header("access-control-allow-origin")).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"wails://wails", "tauri://localhost", "https://tauri.localhost"})
  void aListedOriginMayReadTheAnswer(String origin) throws Exception {
    Api.Answer answer = api.send(api.request("/api/call/mode").header("Origin", origin));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("access-control-allow-origin")).isEqualTo(origin);
    assertThat(answer.header("vary")).isEqualTo("Origin");
  }

  @Test
  void aListedOriginMayReadAProblemToo() throws Exception {
    Api.Answer answer = api.send(bare("/api/call/mode").header("Origin", "wails://wails"));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("access-control-allow-origin")).isEqualTo("wails://wails");
  }

  @Test
  void anEmptyOriginCountsAsNone() throws Exception {
    assertThat(
            api.raw(
                "GET /api/call/mode HTTP/1.1",
                "Host: " + host(),
                "Origin: ",
                "Authorization: Bearer " + api.agent.token()))
        .startsWith("HTTP/1.1 200");
  }

  @Test
  void aPreflightOfAListedOriginIsAnsweredWithoutAToken() throws Exception {
    Api.Answer answer =
        api.send(
            bare("/api/call/start")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "wails://wails")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Private-Network", "true"));
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.header("access-control-allow-methods")).contains("POST");
    assertThat(answer.header("access-control-allow-headers")).contains("Authorization");
    assertThat(answer.header("access-control-allow-private-network")).isEqualTo("true");
  }

  @Test
  void aPreflightOfAForeignOriginIs403() throws Exception {
    Api.Answer answer =
        api.send(
            bare("/api/call/start")
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("Origin", "https://evil.example")
                .header("Access-Control-Request-Method", "POST"));
    assertThat(answer.status()).isEqualTo(403);
  }

  private int handshake(String query, String origin) {
    WebSocket.Builder builder = api.http.newWebSocketBuilder();
    if (!origin.isEmpty()) {
      builder.header("Origin", origin);
    }
    try {
      builder
          .buildAsync(
              URI.create(api.agent.url().replace("http:", "ws:") + "/api/call/media/c" + query),
              new WebSocket.Listener() {})
          .join()
          .abort();
      return 101;
    } catch (CompletionException failure) {
      return ((WebSocketHandshakeException) failure.getCause()).getResponse().statusCode();
    }
  }

  @Test
  void aWebSocketNeedsTheTokenToo() {
    assertThat(handshake("", "")).isEqualTo(401);
    assertThat(handshake("?access_token=wrong", "")).isEqualTo(401);
    assertThat(handshake("?access_token=" + api.agent.token(), "")).isEqualTo(101);
  }

  @Test
  void aWebSocketOfAForeignOriginIs403() {
    String token = "?access_token=" + api.agent.token();
    assertThat(handshake(token, "https://evil.example")).isEqualTo(403);
    assertThat(handshake(token, "wails://wails")).isEqualTo(101);
  }

  @Test
  void aWebSocketOfAForeignHostIs403() throws Exception {
    assertThat(
            api.raw(
                "GET /api/call/media/c?access_token=" + api.agent.token() + " HTTP/1.1",
                "Host: evil.example",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void aWebSocketIsNotCompressed() throws Exception {
    String token = api.agent.token();
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(api.agent.url()).getPort());
    try (socket) {
      socket
          .getOutputStream()
          .write(
              String.join(
                      "\r\n",
                      "GET /api/call/media/c?access_token=" + token + " HTTP/1.1",
                      "Host: " + host(),
                      "Upgrade: websocket",
                      "Connection: Upgrade",
                      "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Extensions: permessage-deflate",
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                      "",
                      "")
                  .getBytes(StandardCharsets.UTF_8));
      byte[] head = new byte[2048];
      int length = socket.getInputStream().read(head);
      assertThat(new String(head, 0, length, StandardCharsets.ISO_8859_1))
          .startsWith("HTTP/1.1 101")
          .doesNotContainIgnoringCase("deflate");
    }
  }

  @Test
  void aLinkForAProgramsArgumentsWorksOnce() throws Exception {
    String path = oneTimeLink();
    String another = oneTimeLink();
    assertThat(api.send(bare("/open/another")).status()).isEqualTo(410);
    Api.Answer first = api.send(bare(path));
    assertThat(first.status()).isEqualTo(302);
    assertThat(first.header("location")).endsWith("/demo/#token=" + api.agent.token());
    Api.Answer second = api.send(bare(path));
    assertThat(second.status()).isEqualTo(410);
    assertThat(second.header("location")).isNull();
    assertThat(api.send(bare(another)).status()).isEqualTo(302);
  }

  private String oneTimeLink() throws Exception {
    return URI.create(api.post("/api/agent/link", "{}").json().get("link").asText()).getPath();
  }

  @Test
  void thePagesNeedNoTokenAndAreNotKept() throws Exception {
    Api.Answer answer = api.send(bare("/demo/"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).startsWith("text/html");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("content-security-policy")).contains("script-src 'self'");
    assertThat(answer.body()).doesNotContain(api.agent.token());
    // Relative, for a proxy that serves it below a path.
    assertThat(URI.create("/").resolve(api.send(bare("/")).header("location")).getPath())
        .isEqualTo("/demo/");
    assertThat(api.send(bare("/lib/index.js")).header("content-type"))
        .startsWith("text/javascript");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/demo/../../../../etc/passwd", "/demo/%2e%2e/%2e%2e/Main.class", "/remote/"})
  void nothingButThePagesIsServed(String path) throws Exception {
    assertThat(api.raw("GET " + path + " HTTP/1.1", "Host: " + host()))
        .matches("(?s)HTTP/1.1 4(00|04) .*");
  }
}
