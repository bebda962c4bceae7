package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.text.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The way of a call through the API, with the app carrying the envelopes. */
class CallApiTest {
  @TempDir Path directory;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = Api.withBridge(directory);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private static final String REQUEST =
      "{'type':'call-request','media':{'audio':true,'video':true}}";

  @Test
  void theModeSaysNativeWhenCallsAreMadeHere() throws Exception {
    JsonNode mode = api.get("/api/call/mode").json();
    assertThat(mode.path("mode").asText()).isEqualTo("native");
    assertThat(mode.path("platform").asText()).isEqualTo("linux");
    assertThat(mode.path("version").asText()).isNotBlank();
  }

  @Test
  void theModeSaysBrowserWhenCallsAreSwitchedOff(@TempDir Path other) throws Exception {
    try (Api off =
        new Api(
            other, Map.of(ConfigKey.SIGNALING_TYPE, "bridge", ConfigKey.CALLS_ENABLED, "false"))) {
      assertThat(off.get("/api/call/mode").json().path("mode").asText()).isEqualTo("browser");
      Api.Answer refused = off.post("/api/call/start", "{'channel_id':'c','remote_peer':'p'}");
      assertThat(refused.status()).isEqualTo(409);
      assertThat(refused.code()).isEqualTo("calls_disabled");
    }
  }

  @Test
  void aStreamThatIsOpenedLaterHearsWhatRings() throws Exception {
    api.inbound("c", "p", REQUEST);
    for (String stream : List.of("/api/call/events", "/api/call/session/c/events")) {
      try (Api.Events events = api.events(stream)) {
        JsonNode incoming = events.next("incoming").data();
        assertThat(incoming.path("channel_id").asText()).isEqualTo("c");
        assertThat(incoming.path("repeated").asBoolean()).isTrue();
      }
    }
    try (Api.Events events = api.events("/api/call/events")) {
      api.inbound("d", "q", REQUEST);
      JsonNode first = events.next("incoming").data();
      JsonNode second = events.next("incoming").data();
      assertThat(first.path("channel_id").asText()).isEqualTo("c");
      assertThat(second.path("channel_id").asText()).isEqualTo("d");
      assertThat(second.has("repeated")).isFalse();
    }
  }

  @Test
  void aCallGoesItsWay() throws Exception {
    try (Api.Events outbound = api.events("/api/signal/outbound");
        Api.Events events = api.events("/api/call/events")) {
      Api.Answer started =
          api.post(
              "/api/call/start", "{'channel_id':'c','remote_peer':'p','media':{'audio':true}}");
      assertThat(started.body()).isEqualTo("{\"status\":\"started\",\"channel_id\":\"c\"}");
      JsonNode request = outbound.next("envelope").data();
      assertThat(request.path("from").asText()).isEqualTo("me");
      assertThat(request.path("to").asText()).isEqualTo("p");
      assertThat(request.path("payload").path("type").asText()).isEqualTo("call-request");
      assertThat(request.path("payload").path("media").path("video").asBoolean(true)).isFalse();
      assertThat(events.next("state").data().path("state").asText()).isEqualTo("ringing");

      assertThat(api.inbound("c", "p", "{'type':'call-ack'}").status()).isEqualTo(200);
      assertThat(outbound.next().data().path("payload").path("type").asText())
          .isEqualTo("call-offer");
      assertThat(events.next("state").data().path("state").asText()).isEqualTo("connecting");
      JsonNode active = api.get("/api/call/active").json();
      assertThat(active).hasSize(1);
      assertThat(active.get(0).path("remote_peer").asText()).isEqualTo("p");
      assertThat(active.get(0).path("media").path("audio").asBoolean()).isTrue();
      assertThat(api.get("/api/call/session/c/stats").json().isArray()).isTrue();

      assertThat(api.post("/api/call/toggle-audio", "{'channel_id':'c'}").body())
          .isEqualTo("{\"muted\":true}");
      assertThat(events.next("devices").data().path("muted").asBoolean()).isTrue();
      assertThat(api.post("/api/call/hangup", "{'channel_id':'c'}").json().path("status").asText())
          .isEqualTo("hung_up");
      JsonNode ended = events.next("ended").data();
      assertThat(ended.path("reason").asText()).isEqualTo("hung_up");
      assertThat(ended.path("message").asText()).isNotBlank();
    }
  }

