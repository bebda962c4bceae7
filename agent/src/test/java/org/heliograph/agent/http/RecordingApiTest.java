package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.heliograph.agent.config.ConfigKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recording through the API. */
class RecordingApiTest {
  private static final String PATH = "/api/call/session/c/recording";

  @TempDir Path directory;

  private Api withDirectory(String recordings) throws Exception {
    return new Api(
        directory,
        Map.of(
            ConfigKey.SIGNALING_TYPE,
            "bridge",
            ConfigKey.PEER_NAME,
            "me",
            ConfigKey.RECORDING_KEEP_FREE,
            "0",
            ConfigKey.RECORDING_DIRECTORY,
            recordings));
  }

  private static void connect(Api api) throws Exception {
    api.post("/api/call/start", "{'channel_id':'c','remote_peer':'p','media':{'audio':true}}");
    try (Api.Events events = api.events("/api/call/events")) {
      api.inbound("c", "p", "{'type':'call-ack'}");
      api.inbound("c", "p", "{'type':'call-answer','sdp':'answer'}");
      api.connections.connectNext();
      while (!events.next("state").data().path("state").asText().equals("connected")) {
        // on its way
      }
    }
  }

  @Test
  void aRecordingIsStartedShownAndStopped() throws Exception {
    try (Api api = withDirectory(directory.resolve("calls").toString())) {
      connect(api);
      try (Api.Events events = api.events("/api/call/session/c/events")) {
        assertThat(api.get(PATH).json().path("state").asText()).isEqualTo("none");
        Api.Answer started = api.post(PATH, "{'file_name':'ours'}");
        assertThat(started.status()).as(started.body()).isEqualTo(200);
        assertThat(started.json().path("files").get(0).asText())
            .isEqualTo(directory.resolve("calls/ours.webm").toString());
        assertThat(api.get(PATH).json().path("state").asText()).isEqualTo("recording");
        JsonNode told = events.next("recording").data();
        assertThat(told.path("channel_id").asText()).isEqualTo("c");
        assertThat(told.path("state").asText()).isEqualTo("recording");
        try (Api.Events newcomer = api.events("/api/call/events")) {
          JsonNode call = newcomer.next("state").data();
          assertThat(call.path("recording").path("state").asText()).isEqualTo("recording");
        }
        Api.Answer stopped = api.post(PATH + "/stop", "{}");
        assertThat(stopped.json().path("state").asText()).isEqualTo("stopped");
        assertThat(events.next("recording").data().path("state").asText()).isEqualTo("stopped");
        assertThat(api.post(PATH + "/stop", "{}").code()).isEqualTo("not_recording");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x", "/etc/passwd", "a/b", "..", ".x", ""})
  void aNameThatLeadsElsewhereIsRefused(String name) throws Exception {
    try (Api api = withDirectory(directory.resolve("calls").toString())) {
      Api.Answer refused = api.post(PATH, "{'file_name':'" + name + "'}");
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.code()).isEqualTo("wrong_field");
      assertThat(refused.json().path("field").asText()).isEqualTo("file_name");
      assertThat(directory.resolve("calls")).doesNotExist();
    }
  }

  @Test
  void aDirectoryThatCannotBeUsedIsToldInWords() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "");
    try (Api api = withDirectory(file.resolve("calls").toString())) {
      connect(api);
      Api.Answer refused = api.post(PATH, "{}");
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.code()).isEqualTo("directory_unusable");
      assertThat(refused.json().path("detail").asText()).contains(file.toString());
      assertThat(refused.json().path("hint").asText()).contains("recording.directory");
    }
  }

  @Test
  void aCallThatIsNotThereHasNoRecording() throws Exception {
    try (Api api = withDirectory("")) {
      assertThat(api.get(PATH).code()).isEqualTo("unknown_call");
      assertThat(api.post(PATH, "{}").code()).isEqualTo("unknown_call");
      assertThat(api.post(PATH + "/stop", "{}").code()).isEqualTo("unknown_call");
      assertThat(api.post(PATH, "{'path':'x'}").code()).isEqualTo("unknown_field");
    }
  }
}
