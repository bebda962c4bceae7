package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tracks of a call through the API. */
class TracksApiTest {
  private static final String TRACKS = "/api/call/session/c/tracks";

  @TempDir Path directory;
  private Api api;

  @BeforeEach
  void start() throws Exception {
    api = Api.withBridge(directory);
    assertThat(api.post("/api/call/start", "{'channel_id':'c','remote_peer':'p'}").status())
        .isEqualTo(200);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Api.Answer delete(String track) throws Exception {
    return api.send(api.request(TRACKS + "/" + track).DELETE());
  }

  private JsonNode tracks() throws Exception {
    return api.get("/api/call/active").json().get(0).path("tracks");
  }

  @Test
  void aTrackIsAddedAndRemoved() throws Exception {
    Api.Answer added =
        api.post(
            TRACKS, "{'source':'camera:test:2','name':'Drawing \u6f22','content_hint':'detail'}");
    assertThat(added.status()).isEqualTo(201);
    assertThat(added.json().path("track").toString())
        .isEqualTo(
            "{\"id\":\"out-1\",\"kind\":\"video\",\"source\":\"camera:test:2\",\"direction\":\"send\",\"state\":\"on\",\"name\":\"Drawing"
                + " \u6f22\"}");
    assertThat(tracks()).hasSize(3);
    assertThat(tracks().get(2)).isEqualTo(added.json().path("track"));

    Api.Answer removed = delete("out-1");
    assertThat(removed.status()).isEqualTo(200);
    assertThat(removed.body()).isEqualTo("{\"status\":\"removed\",\"track\":\"out-1\"}");
    assertThat(tracks()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                  | missing_field | source
          {'source':'screen'}                                 | wrong_field   | source
          {'source':'camera:'}                                | wrong_field   | source
          {'source':'camera:nonsense'}                        | wrong_field   | source
          {'source':'microphone:test:5'}                      | wrong_field   | source
          {'source':'camera:file:/etc/passwd'}                | wrong_field   | source
          {'source':3}                                        | wrong_field   | source
          {'source':'camera','content_hint':'speech'}         | wrong_field   | content_hint
          {'source':'microphone','content_hint':'detail'}     | wrong_field   | content_hint
          {'source':'camera','name':true}                     | wrong_field   | name
          """)
  void aWrongFieldIsNamedAndOpensNothing(String body, String code, String field) throws Exception {
    int opened = api.devices.everOpened().size();
    Api.Answer refused = api.post(TRACKS, body);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.code()).isEqualTo(code);
    assertThat(refused.json().path("field").asText()).isEqualTo(field);
    assertThat(refused.json().path("detail").asText()).contains(field);
    assertThat(api.devices.everOpened()).hasSize(opened);
  }

  @Test
  void whatCannotBeRemovedIsToldWhy() throws Exception {
    assertThat(delete("camera").status()).isEqualTo(409);
    assertThat(delete("camera").code()).isEqualTo("not_added");
    assertThat(delete("out-7").status()).isEqualTo(404);
    assertThat(delete("out-7").code()).isEqualTo("unknown_track");
    assertThat(delete("%20%20").code()).isEqualTo("unknown_track");
    Api.Answer noCall = api.post("/api/call/session/nobody/tracks", "{'source':'camera'}");
    assertThat(noCall.status()).isEqualTo(404);
    assertThat(noCall.code()).isEqualTo("unknown_call");
  }
}
