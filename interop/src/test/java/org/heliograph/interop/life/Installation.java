package org.heliograph.interop.life;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.heliograph.interop.lab.Subprocess;

/** The packaged program, {@code agent/target/heliograph}, with a user's folders of its own. */
final class Installation implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final List<String> SANDBOX =
      List.of("unshare", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc");

  /**
   * A user whom nobody has: neither this one nor root. In a network where low ports take rights, as
   * they do unless a machine was set up otherwise.
   */
  private static final List<String> ANOTHER_USER =
      List.of(
          "unshare",
          "--net",
          "sh",
          "-c",
          "ip link set lo up && exec setpriv --reuid=64321 --regid=64321 --clear-groups \"$@\"",
          "sh");

  static final Path LAUNCHER = Path.of("../agent/target/heliograph").toAbsolutePath();

  private final Path home;
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Command> begun = new ArrayList<>();

  Installation() throws IOException {
    if (!Files.isExecutable(LAUNCHER)) {
      throw new AssertionError(LAUNCHER + " is not there; \"mvn package\" builds it");
    }
    home = Files.createTempDirectory("heliograph-life");
    Files.createDirectories(home.resolve("config/heliograph"));
  }

  /** What a command came to. */
  record Result(int exit, String out, String err) {
    /** Each line of the output, which must all be JSON. */
    List<JsonNode> jsonLines() {
      return out.lines().map(line -> new Result(exit, line, err).json()).toList();
    }

    JsonNode json() {
      try {
        return JSON.readTree(out);
      } catch (IOException wrong) {
        throw new AssertionError("not JSON: " + out + "\n" + err, wrong);
      }
    }
  }

  /** A command that runs. */
  final class Command implements AutoCloseable {
    private final Process process;
    private final Path out;
    private final Path err;

    private Command(List<String> command) throws IOException {
      out = Files.createTempFile(home, "out", "");
      err = Files.createTempFile(home, "err", "");
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment());
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      process = builder.start();
      begun.add(this);
    }

    /** Waits for its end. */
    Result await() throws IOException, InterruptedException {
      if (!process.waitFor(LIMIT)) {
        throw new AssertionError("it still runs: " + Files.readString(out) + Files.readString(err));
      }
      return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    /** Waits until it has printed something. */
    String awaitOutput(String part) throws IOException, InterruptedException {
      return Installation.await(
          () -> Optional.of(Files.readString(out)).filter(text -> text.contains(part)), part);
    }

    /** SIGINT, as Ctrl+C sends it. */
    void interrupt() throws IOException, InterruptedException {
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
    }

    Process process() {
      return process;
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** Puts a shell script in the place of a program. */
  void replaceProgram(String name, String script) throws IOException {
    Path program = Files.createDirectories(home.resolve("bin")).resolve(name);
    Files.writeString(program, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
  }

  private Map<String, String> environment() {
    return Map.of(
        "PATH", home.resolve("bin") + ":" + System.getenv("PATH"),
        "HELIOGRAPH_JAVA", ProcessHandle.current().info().command().orElseThrow(),
        "HOME", home.toString(),
        "XDG_RUNTIME_DIR", home.resolve("run").toString(),
        "XDG_CONFIG_HOME", home.resolve("config").toString(),
        "XDG_DATA_HOME", home.resolve("data").toString(),
        "XDG_STATE_HOME", home.resolve("state").toString(),
        "TERM", "xterm");
  }

  /** Where its files are. */
  Path home() {
    return home;
  }

  /** Begins a command. */
  Command begin(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    return new Command(command);
  }

  /**
   * Runs a command to its end, in a shell that has first done something, such as to set variables:
   * text that is not ASCII reaches the command so, whatever this process's own locale.
   */
  Result runAfter(String script, String... arguments) throws IOException, InterruptedException {
    Path file = Files.createTempFile(home, "script", "");
    Files.writeString(file, script + "\nexec '" + LAUNCHER + "' \"$@\"\n");
    List<String> command = new ArrayList<>(List.of("sh", file.toString()));
    command.addAll(List.of(arguments));
    return new Command(command).await();
  }

  /**
   * Runs a command as another user of this machine, after a script of his; root only. Whatever of
   * the home he is to write in he has to be given.
   */
  Result runAsAnother(String script, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(ANOTHER_USER);
    command.addAll(List.of("sh", "-c", script + "\nexec '" + LAUNCHER + "' \"$@\"", "sh"));
    command.addAll(List.of(arguments));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
    return new Command(command).await();
  }

  /** Whether this is root, and another user may read the program. */
  static boolean hasAnotherUser() throws IOException, InterruptedException {
    List<String> trial = new ArrayList<>(ANOTHER_USER);
    trial.addAll(List.of("test", "-x", LAUNCHER.toString()));
    return new ProcessBuilder(trial)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  /** Runs a shell script with mounts of its own; root only. {@code $0} is the launcher. */
  Result runWithMounts(String script) throws IOException, InterruptedException {
    return new Command(List.of("unshare", "--mount", "sh", "-ec", script, LAUNCHER.toString()))
        .await();
  }

  /** Begins a command in a sandbox, where processes have numbers of their own. */
  Command beginInSandbox(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(SANDBOX);
    command.add(LAUNCHER.toString());
    command.addAll(List.of(arguments));
    return new Command(command);
  }

  /** Whether this machine lets this user have such sandboxes. */
  static boolean hasSandboxes() throws IOException, InterruptedException {
    List<String> trial = new ArrayList<>(SANDBOX);
    trial.add("true");
    return new ProcessBuilder(trial).start().waitFor() == 0;
  }

  /** Begins a command in a terminal; what it prints there is its output. */
  Command beginInTerminal(String... arguments) throws IOException {
    List<String> command = List.of("script", "-qec", shell(arguments), "/dev/null");
    return new Command(command);
  }

  private static String shell(String... arguments) {
    StringBuilder line = new StringBuilder("exec '" + LAUNCHER + "'");
    for (String argument : arguments) {
      line.append(" '").append(argument).append('\'');
    }
    return line.toString();
  }

  /** Runs a command to its end. */
  Result run(String... arguments) throws IOException, InterruptedException {
    return begin(arguments).await();
  }

  /** Runs a command that must succeed, and gives the JSON that it prints. */
  JsonNode json(String... arguments) throws IOException, InterruptedException {
    Result result = run(arguments);
    if (result.exit() != 0) {
      throw new AssertionError(List.of(arguments) + " ended with " + result);
    }
    return result.json();
  }

  /** Writes the configuration file, as an editor does: a new one in place of the old. */
  void configure(String toml) throws IOException {
    Path next = Files.writeString(home.resolve("config/heliograph/next"), toml);
    Files.move(next, configFile(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  Path configFile() {
    return home.resolve("config/heliograph/config.toml");
  }

  Path addressFile() {
    return home.resolve("run/heliograph/agent.json");
  }

  Path logFile() {
    return home.resolve("state/heliograph/agent.0.log");
  }

  /** Where the running agent is. */
  String url() throws IOException {
    return address().get("url").asText();
  }

  /** What lets in to it. */
  String token() throws IOException {
    return address().get("token").asText();
  }

  private JsonNode address() throws IOException {
    return JSON.readTree(Files.readString(addressFile()));
  }

  /** Where a link leads that needs no token. */
  String redirection(String link) throws IOException, InterruptedException {
    HttpResponse<Void> response =
        http.send(
            HttpRequest.newBuilder(URI.create(link)).build(),
            HttpResponse.BodyHandlers.discarding());
    return response.headers().firstValue("Location").orElse("status " + response.statusCode());
  }

  /** The running agent's answer. */
  JsonNode get(String path) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new AssertionError(response.body());
    }
    return JSON.readTree(response.body());
  }

  /** Asks the running agent for something. */
  JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new AssertionError(response.body());
    }
    return JSON.readTree(response.body());
  }

  /** Follows the running agent's events, as a page does. */
  InputStream events() throws IOException, InterruptedException {
    return http.send(request("/api/call/events").build(), HttpResponse.BodyHandlers.ofInputStream())
        .body();
  }

  private HttpRequest.Builder request(String path) throws IOException {
    return HttpRequest.newBuilder(URI.create(url() + path))
        .header("Authorization", "Bearer " + token());
  }

  /** Something that may not be there yet. */
  interface Look<T> {
    Optional<T> look() throws IOException, InterruptedException;
  }

  /** Waits until something is there; fails the test when it does not come. */
  static <T> T await(Look<T> look, String what) throws IOException, InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() - end < 0) {
      Optional<T> found = look.look();
      if (found.isPresent()) {
        return found.get();
      }
      Thread.sleep(20);
    }
    throw new AssertionError("it does not come: " + what);
  }

  /** Waits until the agent has left. */
  void awaitGone() throws IOException, InterruptedException {
    await(() -> Files.exists(addressFile()) ? Optional.empty() : Optional.of(true), "the end");
  }

  @Override
  public void close() {
    begun.forEach(Command::close);
    try {
      if (Files.exists(addressFile())) {
        post("/api/agent/stop", JSON.createObjectNode());
        awaitGone();
      }
    } catch (IOException alreadyGone) {
      // Killed by the test, or it was just leaving.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      http.shutdownNow();
      begun.forEach(Command::close);
      Subprocess.deleteTree(home);
    }
  }
}