  @Test
  void anIncomingCallIsToldAndRejected() throws Exception {
    try (Api.Events events = api.events("/api/call/events")) {
      api.inbound("c", "p", REQUEST);
      JsonNode incoming = events.next("incoming").data();
      assertThat(incoming.path("channel_id").asText()).isEqualTo("c");
      assertThat(incoming.path("remote_peer").asText()).isEqualTo("p");
      assertThat(incoming.path("media").path("video").asBoolean()).isTrue();
      assertThat(incoming.path("state").asText()).isEqualTo("ringing");
      assertThat(
              api.post("/api/call/reject", "{'channel_id':'c','reason':'busy'}")
                  .json()
                  .path("status")
                  .asText())
          .isEqualTo("rejected");
      assertThat(events.next("ended").data().path("reason").asText()).isEqualTo("rejected");
    }
  }

  @Test
  void aPageThatIsReloadedFindsItsCallAgain() throws Exception {
    api.inbound("c", "p", REQUEST);
    try (Api.Events first = api.events("/api/call/events")) {
      assertThat(first.next("state").data().path("channel_id").asText()).isEqualTo("c");
    }
    api.post("/api/call/accept", "{'channel_id':'c','remote_peer':'p'}");
    try (Api.Events second = api.events("/api/call/events")) {
      JsonNode state = second.next().data();
      assertThat(state.path("state").asText()).isEqualTo("connecting");
      assertThat(state.path("incoming").asBoolean()).isTrue();
    }
    assertThat(api.get("/api/call/active").json()).hasSize(1);
    assertThat(api.devices.open()).hasSize(2);
  }

  @Test
  void aSessionsEventsAreThatSessionsAlone() throws Exception {
    api.inbound("c", "p", REQUEST);
    api.inbound("d", "q", REQUEST);
    try (Api.Events events = api.events("/api/call/session/c/events")) {
      api.post("/api/call/reject", "{'channel_id':'d'}");
      api.post("/api/call/reject", "{'channel_id':'c'}");
      for (String name : List.of("state", "incoming")) {
        Api.Events.Event standing = events.next();
        assertThat(standing.name()).isEqualTo(name);
        assertThat(standing.data().path("channel_id").asText()).isEqualTo("c");
      }
      Api.Events.Event ended = events.next();
      assertThat(ended.name()).isEqualTo("ended");
      assertThat(ended.data().path("channel_id").asText()).isEqualTo("c");
    }
  }

  @Test
  void aCarrierGoesOnWhereItWas() throws Exception {
    String last;
    try (Api.Events outbound = api.events("/api/signal/outbound")) {
      api.post("/api/call/start", "{'channel_id':'c','remote_peer':'p','media':{'audio':true}}");
      last = outbound.next().id();
    }
    api.post("/api/call/hangup", "{'channel_id':'c'}");
    try (Api.Events outbound = api.events("/api/signal/outbound", last)) {
      assertThat(outbound.next().data().path("payload").path("type").asText())
          .isEqualTo("call-hangup");
    }
  }

  @Test
  void theBridgesRoutesSayWhenThereIsNone(@TempDir Path other) throws Exception {
    try (Api rendezvous = new Api(other, Map.of())) {
      assertThat(rendezvous.get("/api/signal/outbound").code()).isEqualTo("no_bridge");
      assertThat(rendezvous.inbound("c", "p", REQUEST).code()).isEqualTo("no_bridge");
    }
  }

  @Test
  void whenTheAgentStopsEventStreamsEnd() throws Exception {
    Api.Events events = api.events("/api/call/events");
    api.agent.close();
    events.awaitEnd();
  }

