package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.text.Json;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What no route has a say in: requests that are none, and upgrades that are missing or wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolProblemsTest {
  /** Whose listener is asked. */
  enum Server {
    AGENT("/healthz", "/api/call/media/c"),
    RENDEZVOUS("/remote/", "/signal");

    final String page;
    final String socket;

    Server(String page, String socket) {
      this.page = page;
      this.socket = socket;
    }
  }

  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final Pattern CONTENT_LENGTH =
      Pattern.compile("\r\nContent-Length: (\\d+)\r\n", Pattern.CASE_INSENSITIVE);

  private Api api;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    api = new Api(directory, Map.of(ConfigKey.RENDEZVOUS_GUESTS, "ann"));
  }

  @AfterAll
  void stop() {
    api.close();
  }

  private int port(Server server) {
    return switch (server) {
      case AGENT -> URI.create(api.agent.url()).getPort();
      case RENDEZVOUS -> api.agent.rendezvous().orElseThrow().port();
    };
  }

  private record Answer(String header, JsonNode body) {
    void assertProblem(int status, String code) {
      assertThat(header).startsWith("HTTP/1.1 " + status + " ");
      assertThat(header)
          .containsIgnoringCase("\r\nContent-Type: application/problem+json\r\n")
          .doesNotContainIgnoringCase("Set-Cookie");
      assertThat(body.path("status").asInt()).isEqualTo(status);
      assertThat(body.path("code").asText()).isEqualTo(code);
      assertThat(body.path("title").asText()).isNotBlank();
      assertThat(body.path("detail").asText()).endsWith(".").doesNotContain("Exception");
    }
  }

  private Answer ask(Server server, String request) throws Exception {
    try (RawClient client = new RawClient(port(server))) {
      client.send(request);
      String header = client.header();
      Matcher length = CONTENT_LENGTH.matcher(header);
      String body = length.find() ? client.body(Integer.parseInt(length.group(1))) : client.rest();
      assertThat(body).as(header).startsWith("{");
      return new Answer(header, Json.parseObject(body));
    }
  }

  private static String get(String target, String... fields) {
    return "GET "
        + target
        + " HTTP/1.1\r\nConnection: close\r\n"
        + String.join("", fields)
        + "\r\n";
  }

  static Stream<Arguments> requestsThatAreNone() {
    String host = "Host: 127.0.0.1\r\n";
    return Stream.of(Server.values())
        .flatMap(
            server ->
                Stream.of(
                    Arguments.of(server, "without a Host", get(server.page), 400, "bad_request"),
                    Arguments.of(
                        server,
                        "with two of them",
                        get(server.page, host, host),
                        400,
                        "bad_request"),
                    Arguments.of(
                        server,
                        "with a Host that is none",
                        get(server.page, "Host: a b\r\n"),
                        400,
                        "bad_request"),
                    Arguments.of(server, "of no method", "nonsense\r\n\r\n", 400, "bad_request"),
                    Arguments.of(
                        server,
                        "of a length that is none",
                        get(server.page, host, "Content-Length: x\r\n"),
                        400,
                        "bad_request"),
                    Arguments.of(
                        server, "of half an escape", get("/%zz", host), 400, "bad_request"),
                    Arguments.of(
                        server,
                        "of another version",
                        "GET / HTTP/3.7\r\n" + host + "\r\n",
                        505,
                        "http_version_not_supported"),
                    Arguments.of(
                        server,
                        "with a long header",
                        get(server.page, host, "X-Long: " + "x".repeat(16_500) + "\r\n"),
                        431,
                        "header_too_large"),
                    Arguments.of(
                        server,
                        "of a long path",
                        get("/" + "x".repeat(16_500), host),
                        414,
                        "uri_too_long")));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("requestsThatAreNone")
  void aRequestThatIsNoneIsAProblem(
      Server server, String what, String request, int status, String code) throws Exception {
    ask(server, request).assertProblem(status, code);
  }

  private String authorized(Server server) {
    return "Host: 127.0.0.1\r\n"
        + switch (server) {
          case AGENT -> "Authorization: Bearer " + api.agent.token() + "\r\n";
          case RENDEZVOUS -> "";
        };
  }

  private String invited(Server server) {
    return switch (server) {
      case AGENT -> server.socket;
      case RENDEZVOUS ->
          server.socket
              + "?peer=ann&access_token="
              + api.agent.rendezvous().orElseThrow().token("ann");
    };
  }

  @ParameterizedTest
  @EnumSource
  void aSocketsRouteWithoutAnUpgradeIs426(Server server) throws Exception {
    Answer answer = ask(server, get(server.socket, authorized(server)));
    answer.assertProblem(426, "upgrade_required");
    assertThat(answer.header).containsIgnoringCase("\r\nUpgrade: websocket\r\n");
    assertThat(answer.body.path("hint").asText()).contains("WebSocket");
  }

  /** As where a proxy has taken the Upgrade off. */
  @ParameterizedTest
  @EnumSource
  void aHandshakeThatLostItsUpgradeIs426(Server server) throws Exception {
    Answer answer =
        ask(
            server,
            get(invited(server), authorized(server), "Sec-WebSocket-Version: 13\r\n" + KEY));
    answer.assertProblem(426, "upgrade_required");
    assertThat(answer.header).containsIgnoringCase("\r\nUpgrade: websocket\r\n");
  }

  private String handshake(Server server, String fields) {
    return "GET "
        + invited(server)
        + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + authorized(server)
        + fields
        + "\r\n";
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeOfAnotherVersionIs426AndNamesOurs(Server server) throws Exception {
    Answer answer = ask(server, handshake(server, "Sec-WebSocket-Version: 8\r\n" + KEY));
    answer.assertProblem(426, "upgrade_required");
    assertThat(answer.header).containsIgnoringCase("\r\nSec-WebSocket-Version: 13\r\n");
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeWithoutItsKeyIs400(Server server) throws Exception {
    ask(server, handshake(server, "Sec-WebSocket-Version: 13\r\n"))
        .assertProblem(400, "bad_request");
  }

  @ParameterizedTest
  @EnumSource
  void aHandshakeWhereThereIsNoSocketIs404(Server server) throws Exception {
    ask(
            server,
            "GET /nothing HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + authorized(server)
                + "Sec-WebSocket-Version: 13\r\n"
                + KEY
                + "\r\n")
        .assertProblem(404, "unknown_route");
  }

  @Test
  void aHandshakeWithoutTheTokenIsAProblemToo() throws Exception {
    ask(
            Server.AGENT,
            "GET /api/call/media/c HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + KEY
                + "\r\n")
        .assertProblem(401, "token_missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "TRACE", "BREW"})
  void aMethodThatIsNotKnownHereIs405(String method) throws Exception {
    ask(
            Server.AGENT,
            method
                + " /api/call/media/c HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n"
                + authorized(Server.AGENT)
                + "\r\n")
        .assertProblem(405, "method_not_allowed");
  }
}
