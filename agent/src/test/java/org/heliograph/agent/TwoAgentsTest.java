package org.heliograph.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.media.TestPictureCode;
import org.heliograph.record.RecordedFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two agents in one process call each other through the embedded rendezvous of the first: real
 * encoders, a real connection over loopback, and what a page would see of it.
 */
class TwoAgentsTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();
  private Agent anna;
  private Agent bert;
  private Events annaEvents;
  private Events bertEvents;

  @BeforeEach
  void start() throws Exception {
    anna = agent("anna", Map.of(ConfigKey.RENDEZVOUS_GUESTS, "bert"));
    var rendezvous = anna.rendezvous().orElseThrow();
    bert =
        agent(
            "bert",
            Map.of(
                ConfigKey.SIGNALING_TYPE, "websocket",
                ConfigKey.SIGNALING_URL, rendezvous.signalUrl(),
                ConfigKey.SIGNALING_TOKEN, rendezvous.token("bert")));
    annaEvents = new Events(anna);
    bertEvents = new Events(bert);
    assertThat(rendezvous.rendezvous().awaitName("bert", Duration.ofSeconds(10))).isTrue();
  }

  private Agent agent(String name, Map<ConfigKey, String> more) throws Exception {
    Map<ConfigKey, String> options = new HashMap<>(more);
    options.put(ConfigKey.PEER_NAME, name);
    options.put(ConfigKey.MEDIA_CAMERA, "test");
    options.put(ConfigKey.MEDIA_MICROPHONE, "test");
    options.put(ConfigKey.MEDIA_VIDEO_WIDTH, "320");
    options.put(ConfigKey.MEDIA_VIDEO_HEIGHT, "240");
    options.put(ConfigKey.ICE_INCLUDE_LOOPBACK, "true");
    options.put(ConfigKey.RECORDING_KEEP_FREE, "0");
    AgentConfig config = ConfigReader.read(Optional.empty(), Map.of(), options);
    return Agent.start(
        config, new Agent.Directories(directory.resolve(name + ".json"), directory.resolve(name)));
  }

  @AfterEach
  void stop() {
    http.shutdownNow();
    bert.close();
    anna.close();
  }

  private JsonNode post(Agent agent, String route, String json) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(agent.url() + "/api/call/" + route))
                .header("Authorization", "Bearer " + agent.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return MAPPER.readTree(response.body());
  }

  /** An agent's events, read as they come. */
  private final class Events {
    private record Event(String name, JsonNode data) {}

    private final BlockingQueue<Event> received = new LinkedBlockingQueue<>();

    Events(Agent agent) throws Exception {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(agent.url() + "/api/call/events?access_token=" + agent.token()))
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      Thread.ofVirtual().start(() -> read(response.body()));
    }

    private void read(InputStream body) {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        String name = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.startsWith("event: ")) {
            name = line.substring(7);
          } else if (line.startsWith("data: ")) {
            received.add(new Event(name, MAPPER.readTree(line.substring(6))));
          }
        }
      } catch (IOException ended) {
        // The agent has stopped.
      }
    }

    JsonNode next(String name) throws InterruptedException {
      while (true) {
        Event event = received.poll(20, TimeUnit.SECONDS);
        assertThat(event).as("an event " + name).isNotNull();
        if (event.name().equals(name)) {
          return event.data();
        }
      }
    }

    void awaitState(String wanted) throws InterruptedException {
      String state = "";
      while (!state.equals(wanted)) {
        state = next("state").path("state").asText();
      }
    }
  }

  /** Follows a media WebSocket as a page with WebCodecs does. */
  private static final String CLOSED = "closed: ";

  private final class Viewer implements WebSocket.Listener {
    private final Map<Integer, String> kinds = new HashMap<>();
    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>(10_000);
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();

    Viewer(Agent agent, String what) {
      http.newWebSocketBuilder()
          .buildAsync(
              URI.create(
                  agent.url().replace("http:", "ws:")
                      + "/api/call/"
                      + what
                      + "?format=frames&access_token="
                      + agent.token()),
              this)
          .orTimeout(10, TimeUnit.SECONDS)
          .join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = MAPPER.readTree(text.toString());
          message
              .path("tracks")
              .forEach(track -> kinds.put(track.path("id").asInt(), track.path("kind").asText()));
          if (message.path("type").asText().equals("ended")) {
            ended.complete(message.path("reason").asText());
          }
        } catch (JsonProcessingException wrong) {
          ended.completeExceptionally(wrong);
        }
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      // A part may be a single byte, when the connection had the rest not yet.
      while (data.hasRemaining()) {
        frame.write(data.get());
      }
      if (last) {
        byte[] message = frame.toByteArray();
        boolean key = (message[1] & 1) != 0;
        var _ = frames.offer(kinds.get((int) message[0]) + (key ? " key" : ""));
        frame.reset();
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      var _ = frames.offer(CLOSED + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      var _ = frames.offer(CLOSED + error);
    }

    private String next(String awaited) throws InterruptedException {
      String next = frames.poll(20, TimeUnit.SECONDS);
      assertThat(next).as("a frame: " + awaited).isNotNull().doesNotStartWith(CLOSED);
      return next;
    }

    void await(String frame) throws InterruptedException {
      while (!next(frame).equals(frame)) {
        // another one
      }
    }

    void awaitPicture() throws InterruptedException {
      String first = next("video");
      while (!first.startsWith("video")) {
        first = next("video");
      }
      assertThat(first).as("the first picture").isEqualTo("video key");
      await("video");
    }
  }

  private void connect(String media) throws Exception {
    post(anna, "start", "{'channel_id':'c','remote_peer':'bert','media':" + media + "}");
    assertThat(bertEvents.next("incoming").path("remote_peer").asText()).isEqualTo("anna");
    post(bert, "accept", "{'channel_id':'c','remote_peer':'anna'}");
    annaEvents.awaitState("connected");
    bertEvents.awaitState("connected");
  }

  @Test
  void pictureAndSoundReachBothPages() throws Exception {
    connect("{'audio':true,'video':true}");
    Viewer atAnna = new Viewer(anna, "media/c");
    Viewer atBert = new Viewer(bert, "media/c");
    Viewer self = new Viewer(bert, "self/c");
    atAnna.awaitPicture();
    atAnna.await("audio key");
    atBert.awaitPicture();
    atBert.await("audio key");
    self.awaitPicture();
    assertThat(self.frames).noneMatch(frame -> frame.startsWith("audio"));
    post(bert, "hangup", "{'channel_id':'c'}");
    assertThat(annaEvents.next("ended").path("reason").asText()).isEqualTo("remote_hung_up");
    assertThat(atAnna.ended.get(10, TimeUnit.SECONDS)).isEqualTo("remote_hung_up");
    assertThat(self.ended.get(10, TimeUnit.SECONDS)).isEqualTo("hung_up");
  }

  @Test
  void aCallIsRecordedFromBothSidesInStep() throws Exception {
    connect("{'audio':true,'video':true}");
    Viewer viewer = new Viewer(anna, "media/c");
    viewer.awaitPicture();
    String path = post(anna, "session/c/recording", "{}").path("files").get(0).asText();
    for (int i = 0; i < 150; i++) {
      viewer.await("audio key"); // three seconds
    }
    JsonNode stopped = post(anna, "session/c/recording/stop", "{}");
    assertThat(stopped.path("state").asText()).isEqualTo("stopped");
    assertThat(stopped.path("dropped_frames").asInt()).isZero();

    RecordedFile file = RecordedFile.read(Path.of(path));
    assertThat(file.names())
        .containsExactlyInAnyOrder("Remote picture", "Remote sound", "Own picture", "Own sound");
    for (RecordedFile.Track track : file.tracks()) {
      // The page has just had a key frame, and the recording's comes a second after that at best.
      assertThat(track.packets().getFirst().millis()).as(track.name()).isBetween(0L, 2500L);
      assertThat(track.packets().getLast().millis() / 1000.0)
          .as(track.name())
          .isGreaterThan(file.seconds() - 0.5);
    }
    double own = clockOf(file, "Own picture");
    double remote = clockOf(file, "Remote picture");
    // The remote's pictures are as late in the file as they came: encoded, sent and decoded here.
    assertThat(own - remote)
        .as("how late the remote's pictures are, in ms")
        .isBetween(-5.0, 1000.0);
    assertThat(own - file.startedAt().toEpochMilli() % TestPictureCode.MODULUS)
        .as("the file's date, in ms")
        .isBetween(-200.0, 200.0);
    assertThat(
            RecordedFile.run("ffmpeg", "-v", "error", "-i", path, "-map", "0", "-f", "null", "-"))
        .isEmpty();
  }

  /** What a track's test pictures say that the time was at the file's time 0: a median, in ms. */
  private static double clockOf(RecordedFile file, String name) throws Exception {
    RecordedFile.Track track = file.track(name);
    byte[] luma = file.luma(track, 320, 240);
    double[] starts =
        IntStream.range(0, luma.length / (320 * 240))
            .mapToDouble(
                i ->
                    TestPictureCode.read(
                                320, 240, (x, y) -> luma[i * 320 * 240 + y * 320 + x] & 0xff)
                            .orElseThrow()
                        - track.packets().get(i).millis())
            .sorted()
            .toArray();
    assertThat(starts).hasSizeGreaterThan(30);
    return starts[starts.length / 2];
  }

  @Test
  void anAudioCallHasNoPicture() throws Exception {
    connect("{'audio':true,'video':false}");
    Viewer atAnna = new Viewer(anna, "media/c");
    for (int i = 0; i < 20; i++) {
      atAnna.await("audio key");
    }
    assertThat(atAnna.kinds.values()).containsExactly("audio");
  }

  @Test
  void aCameraThatIsSwitchedOnDuringTheCallIsSeen() throws Exception {
    post(anna, "start", "{'channel_id':'c','remote_peer':'bert'}");
    bertEvents.next("incoming");
    post(bert, "accept", "{'channel_id':'c','remote_peer':'anna','media':{'audio':true}}");
    annaEvents.awaitState("connected");
    bertEvents.awaitState("connected");
    Viewer atAnna = new Viewer(anna, "media/c");
    atAnna.await("audio key");
    post(bert, "toggle-video", "{'channel_id':'c','disabled':false}");
    atAnna.awaitPicture();
  }

  @Test
  void whoCallsWithoutHisCameraMaySwitchItOnDuringTheCall() throws Exception {
    post(
        anna,
        "start",
        "{'channel_id':'c','remote_peer':'bert','send':{'audio':true,'video':false}}");
    assertThat(bertEvents.next("incoming").path("media").path("video").asBoolean()).isTrue();
    post(bert, "accept", "{'channel_id':'c','remote_peer':'anna'}");
    annaEvents.awaitState("connected");
    bertEvents.awaitState("connected");
    Viewer atBert = new Viewer(bert, "media/c");
    atBert.await("audio key");
    assertThat(atBert.frames).noneMatch(frame -> frame.startsWith("video"));
    post(anna, "toggle-video", "{'channel_id':'c','disabled':false}");
    atBert.awaitPicture();
  }

  @Test
  void aPageThatComesLaterSeesThePictureToo() throws Exception {
    connect("{'audio':true,'video':true}");
    new Viewer(anna, "media/c").awaitPicture();
    new Viewer(anna, "media/c").awaitPicture();
  }

  @Test
  void bothCallingAtOnceHaveOneCall() throws Exception {
    post(anna, "start", "{'channel_id':'a','remote_peer':'bert'}");
    // Bert's page has not seen the ring yet and calls too.
    post(bert, "start", "{'channel_id':'b','remote_peer':'anna'}");
    annaEvents.awaitState("connected");
    bertEvents.awaitState("connected");
    Viewer atBert = new Viewer(bert, "media/" + only(bert));
    atBert.awaitPicture();
    assertThat(only(anna)).isEqualTo(only(bert));
  }

  private String only(Agent agent) throws Exception {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(
                    URI.create(agent.url() + "/api/call/active?access_token=" + agent.token()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    JsonNode calls = MAPPER.readTree(response.body());
    assertThat(calls).hasSize(1);
    return calls.get(0).path("channel_id").asText();
  }

  @Test
  void theOtherSideVanishingEndsTheCallInTheEnd() throws Exception {
    connect("{'audio':true,'video':false}");
    bert.close();
    assertThat(annaEvents.next("ended").path("reason").asText())
        .isIn("remote_hung_up", "connection_lost");
  }
}
