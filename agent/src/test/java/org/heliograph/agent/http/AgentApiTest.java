package org.heliograph.agent.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.life.AlreadyRunningException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The routes under {@code /api/agent}, and what is told to whom when the agent stops. */
class AgentApiTest {
  private Api api;

  @BeforeEach
  void start(@TempDir Path directory) throws Exception {
    api = Api.withBridge(directory);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private JsonNode state() throws Exception {
    return api.get("/api/agent").json();
  }

  private void awaitConnections(int count) throws Exception {
    while (state().get("connections").asInt() != count) {
      Thread.onSpinWait();
    }
  }

  /** Though nothing is sent to him: the call has no picture yet. */
  @Test
  @Timeout(60)
  void whoHasClosedAVideoIsSeenToBeGone() throws Exception {
    api.inbound("c", "her", "{'type':'call-request','media':{'audio':true,'video':true}}");
    awaitConnections(0);
    for (int i = 0; i < 3; i++) {
      try (RawClient client = new RawClient(URI.create(api.agent.url()).getPort())) {
        client.send(
            "GET /api/call/video/c?access_token=%s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                .formatted(api.agent.token()));
        assertThat(client.header())
            .startsWith("HTTP/1.1 200")
            .containsIgnoringCase("\r\nX-Accel-Buffering: no\r\n");
        awaitConnections(1);
      }
      awaitConnections(0);
    }
  }

  @Test
  void itSaysHowTheAgentStands() throws Exception {
    assertThat(state().get("name").asText()).isEqualTo("me");
    assertThat(state().at("/signaling/type").asText()).isEqualTo("bridge");
    assertThat(state().get("on_demand").asBoolean()).isFalse();
    assertThat(state().get("calls")).isEmpty();
    api.inbound("c", "her", "{'type':'call-request','media':{'audio':true,'video':false}}");
    assertThat(state().at("/calls/0/remote_peer").asText()).isEqualTo("her");
    assertThat(api.send(api.request("/api/agent").setHeader("Authorization", "")).status())
        .isEqualTo(401);
  }

  @Test
  void everyPageThatFollowsItCounts() throws Exception {
    try (Api.Events events = api.events("/api/call/events")) {
      awaitConnections(1);
      api.inbound("c", "her", "{'type':'call-request','media':{'audio':true,'video':false}}");
      events.next("incoming");
      URI media =
          URI.create(
              api.agent.url().replace("http:", "ws:")
                  + "/api/call/media/c?access_token="
                  + api.agent.token());
      WebSocket socket =
          api.http.newWebSocketBuilder().buildAsync(media, new WebSocket.Listener() {}).join();
      awaitConnections(2);
      socket.abort();
      awaitConnections(1);
    }
  }

  @Test
  void aConnectionOnWhichNothingIsAskedDoesNotCount() throws Exception {
    URI url = URI.create(api.agent.url());
    try (Socket idle = new Socket(InetAddress.getLoopbackAddress(), url.getPort())) {
      OutputStream out = idle.getOutputStream();
      out.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(US_ASCII));
      InputStream in = idle.getInputStream();
      String answer = new String(in.readNBytes("HTTP/1.1 200 OK".length()), US_ASCII);
      assertThat(answer).isEqualTo("HTTP/1.1 200 OK");
      awaitConnections(0);
      try (Api.Events _ = api.events("/api/call/events")) {
        awaitConnections(1);
        // It can still be used.
        out.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(US_ASCII));
        assertThat(in.readNBytes(answer.length())).isNotEmpty();
        awaitConnections(1);
      }
    }
  }

  @Test
  void itStopsWhenItIsAskedTo() throws Exception {
    Api.Answer answer = api.post("/api/agent/stop", "{}");
    assertThat(answer.json().get("status").asText()).isEqualTo("stopping");
    assertThat(api.agent.awaitStop()).contains("asked");
  }

  @Test
  void aStoppingAgentHangsUpAndTellsPagesAndTheOtherSide() throws Exception {
    Api.Events page = api.events("/api/call/events");
    Api.Events app = api.events("/api/signal/outbound");
    api.inbound("c", "her", "{'type':'call-request','media':{'audio':true,'video':false}}");
    page.next("incoming");
    api.agent.close();
    JsonNode payload = app.next("envelope").data().get("payload");
    assertThat(payload.get("type").asText()).isEqualTo("call-hangup");
    JsonNode ended = page.next("ended").data();
    assertThat(ended.get("reason").asText()).isEqualTo("shutdown");
    app.awaitEnd();
    page.awaitEnd();
  }

  @Test
  void aMediaSocketThatDoesNotAnswerItsCloseIsCut() throws Exception {
    try (RawClient page = new RawClient(URI.create(api.agent.url()).getPort())) {
      assertThat(page.upgradeAt("/api/call/media/none?access_token=" + api.agent.token()))
          .startsWith("HTTP/1.1 101");
      assertThat(page.closeCode()).isEqualTo(4404);
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> {
            while (state().path("connections").asInt() > 0) {
              Thread.sleep(50);
            }
          });
    }
  }

  @Test
  void aConfigurationThatIsNoFileHasNothingToReload() throws Exception {
    assertThat(api.post("/api/agent/reload", "{}").json().toString())
        .isEqualTo("{\"changed\":[],\"need_restart\":[]}");
  }

  @Test
  void aSecondAgentOfTheSameUserIsToldOfTheFirst(@TempDir Path other) throws Exception {
    try (Api first = new Api(other, Map.of(ConfigKey.SIGNALING_TYPE, "bridge"))) {
      assertThatThrownBy(() -> new Api(other, Map.of(ConfigKey.SIGNALING_TYPE, "bridge")))
          .isInstanceOf(AlreadyRunningException.class)
          .hasMessageContaining(first.agent.url());
    }
  }
}
