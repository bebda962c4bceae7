package org.heliograph.interop.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The agent as a program of its own, as a user starts it, with folders of its own. */
public final class HeliographAgent implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Path home;
  private final Subprocess program;
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;
  private final String token;

  /**
   * Starts an agent.
   *
   * @param options further command line options, such as {@code --media-camera=test}
   */
  public HeliographAgent(String... options) throws IOException {
    home = Files.createTempDirectory("heliograph-agent");
    program = Subprocess.start(environment(home), command(options));
    program.awaitLine(line -> line.contains("Stop it with"), LIMIT);
    JsonNode address = JSON.readTree(Files.readString(home.resolve("heliograph/agent.json")));
    url = address.get("url").asText();
    token = address.get("token").asText();
  }

  /**
   * Runs one of its commands, such as {@code doctor}, to the end, and gives what it printed,
   * whatever its exit status.
   */
  public static String run(String... arguments) throws IOException {
    Path home = Files.createTempDirectory("heliograph-agent");
    try (Subprocess command = Subprocess.start(environment(home), command(arguments))) {
      int _ = command.awaitExit(LIMIT);
      return command.output();
    } finally {
      Subprocess.deleteTree(home);
    }
  }

  private static Map<String, String> environment(Path home) {
    return Map.of(
        "HOME", home.toString(),
        "XDG_RUNTIME_DIR", home.toString(),
        "XDG_CONFIG_HOME", home.resolve("config").toString(),
        "XDG_DATA_HOME", home.resolve("data").toString());
  }

  private static List<String> command(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.heliograph.agent.Main"));
    command.addAll(List.of(arguments));
    return command;
  }

  private String link(String path) {
    return program
        .awaitLine(line -> line.contains(path), LIMIT)
        .replaceAll(".*?(https?://\\S+).*", "$1");
  }

  /** The demo page's link, with the token. */
  public String demoLink() {
    return link("/demo/");
  }

  /** The link for the other side, of an agent with a rendezvous. */
  public String invitation() {
    return link("/remote/");
  }

  /** The rendezvous's address for a peer that is no page. */
  public String signalUrl() {
    URI link = URI.create(invitation());
    return "ws://%s/signal?%s"
        .formatted(link.getAuthority(), link.getRawFragment())
        .replace("token=", "access_token=");
  }

  /** The agent's own name, which the other side calls. */
  public String name() {
    String invitation = invitation();
    for (String part : URI.create(invitation).getFragment().split("&", -1)) {
      if (part.startsWith("call=")) {
        return part.substring("call=".length());
      }
    }
    throw new AssertionError("nobody to call: " + invitation);
  }

  /** The API's address. */
  public String url() {
    return url;
  }

  /** The API's token. */
  public String token() {
    return token;
  }

  /** The process's identification. */
  public long pid() {
    return program.pid();
  }

  /** What the agent has printed. */
  public String log() {
    return program.output();
  }

  /** Waits for a line of the log. */
  public String awaitLog(String part) {
    return program.awaitLine(line -> line.contains(part), LIMIT);
  }

  /** Calls the API with a body; fails the test unless it is done. */
  public JsonNode post(String path, ObjectNode body) throws IOException {
    return done(answerTo(path, body));
  }

  /** Calls the API with a body, and gives the answer as it is. */
  public HttpResponse<String> answerTo(String path, ObjectNode body) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  /** Asks the API. */
  public JsonNode get(String path) throws IOException {
    return done(send(HttpRequest.newBuilder(URI.create(url + path))));
  }

  /** Calls the API to take something away. */
  public JsonNode delete(String path) throws IOException {
    return done(send(HttpRequest.newBuilder(URI.create(url + path)).DELETE()));
  }

  /** A request's body that names a call. */
  public static ObjectNode call(String channel) {
    return JSON.createObjectNode().put("channel_id", channel);
  }

  private JsonNode done(HttpResponse<String> response) throws IOException {
    if (response.statusCode() / 100 != 2) {
      throw new AssertionError(response + ": " + response.body() + "\n" + log());
    }
    return JSON.readTree(response.body());
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(
          request.header("Authorization", "Bearer " + token).timeout(LIMIT).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Asks the agent to end, and gives its exit status. */
  public int stop() {
    program.terminate();
    return program.awaitExit(LIMIT);
  }

  /** Ends the agent without letting it say goodbye to anybody (SIGKILL). */
  public void kill() {
    program.kill();
    program.awaitExit(LIMIT);
  }

  @Override
  public void close() {
    http.shutdownNow();
    program.close();
    Subprocess.deleteTree(home);
  }
}