  @Test
  void theAddressFileIsTheUsersAloneAndGoesWithTheAgent() throws Exception {
    Path file = directory.resolve("run/agent.json");
    JsonNode written = Json.parseObject(Files.readString(file));
    assertThat(written.path("url").asText()).isEqualTo(api.agent.url());
    assertThat(written.path("token").asText()).isEqualTo(api.agent.token());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    api.agent.close();
    assertThat(file).doesNotExist();
  }

  @Test
  void eachStartHasANewToken(@TempDir Path other) throws Exception {
    try (Api second = Api.withBridge(other)) {
      assertThat(second.agent.token()).isNotEqualTo(api.agent.token()).hasSizeGreaterThan(40);
    }
  }

  @Test
  void aPortThatIsTakenIsToldInWords(@TempDir Path other) throws Exception {
    String port = api.agent.url().substring(api.agent.url().lastIndexOf(':') + 1);
    AgentConfig config =
        ConfigReader.read(
            Optional.empty(),
            Map.of(),
            Map.of(ConfigKey.API_PORT, port, ConfigKey.SIGNALING_TYPE, "bridge"));
    Agent.Directories directories = new Agent.Directories(other.resolve("a.json"), other);
    assertThatThrownBy(() -> Agent.start(config, directories, api.devices, api.connections))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(port, "another program uses it", "api.port");
    assertThat(other.resolve("a.json")).doesNotExist();
  }

  /**
   * Follows calls for a moment; then what it has open is closed, as by the kernel after a crash.
   */
  interface Follower {
    void crash(Api api) throws Exception;
  }

  private static Stream<Named<Follower>> followers() {
    return Stream.of(
        Named.of("all events", api -> api.events("/api/call/events").close()),
        Named.of("a call's events", api -> api.events("/api/call/session/c/events").close()),
        Named.of("the bridge's envelopes", api -> api.events("/api/signal/outbound").close()),
        Named.of("a media socket", api -> socket(api, "media").abort()),
        Named.of("a self-view's socket", api -> socket(api, "self").abort()));
  }

  private static WebSocket socket(Api api, String route) throws Exception {
    URI media =
        URI.create(
            "%s/api/call/%s/c?access_token=%s"
                .formatted(api.agent.url().replace("http:", "ws:"), route, api.agent.token()));
    return api.http.newWebSocketBuilder().buildAsync(media, new WebSocket.Listener() {}).join();
  }

  @ParameterizedTest
  @MethodSource("followers")
  void aCallIsHungUpWhenAllThatFollowedItHasCrashed(Follower follower, @TempDir Path other)
      throws Exception {
    Map<ConfigKey, String> options =
        Map.of(
            ConfigKey.SIGNALING_TYPE, "bridge",
            ConfigKey.PEER_NAME, "me",
            ConfigKey.CALLS_RING_TIMEOUT, "600",
            ConfigKey.CALLS_ABANDONED, "1");
    try (Api crashed = new Api(other, options)) {
      crashed.post("/api/call/start", "{'channel_id':'c','remote_peer':'p'}");
      follower.crash(crashed);
      // A stream is found to be closed when something is written to it for the second time.
      for (String another : List.of("1", "2", "3")) {
        crashed.post("/api/call/toggle-audio", "{'channel_id':'c'}");
        crashed.inbound(another, "q", REQUEST);
        crashed.post("/api/call/reject", "{'channel_id':'" + another + "'}");
      }
      while (!crashed.get("/api/call/active").body().equals("[]")) {
        Thread.onSpinWait();
      }
      try (Api.Events outbound = crashed.events("/api/signal/outbound", "0")) {
        JsonNode envelope = outbound.next("envelope").data();
        while (!envelope.path("channel_id").asText().equals("c")
            || !envelope.at("/payload/type").asText().equals("call-hangup")) {
          envelope = outbound.next("envelope").data();
        }
        assertThat(envelope.at("/payload/reason").asText()).isEqualTo("hung_up");
      }
    }
  }
}
