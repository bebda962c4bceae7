package org.heliograph.interop.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Headless Firefox with a made-up camera and microphone, driven by WebDriver BiDi, which it speaks
 * by itself.
 */
public final class Firefox implements Page {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String PREFERENCES =
      """
      user_pref("media.navigator.streams.fake", true);
      user_pref("media.navigator.permission.disabled", true);
      user_pref("media.autoplay.default", 0);
      user_pref("browser.shell.checkDefaultBrowser", false);
      user_pref("browser.startup.homepage_override.mstone", "ignore");
      user_pref("datareporting.policy.dataSubmissionEnabled", false);
      user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
      user_pref("app.update.auto", false);
      user_pref("app.normandy.enabled", false);
      user_pref("network.captive-portal-service.enabled", false);
      user_pref("network.connectivity-service.enabled", false);
      user_pref("media.gmp-manager.updateEnabled", false);
      user_pref("media.gmp-provider.enabled", false);
      user_pref("services.settings.server", "http://127.0.0.1:9/");
      """;

  private static final String LOOPBACK =
      """
      user_pref("media.peerconnection.ice.loopback", true);
      user_pref("media.peerconnection.ice.obfuscate_host_addresses", false);
      """;

  /** The candidates that the browser gives and takes. */
  public enum Candidates {
    /**
     * As in anybody's browser: none on loopback, and those of a page without a device under made-up
     * {@code .local} names.
     */
    AS_INSTALLED,

    /** Loopback addresses too, and none under a name. */
    ON_LOOPBACK
  }

  private final Path profile;
  private final Subprocess program;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> requests = new ConcurrentHashMap<>();
  private final String context;
  private int number;

  /** Starts a browser that connects on loopback. */
  public Firefox(Map<String, String> environment) throws IOException {
    this(environment, Candidates.ON_LOOPBACK);
  }

  /**
   * Starts a browser.
   *
   * @param environment of the browser; without a sound server in it, no AudioContext runs
   */
  public Firefox(Map<String, String> environment, Candidates candidates) throws IOException {
    profile = Files.createTempDirectory("heliograph-firefox");
    Files.writeString(
        profile.resolve("user.js"),
        PREFERENCES + (candidates == Candidates.ON_LOOPBACK ? LOOPBACK : ""));
    Map<String, String> all = new HashMap<>(environment);
    all.put("HOME", profile.toString());
    all.put("MOZ_DISABLE_CONTENT_SANDBOX", "1");
    program =
        Subprocess.start(
            all,
            List.of(
                Files.isExecutable(Path.of("/usr/bin/firefox-esr")) ? "firefox-esr" : "firefox",
                "--headless",
                "--no-remote",
                "--remote-debugging-port=0",
                "--profile",
                profile.toString(),
                "about:blank"));
    String line =
        program.awaitLine(text -> text.contains("WebDriver BiDi listening on ws://"), LIMIT);
    String address = line.substring(line.indexOf("ws://"));
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address + "/session"), new Answers())
            .join();
    ObjectNode session = JSON.createObjectNode();
    session.putObject("capabilities");
    request("session.new", session);
    context =
        request("browsingContext.getTree", JSON.createObjectNode())
            .at("/contexts/0/context")
            .asText();
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          JsonNode message = JSON.readTree(text.toString());
          CompletableFuture<JsonNode> waiting = requests.remove(message.path("id").asInt(-1));
          if (waiting != null) {
            waiting.complete(message);
          }
        } catch (JsonProcessingException e) {
          System.err.println("not JSON from Firefox: " + text);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  private JsonNode request(String method, ObjectNode parameters) {
    int id = ++number;
    ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    requests.put(id, answer);
    socket.sendText(message.toString(), true).join();
    try {
      JsonNode reply = answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (reply.path("type").asText().equals("error")) {
        throw new AssertionError(method + ": " + reply);
      }
      return reply.get("result");
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(method + ": no answer from Firefox\n" + program.output(), e);
    }
  }

  @Override
  public void open(String url) {
    request(
        "browsingContext.navigate",
        JSON.createObjectNode().put("context", context).put("url", url).put("wait", "complete"));
  }

  @Override
  public JsonNode evaluate(String body) {
    ObjectNode parameters = JSON.createObjectNode();
    parameters.put(
        "functionDeclaration",
        "async () => JSON.stringify((await (async () => {\n" + body + "\n})()) ?? null)");
    parameters.put("awaitPromise", true);
    parameters.put("userActivation", true);
    parameters.putObject("target").put("context", context);
    JsonNode result = request("script.callFunction", parameters);
    if (!result.path("type").asText().equals("success")) {
      throw new AssertionError("the page threw: " + result.path("exceptionDetails").path("text"));
    }
    try {
      return JSON.readTree(result.at("/result/value").asText());
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
    program.close();
    Subprocess.deleteTree(profile);
  }
}
