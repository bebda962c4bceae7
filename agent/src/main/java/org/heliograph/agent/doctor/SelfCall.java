package org.heliograph.agent.doctor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.agent.Agent;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.text.Json;

/**
 * A call through the whole stack: two agents in this process, the test picture and the test tone,
 * the rendezvous, a connection over loopback, and the WebSocket that a page would read. It needs no
 * device and no network.
 */
public final class SelfCall {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String CHANNEL = "self-call";
  private static final String CALLER = "caller";
  private static final String CALLEE = "callee";

  private final HttpClient http;

  private SelfCall(HttpClient http) {
    this.http = http;
  }

  /**
   * How long it took from the callee's yes, in milliseconds.
   *
   * @param firstPictureMillis until the callee's first picture reached the caller's page
   * @param firstSoundMillis until the callee's first sound did
   */
  record Times(
      @JsonProperty("first_picture_ms") long firstPictureMillis,
      @JsonProperty("first_sound_ms") long firstSoundMillis) {}

  /**
   * Makes the call.
   *
   * @throws IOException in words, if it does not come about
   */
  static Times make() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("heliograph-doctor");
    try (HttpClient http = HttpClient.newHttpClient();
        Agent caller = start(directory, CALLER, Map.of(ConfigKey.RENDEZVOUS_GUESTS, CALLEE))) {
      var rendezvous = caller.rendezvous().orElseThrow();
      Map<ConfigKey, String> joining =
          Map.of(
              ConfigKey.SIGNALING_TYPE, "websocket",
              ConfigKey.SIGNALING_URL, rendezvous.signalUrl(),
              ConfigKey.SIGNALING_TOKEN, rendezvous.token(CALLEE));
      try (Agent callee = start(directory, CALLEE, joining)) {
        if (!rendezvous.rendezvous().awaitName(CALLEE, PATIENCE)) {
          throw new IOException("The callee did not reach the rendezvous.");
        }
        return new SelfCall(http).between(caller, callee);
      }
    } catch (ConfigException | ExecutionException | TimeoutException failure) {
      throw new IOException("The call did not come about: " + failure, failure);
    } finally {
      delete(directory);
    }
  }

  private static Agent start(Path directory, String name, Map<ConfigKey, String> more)
      throws IOException, ConfigException {
    Map<ConfigKey, String> options = new HashMap<>(more);
    options.put(ConfigKey.PEER_NAME, name);
    options.put(ConfigKey.MEDIA_CAMERA, "test");
    options.put(ConfigKey.MEDIA_MICROPHONE, "test");
    options.put(ConfigKey.ICE_INCLUDE_LOOPBACK, "true");
    return Agent.start(
        ConfigReader.read(Optional.empty(), Map.of(), options),
        new Agent.Directories(directory.resolve(name + ".json"), directory.resolve(name)));
  }

  private Times between(Agent caller, Agent callee)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    post(caller, "start", body(CALLEE));
    awaitRinging(callee);
    Page page = new Page();
    page.open(caller);
    long accepted = System.nanoTime();
    post(callee, "accept", body(CALLER));
    long picture = page.first("video");
    long sound = page.first("audio");
    post(caller, "hangup", Json.object().put("channel_id", CHANNEL));
    return new Times(millis(picture - accepted), millis(sound - accepted));
  }

  private static ObjectNode body(String peer) {
    return Json.object().put("channel_id", CHANNEL).put("remote_peer", peer);
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  /** Follows the callee's events until its phone rings. */
  private void awaitRinging(Agent callee)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    URI events = URI.create(callee.url() + "/api/call/events?access_token=" + callee.token());
    CompletableFuture<Void> ringing = new CompletableFuture<>();
    var response =
        http.sendAsync(
            HttpRequest.newBuilder(events).build(),
            HttpResponse.BodyHandlers.ofByteArrayConsumer(
                part ->
                    part.map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                        .filter(text -> text.contains(CHANNEL))
                        .ifPresent(_ -> ringing.complete(null))));
    try {
      ringing.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } finally {
      response.cancel(true);
    }
  }

  private void post(Agent agent, String route, ObjectNode body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(URI.create(agent.url() + "/api/call/" + route))
                .header("Authorization", "Bearer " + agent.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .timeout(PATIENCE)
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(Json.parseObject(response.body()).path("detail").asText());
    }
  }

  /** Reads frames and samples as a page does (docs/media-protocol.md). */
  private final class Page implements WebSocket.Listener {
    private final Map<String, CompletableFuture<Long>> first = new ConcurrentHashMap<>();
    private final Map<Integer, String> kinds = new ConcurrentHashMap<>();
    private final StringBuilder text = new StringBuilder();
    private boolean within;

    void open(Agent agent) throws InterruptedException, ExecutionException, TimeoutException {
      URI url =
          URI.create(
              agent.url().replace("http:", "ws:")
                  + "/api/call/media/"
                  + CHANNEL
                  + "?format=frames&sound=pcm&access_token="
                  + agent.token());
      http.newWebSocketBuilder().buildAsync(url, this).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    /** When the first frame of a kind came, on the clock of {@link System#nanoTime()}. */
    long first(String kind) throws InterruptedException, IOException, ExecutionException {
      try {
        return arrival(kind).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException none) {
        throw new IOException(
            "No " + kind + " came within " + PATIENCE.toSeconds() + " seconds.", none);
      }
    }

    private CompletableFuture<Long> arrival(String kind) {
      return first.computeIfAbsent(kind, _ -> new CompletableFuture<>());
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          JsonNode message = Json.parseObject(text.toString());
          message
              .path("tracks")
              .forEach(track -> kinds.put(track.path("id").asInt(), track.path("kind").asText()));
        } catch (JsonProcessingException notOurs) {
          socket.abort();
        }
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      if (!within) {
        arrival(kinds.getOrDefault((int) data.get(0), "unknown")).complete(System.nanoTime());
      }
      within = !last;
      socket.request(1);
      return null;
    }
  }

  /** Deletes a folder with all that is in it. */
  public static void delete(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
