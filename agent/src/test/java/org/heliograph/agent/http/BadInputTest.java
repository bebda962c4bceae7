package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;
import org.heliograph.peer.MediaKind;
import org.heliograph.session.DeviceException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of bad input, and what answers it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
  private Api api;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    api = Api.withBridge(directory);
  }

  @AfterAll
  void stop() {
    api.close();
  }

  private static void assertProblem(Api.Answer answer, int status, String code) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.json().path("status").asInt()).isEqualTo(status);
    assertThat(answer.json().path("title").asText()).isNotBlank();
    assertThat(answer.json().path("detail").asText()).endsWith(".");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "\"x\"", "{} {}", "{'a':1,'a':2}", "{'a':NaN}"})
  void malformedJsonIs400(String body) throws Exception {
    assertProblem(api.post("/api/call/start", body), 400, "malformed_json");
  }

  @Test
  void textThatIsNotUtf8Is400() throws Exception {
    Api.Answer answer =
        api.send(
            api.request("/api/call/start")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'{', (byte) 0xff, '}'})));
    assertProblem(answer, 400, "malformed_json");
  }

  @Test
  void anotherContentTypeIs415() throws Exception {
    Api.Answer answer =
        api.send(
            api.request("/api/call/start")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertProblem(answer, 415, "not_json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/jsonp", "application/json-seq", "json", "x"})
  void aContentTypeThatOnlyLooksLikeItIs415(String contentType) throws Exception {
    Api.Answer answer =
        api.send(
            api.request("/api/call/hangup")
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertProblem(answer, 415, "not_json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Application/JSON", "application/json;charset=UTF-8", "application/json ; a=b"})
  void aContentTypeIsTakenHoweverItIsWritten(String contentType) throws Exception {
    Api.Answer answer =
        api.send(
            api.request("/api/call/hangup")
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertProblem(answer, 400, "missing_field");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/call/hangup", "/api/signal/inbound", "/api/agent/reload"})
  void aBodyWithoutAContentTypeIs415(String path) throws Exception {
    Api.Answer answer = api.send(api.request(path).POST(HttpRequest.BodyPublishers.ofString("{}")));
    assertProblem(answer, 415, "not_json");
    assertThat(answer.json().path("hint").asText()).contains("application/json");
    assertProblem(
        api.send(api.request(path).POST(HttpRequest.BodyPublishers.noBody())), 415, "not_json");
  }

  /**
   * Half of a surrogate pair, as a text has it that was cut after so many UTF-16 code units: where
   * it would identify something it is refused, elsewhere it does no harm.
   */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/api/call/start | {'channel_id':'X','remote_peer':'p'} | 400 | wrong_field",
        "/api/call/start | {'channel_id':'c','remote_peer':'X'} | 400 | wrong_field",
        "/api/call/start | {'channel_id':'c','remote_peer':'q','X':1} | 400 | malformed_json",
        "/api/call/start | {'channel_id':'c','remote_peer':'p','media':{'X':1}} | 400 |"
            + " malformed_json",
        "/api/call/start | {'channel_id':'c','remote_peer':'p','media':'X'} | 400 | wrong_field",
        "/api/call/start | {'channel_id':'c','remote_peer':'p','optional':'X'} | 400 | wrong_field",
        "/api/call/accept | {'channel_id':'c','remote_peer':'X'} | 400 | wrong_field",
        "/api/call/reject | {'channel_id':'nobody','reason':'X'} | 404 | unknown_call",
        "/api/call/hangup | {'channel_id':'X'} | 400 | wrong_field",
        "/api/call/session/c/recording | {'file_name':'X'} | 400 | wrong_field",
        "/api/call/session/c/recording | {'file_name':'call X'} | 400 | wrong_field",
        "/api/call/loopback/half/offer | {'sdp':'X'} | 400 | bad_description",
        "/api/call/loopback/half/offer | {'sdp':'v=0\\r\\no=X'} | 400 | nothing_wanted",
        "/api/call/loopback/half/offer | {'sdp':'v=0','connection':'X'} | 404 |"
            + " unknown_connection",
        "/api/call/loopback/half/ice | {'candidate':null,'connection':'X'} | 404 |"
            + " unknown_connection",
        "/api/call/loopback/half/ice | {'candidate':{'candidate':'X','sdpMid':'X'}} | 404 |"
            + " unknown_connection",
        "/api/signal/inbound | {'channel_id':'X'} | 400 | malformed",
        "/api/signal/inbound |"
            + " {'channel_id':'c','from':'X','to':'me','payload':{'type':'call-ack'}} | 400 |"
            + " malformed",
        "/api/signal/inbound | {'channel_id':'c','from':'p','to':'X','payload':{'type':'call-ack'}}"
            + " | 400 | malformed",
        "/api/signal/inbound | {'channel_id':'c','from':'p','to':'me','payload':{'type':'X'}} | 400"
            + " | malformed",
        "/api/signal/inbound | {'channel_id':'half','from':'half','to':'me','payload':{'type':"
            + "'call-offer','sdp':'X'}} | 409 | unexpected",
        "/api/signal/inbound | {'channel_id':'half','from':'half','to':'me','payload':{'type':"
            + "'ice-candidate','candidate':{'candidate':'X'}}} | 200 | taken",
        "/api/signal/inbound | {'channel_id':'no','from':'p','to':'me','payload':{'type':"
            + "'call-hangup','reason':'X'}} | 200 | taken",
        "/api/signal/inbound | {'channel_id':'no','from':'p','to':'me','payload':{'type':"
            + "'call-error','code':'X','message':'X'}} | 200 | taken",
      })
  void halfASurrogatePairIsNoFault(String path, String body, int status, String code)
      throws Exception {
    String channel = "half" + UUID.randomUUID(); // and the peer's name, who may not ring so often
    if ((path + body).contains("half")) {
      api.inbound(channel, channel, "{'type':'call-request','media':{'audio':true}}");
    }
    for (String half : List.of("\\ud83d", "x\\udc00", "\\udc00\\ud83d")) {
      Api.Answer answer =
          api.post(path.replace("half", channel), body.replace("half", channel).replace("X", half));
      if (status == 200) {
        assertThat(answer.json().path("status").asText()).as(answer.body()).isEqualTo(code);
      } else {
        assertProblem(answer, status, code);
      }
    }
    api.post("/api/call/reject", "{'channel_id':'%s'}".formatted(channel));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "start | {'remote_peer':'p'} | channel_id",
        "start | {'channel_id':'c'} | remote_peer",
        "start | {'channel_id':null,'remote_peer':'p'} | channel_id",
        "accept | {'remote_peer':'p'} | channel_id",
        "accept | {'channel_id':'c'} | remote_peer",
        "reject | {} | channel_id",
        "hangup | {} | channel_id",
        "toggle-audio | {'muted':true} | channel_id",
        "toggle-video | {'disabled':true} | channel_id",
      })
  void aMissingFieldIs400AndNamed(String route, String body, String field) throws Exception {
    Api.Answer answer = api.post("/api/call/" + route, body);
    assertProblem(answer, 400, "missing_field");
    assertThat(answer.json().path("field").asText()).isEqualTo(field);
    assertThat(answer.json().path("detail").asText()).contains(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "start | {'channel_id':7,'remote_peer':'p'} | channel_id",
        "start | {'channel_id':'a/b','remote_peer':'p'} | channel_id",
        "start | {'channel_id':'','remote_peer':'p'} | channel_id",
        "start | {'channel_id':'c','remote_peer':['p']} | remote_peer",
        "start | {'channel_id':'c','remote_peer':' '} | remote_peer",
        "start | {'channel_id':'c','remote_peer':'p','media':true} | media",
        "start | {'channel_id':'c','remote_peer':'p','media':{'audio':'yes'}} | media.audio",
        "start | {'channel_id':'c','remote_peer':'p','media':{}} | media",
        "start | {'channel_id':'c','remote_peer':'p','optional':1} | optional",
        "accept | {'channel_id':'c','remote_peer':'p','media':{'video':0}} | media.video",
        "reject | {'channel_id':'c','reason':{}} | reason",
        "toggle-audio | {'channel_id':'c','muted':'true'} | muted",
        "toggle-video | {'channel_id':'c','disabled':0} | disabled",
      })
  void aWrongTypeIs400AndNamed(String route, String body, String field) throws Exception {
    Api.Answer answer = api.post("/api/call/" + route, body);
    assertProblem(answer, 400, "wrong_field");
    assertThat(answer.json().path("field").asText()).isEqualTo(field);
    assertThat(answer.json().path("detail").asText()).contains(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "toggle-audio | {'channel_id':'c','mute':true} | mute",
        "start | {'channel_id':'c','remote_peer':'p','media':{'vidoe':true}} | media.vidoe",
      })
  void anUnknownFieldIs400AndNamed(String route, String body, String field) throws Exception {
    Api.Answer answer = api.post("/api/call/" + route, body);
    assertProblem(answer, 400, "unknown_field");
    assertThat(answer.json().path("field").asText()).isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/call/start", "/api/call/hangup", "/api/signal/inbound"})
  void aBodyOverTheLimitIs413(String route) throws Exception {
    String body = "{'channel_id':'" + "x".repeat(65_536) + "'}";
    assertProblem(api.post(route, body), 413, "body_too_large");
  }

  @Test
  void aBodyOfUnknownLengthOverTheLimitIs413() throws Exception {
    Api.Answer answer =
        api.send(
            api.request("/api/call/start")
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofString(" ".repeat(70_000)))));
    assertProblem(answer, 413, "body_too_large");
  }

  @ParameterizedTest
  @ValueSource(strings = {"accept", "reject", "hangup", "toggle-audio", "toggle-video"})
  void anUnknownCallIs404(String route) throws Exception {
    String peer = route.equals("accept") ? ",'remote_peer':'p'" : "";
    assertProblem(
        api.post("/api/call/" + route, "{'channel_id':'nobody'" + peer + "}"), 404, "unknown_call");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/call/session/nobody/stats",
        "/api/call/session/nobody/events",
        "/api/call/video/nobody"
      })
  void anUnknownCallsStreamIs404(String path) throws Exception {
    assertProblem(api.get(path), 404, "unknown_call");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/nothing", "/api/call", "/api/call/starts", "/nothing", "/demo/no"})
  void anUnknownRouteIs404(String path) throws Exception {
    assertProblem(api.get(path), 404, "unknown_route");
  }

  @Test
  void aWrongMethodIs405() throws Exception {
    Api.Answer answer = api.get("/api/call/start");
    assertProblem(answer, 405, "method_not_allowed");
    assertThat(answer.header("allow")).contains("POST");
    assertProblem(api.send(api.request("/healthz").DELETE()), 405, "method_not_allowed");
  }

  @Test
  void aCallThatExistsIs409() throws Exception {
    String body = "{'channel_id':'twice','remote_peer':'p','media':{'audio':true}}";
    assertThat(api.post("/api/call/start", body).status()).isEqualTo(200);
    assertProblem(api.post("/api/call/start", body), 409, "call_exists");
    assertProblem(
        api.post("/api/call/accept", "{'channel_id':'twice','remote_peer':'p'}"),
        409,
        "wrong_state");
    api.post("/api/call/hangup", "{'channel_id':'twice'}");
    assertProblem(api.post("/api/call/start", body), 409, "channel_used");
  }

  @Test
  void tooManyCallsAre429() throws Exception {
    for (int i = 0; i < 4; i++) {
      assertThat(
              api.post(
                      "/api/call/start",
                      "{'channel_id':'many%d','remote_peer':'p','media':{'audio':true}}"
                          .formatted(i))
                  .status())
          .isEqualTo(200);
    }
    assertProblem(
        api.post("/api/call/start", "{'channel_id':'many','remote_peer':'p'}"),
        429,
        "too_many_calls");
    for (int i = 0; i < 4; i++) {
      api.post("/api/call/hangup", "{'channel_id':'many%d'}".formatted(i));
    }
  }

  static Stream<DeviceException.Reason> reasons() {
    return Stream.of(DeviceException.Reason.BUSY, DeviceException.Reason.MISSING);
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void aDeviceThatCannotBeUsedIs503WithItsName(DeviceException.Reason reason, @TempDir Path other)
      throws Exception {
    try (Api broken = Api.withBridge(other)) {
      broken.devices.breakDevice(MediaKind.VIDEO, reason);
      String code = "device_" + reason.name().toLowerCase(Locale.ROOT);
      Api.Answer answer = broken.post("/api/call/start", "{'channel_id':'c','remote_peer':'p'}");
      assertProblem(answer, 503, code);
      assertThat(answer.json().path("device").asText()).isEqualTo("/dev/video7");
      assertThat(answer.json().path("hint").asText()).isNotBlank();
      broken.inbound("d", "p", "{'type':'call-request','media':{'audio':true,'video':true}}");
      assertProblem(
          broken.post("/api/call/accept", "{'channel_id':'d','remote_peer':'p'}"), 503, code);
      assertThat(
              broken
                  .post("/api/call/accept", "{'channel_id':'d','remote_peer':'p','optional':true}")
                  .status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'channel_id':'c'} | 400 | malformed",
        "{'channel_id':'c','from':'p','to':'me','payload':{'type':'x'}} | 400 | malformed",
        "{'channel_id':'c','from':'p','to':'you','payload':{'type':'call-ack'}} | 403 |"
            + " wrong_receiver",
        "{'channel_id':'c','from':'p','to':'me','payload':{'type':'call-ack'}} | 404 |"
            + " unknown_call",
      })
  void aBadEnvelopeIsRefused(String envelope, int status, String code) throws Exception {
    assertProblem(api.post("/api/signal/inbound", envelope), status, code);
  }

  @Test
  void anEnvelopeThatDoesNotFitIsRefusedAndTheCallGoesOn() throws Exception {
    api.inbound("fits", "p", "{'type':'call-request','media':{'audio':true}}");
    assertProblem(api.inbound("fits", "p", "{'type':'call-offer','sdp':'v=0'}"), 409, "unexpected");
    assertProblem(api.inbound("fits", "mallory", "{'type':'call-hangup'}"), 403, "wrong_sender");
    assertThat(api.get("/api/call/active").body()).contains("\"fits\"");
    api.post("/api/call/reject", "{'channel_id':'fits'}");
  }
}
