package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.heliograph.interop.lab.Subprocess;

/**
 * Measures how long the agent takes, as a user starts it, from exec until it is ready, and what
 * memory it holds at rest and in a call: from the runtime image, from a build, and from plain class
 * files. docs/start-up.md says what makes the difference, docs/measurements.md has the results.
 */
public final class StartBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STARTS = 10;
  private static final int RESTING = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration REST = Duration.ofSeconds(10);
  private static final Duration CALL = Duration.ofSeconds(20);

  private final Path launcher;

  private StartBench(Path launcher) {
    this.launcher = launcher;
  }

  /** Takes launchers, each as NAME=PATH. */
  public static void main(String[] arguments) throws Exception {
    System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).strip());
    for (String each : arguments) {
      String[] named = each.split("=", 2);
      new StartBench(Path.of(named[1])).measure(named[0]);
    }
    System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).strip());
  }

  private void measure(String name) throws Exception {
    start().close(); // so that the files are in memory
    double[] millis = new double[STARTS];
    for (int i = 0; i < STARTS; i++) {
      long begun = System.nanoTime();
      try (Running agent = start()) {
        millis[i] = (agent.readyNanos - begun) / 1e6;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%s: exec to ready, ms: median %.0f, %.0f to %.0f%n",
        name,
        (millis[STARTS / 2 - 1] + millis[STARTS / 2]) / 2,
        millis[0],
        millis[STARTS - 1]);
    System.out.println(name + ": resident at rest, MB: " + atRest());
    System.out.println(name + ": resident in a call, caller and callee, MB: " + inACall());
  }

  private List<Long> atRest() throws Exception {
    List<Running> agents = new ArrayList<>();
    try {
      for (int i = 0; i < RESTING; i++) {
        agents.add(start());
      }
      Thread.sleep(REST);
      List<Long> megabytes = new ArrayList<>();
      for (Running agent : agents) {
        megabytes.add(agent.residentMegabytes());
      }
      return megabytes;
    } finally {
      agents.forEach(Running::close);
    }
  }

  /** Two agents with the test picture of 640x480 and the test tone; nobody looks at it. */
  private List<Long> inACall() throws Exception {
    String[] media = {
      "--media-camera=test", "--media-microphone=test", "--ice-include-loopback=true"
    };
    try (Running callee = start(with(media, "--peer-name=callee", "--rendezvous-guests=caller"))) {
      URI invitation = URI.create(callee.invitation());
      try (Running caller =
          start(
              with(
                  media,
                  "--peer-name=caller",
                  "--signaling-type=websocket",
                  "--signaling-url=ws://" + invitation.getAuthority() + "/signal",
                  "--signaling-token=" + tokenOf(invitation)))) {
        ObjectNode call = JSON.createObjectNode().put("channel_id", "bench");
        await(() -> caller.post("start", call.deepCopy().put("remote_peer", "callee")));
        await(() -> callee.post("accept", call.deepCopy().put("remote_peer", "caller")));
        await(() -> caller.active().contains("\"connected\""));
        Thread.sleep(CALL);
        if (!callee.active().contains("\"connected\"")) {
          throw new IOException("the call has ended: " + callee.active());
        }
        return List.of(caller.residentMegabytes(), callee.residentMegabytes());
      }
    }
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private static String tokenOf(URI invitation) {
    for (String part : invitation.getRawFragment().split("&", -1)) {
      if (part.startsWith("token=")) {
        return part.substring("token=".length());
      }
    }
    throw new IllegalArgumentException("no token in " + invitation);
  }

  private static void await(BooleanSupplier condition) throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IOException("not within " + LIMIT.toSeconds() + " s");
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
  }

  private Running start(String... arguments) throws IOException {
    return new Running(arguments);
  }

  /** An agent with folders of its own. */
  private final class Running implements AutoCloseable {
    private final Path home = Files.createTempDirectory("heliograph-start");
    private final File output = home.resolve("output").toFile();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final JsonNode address;

    /** When its address was there for an app to read. */
    private final long readyNanos;

    Running(String... arguments) throws IOException {
      List<String> command = new ArrayList<>(List.of(launcher.toString()));
      command.addAll(List.of(arguments));
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(output);
      builder
          .environment()
          .putAll(
              Map.of(
                  "HELIOGRAPH_JAVA", ProcessHandle.current().info().command().orElseThrow(),
                  "HOME", home.toString(),
                  "XDG_RUNTIME_DIR", home.toString(),
                  "XDG_CONFIG_HOME", home.toString(),
                  "XDG_DATA_HOME", home.toString()));
      process = builder.start();
      Path file = home.resolve("heliograph/agent.json");
      while (!Files.exists(file)) {
        if (!process.isAlive()) {
          throw new IOException("the agent has ended: " + Files.readString(output.toPath()));
        }
        LockSupport.parkNanos(500_000);
      }
      readyNanos = System.nanoTime();
      address = JSON.readTree(file.toFile());
    }

    String invitation() throws IOException {
      await(() -> text().contains("/remote/"));
      return text().replaceAll("(?s).*?(https?://\\S+/remote/\\S+).*", "$1");
    }

    private String text() {
      try {
        return Files.readString(output.toPath());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    boolean post(String action, ObjectNode body) {
      return send(request("/api/call/" + action)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body.toString())))
              .statusCode()
          == 200;
    }

    String active() {
      return send(request("/api/call/active")).body();
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(address.get("url").asText() + path))
          .header("Authorization", "Bearer " + address.get("token").asText());
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
      try {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    /** What {@code VmRSS} says. */
    long residentMegabytes() throws IOException {
      for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
        }
      }
      throw new IOException("the agent has ended: " + text());
    }

    @Override
    public void close() {
      http.shutdownNow();
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Subprocess.deleteTree(home);
    }
  }
}
