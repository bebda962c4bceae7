package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.heliograph.agent.loopback.PageConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.text.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A page that has RTCPeerConnection, through the API. */
class LoopbackApiTest {
  private static final String OFFER = "/api/call/loopback/c/offer";
  private static final String ICE = "/api/call/loopback/c/ice";

  @TempDir Path directory;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = Api.withBridge(directory);
    api.inbound("c", "p", "{'type':'call-request','media':{'audio':true,'video':true}}");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Api.Answer offer(PageConnection page) throws Exception {
    String sdp = page.offer(TransceiverDirection.RECVONLY);
    return api.post(OFFER, Json.object().put("sdp", sdp).toString());
  }

  @Test
  void aPageConnectsAndTheEndOfTheCallEndsIt() throws Exception {
    try (PageConnection page = new PageConnection()) {
      JsonNode answer = offer(page).json();
      page.accept(answer.path("sdp").asText());
      page.awaitState(PeerConnectionState.CONNECTED);

      api.post("/api/call/reject", "{'channel_id':'c'}");
      page.awaitState(PeerConnectionState.CLOSED);
    }
  }

  @Test
  void candidatesGoBothWays() throws Exception {
    try (PageConnection page = new PageConnection()) {
      String id = offer(page).json().path("connection").asText();
      try (Api.Events candidates = api.events(ICE + "?connection=" + id)) {
        JsonNode candidate = candidates.next("candidate").data();
        assertThat(candidate.path("candidate").asText()).contains(" 127.0.0.1 ");
        assertThat(candidate.path("sdpMid").asText()).isNotBlank();
        assertThat(candidates.next("candidate").data().isNull()).isTrue();
      }
      String theirs =
          "{'candidate':'candidate:1 1 udp 2122260223 127.0.0.1 50000 typ host','sdpMid':'0',"
              + "'sdpMLineIndex':0}";
      Api.Answer taken = api.post(ICE, "{'connection':'%s','candidate':%s}".formatted(id, theirs));
      assertThat(taken.status()).as(taken.body()).isEqualTo(200);
      assertThat(api.post(ICE, "{'candidate':null}").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/call/loopback/c/offer | {} | 400 | missing_field",
        "/api/call/loopback/c/offer | {'sdp':1} | 400 | wrong_field",
        "/api/call/loopback/c/offer | {'sdp':'v=0'} | 400 | bad_description",
        "/api/call/loopback/c/offer | {'sdp':'v=0','type':'offer'} | 400 | unknown_field",
        "/api/call/loopback/c/offer | {'sdp':'v=0','connection':'x'} | 404 | unknown_connection",
        "/api/call/loopback/other/offer | {'sdp':'v=0'} | 404 | unknown_call",
        "/api/call/loopback/c/ice | {'candidate':null} | 404 | unknown_connection",
        "/api/call/loopback/c/ice | {'candidate':'x'} | 400 | wrong_field",
        "/api/call/loopback/other/ice | {'candidate':null} | 404 | unknown_call",
      })
  void whatIsWrongIsAProblem(String path, String body, int status, String code) throws Exception {
    Api.Answer answer = api.post(path, body);
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
  }

  @Test
  void aCandidateThatCannotBeReadIs400() throws Exception {
    try (PageConnection page = new PageConnection()) {
      offer(page);
      Api.Answer answer =
          api.post(ICE, "{'candidate':{'candidate':'candidate:nonsense','sdpMid':'0'}}");
      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
      assertThat(answer.code()).isEqualTo("bad_candidate");
    }
  }

  @Test
  void candidatesOfNoConnectionAre404() throws Exception {
    assertThat(api.get(ICE).code()).isEqualTo("unknown_connection");
    assertThat(api.get("/api/call/loopback/other/ice").code()).isEqualTo("unknown_call");
  }
}
