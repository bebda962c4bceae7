package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.life.Usage;
import org.heliograph.signaling.EmbeddedSignaler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rendezvous on loopback, with a proxy before it that is reached under another address. */
class RendezvousBehindProxyTest {
  @TempDir Path directory;
  private final List<RawClient> clients = new ArrayList<>();
  private RendezvousServer server;

  private void open(String url) throws Exception {
    AgentConfig.Rendezvous config =
        ConfigReader.read(Optional.empty(), Map.of(), Map.of(ConfigKey.RENDEZVOUS_URL, url))
            .rendezvous();
    assertThat(config.tls()).as("plain HTTP on loopback").isFalse();
    server = new RendezvousServer(config, "agent", List::of, new Usage());
    server.start(directory);
  }

  @AfterEach
  void close() throws IOException {
    for (RawClient client : clients) {
      client.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private String ask(String target, String... headers) throws IOException {
    RawClient client = new RawClient(server.port());
    clients.add(client);
    client.send("GET " + target + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n");
    return client.header();
  }

  private String knock(String... headers) throws IOException {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(
        List.of(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + Base64.getEncoder().encodeToString(new byte[16])));
    return ask(
        "/signal?peer=guest&access_token=" + server.token("guest"), all.toArray(String[]::new));
  }

  private boolean isOnThisMachine() throws Exception {
    assertThat(server.rendezvous().awaitName("guest", Duration.ofSeconds(10))).isTrue();
    try (EmbeddedSignaler agent = new EmbeddedSignaler(server.rendezvous(), "agent")) {
      return agent.isOnThisMachine("guest");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "https://calls.example.org, https://calls.example.org",
    "HTTPS://Calls.Example.ORG:443/, https://calls.example.org",
    "https://calls.example.org:8443, https://calls.example.org:8443",
    "https://example.org/calls/, https://example.org/calls",
    "https://[2001:DB8::1]:8443, https://[2001:db8::1]:8443",
    "http://localhost:9000, http://localhost:9000",
  })
  void theLinksNameThePublicAddress(String url, String address) throws Exception {
    open(url);
    assertThat(server.invitation("guest")).startsWith(address + "/remote/#token=");
    assertThat(server.signalUrl()).isEqualTo(address.replaceFirst("http", "ws") + "/signal");
    assertThat(server.certificateWarning()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://calls.example.org",
        "calls.example.org",
        "wss://calls.example.org/signal",
        "https://",
        "https://ann:secret@calls.example.org",
        "https://calls.example.org/?a",
        "https://calls.example.org/#a",
        "https://calls example.org",
        "http://localhost.example.org",
      })
  void whatNoGuestsBrowserCanUseIsRefused(String url) {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () ->
                    ConfigReader.read(
                        Optional.empty(), Map.of(), Map.of(ConfigKey.RENDEZVOUS_URL, url))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("rendezvous", "https:// URL");
  }

  @Test
  void aKeyWithoutItsCertificateIsRefused() {
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () ->
                    ConfigReader.read(
                        Optional.empty(),
                        Map.of(),
                        Map.of(ConfigKey.RENDEZVOUS_KEY, "/etc/key.pem"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("rendezvous.certificate");
  }

  /** Whether the proxy hands its own Host on or not, and whatever it writes beside it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: calls.example.org|Origin: https://calls.example.org|X-Forwarded-For: 203.0.113.7",
        "Host: calls.example.org|Origin: https://calls.example.org",
        "Host: CALLS.example.org:443|Origin: https://calls.example.org",
        "Host: 127.0.0.1:8711|Origin: https://calls.example.org",
        "Host: 127.0.0.1:8711|X-Forwarded-For: 127.0.0.1",
        "Host: 127.0.0.1:8711|Forwarded: for=127.0.0.1",
        "Host: 127.0.0.1:8711|Via: 1.1 Caddy",
        "Host: 127.0.0.1:8711|X-Real-IP: ::1",
        "Host: calls.example.org", // Another agent.
      })
  void aGuestThroughTheProxyIsLetInAndNotTakenForOneHere(String headers) throws Exception {
    open("https://calls.example.org");
    assertThat(knock(headers.split("\\|"))).startsWith("HTTP/1.1 101");
    assertThat(isOnThisMachine()).isFalse();
  }

  @Test
  void aGuestHereIsStillOneHere() throws Exception {
    open("https://calls.example.org");
    assertThat(knock("Host: 127.0.0.1:" + server.port())).startsWith("HTTP/1.1 101");
    assertThat(isOnThisMachine()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example|Origin: https://calls.example.org",
        "Host: calls.example.org|Origin: https://evil.example",
        "Host: calls.example.org|Origin: http://calls.example.org:8711",
        "Host: calls.example.org|Origin: https://calls.example.org.evil.example",
        "Host: calls.example.org|Origin: null",
        "Host: calls.example.org.evil.example",
      })
  void othersAreStillRefused(String headers) throws Exception {
    open("https://calls.example.org");
    assertThat(knock(headers.split("\\|"))).startsWith("HTTP/1.1 403");
  }

  @Test
  void withoutAPublicAddressNoForeignHostIsTaken() throws Exception {
    open("");
    assertThat(knock("Host: calls.example.org")).startsWith("HTTP/1.1 403");
    assertThat(server.invitation("guest")).startsWith("http://127.0.0.1:");
  }

  @Test
  void thePageMayOpenTheSocketThroughTheProxyAndIsFoundBelowAPath() throws Exception {
    open("https://example.org/calls");
    assertThat(ask("/remote/", "Host: 127.0.0.1:8711"))
        .startsWith("HTTP/1.1 200")
        .contains("connect-src 'self' ws://127.0.0.1:8711 wss://example.org;");
    URI folder = URI.create("https://example.org/calls/");
    for (String path : List.of("/", "/remote")) {
      String location =
          ask(path, "Host: example.org")
              .lines()
              .filter(line -> line.startsWith("Location: "))
              .findFirst()
              .orElseThrow()
              .substring("Location: ".length());
      assertThat(folder.resolve(path.substring(1)).resolve(location))
          .hasToString("https://example.org/calls/remote/");
    }
  }
}
