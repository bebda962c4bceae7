package org.heliograph.agent.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.Version;
import org.heliograph.agent.signal.Json;

/**
 * The file in which an app finds the agent: its address, its token and its process id. Only the
 * user can read it; it appears whole or not at all, and goes when the agent does.
 */
public final class AddressFile implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Path file;
  private final String written;

  private AddressFile(Path file, String written) {
    this.file = file;
    this.written = written;
  }

  /** Where the file is unless the configuration says otherwise. */
  public static Path defaultPath(Map<String, String> environment) {
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    Path base =
        runtime.isBlank()
            ? Path.of(
                System.getProperty("java.io.tmpdir"),
                "heliograph-" + System.getProperty("user.name"))
            : Path.of(runtime, "heliograph");
    return base.resolve("agent.json");
  }

  /** The address of the agent that wrote the file, if that still runs. */
  public static Optional<String> runningAgent(Path file) {
    try {
      ObjectNode json = Json.parseObject(Files.readString(file));
      String url = json.path("url").asText();
      long pid = json.path("pid").asLong();
      if (pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty()) {
        return Optional.empty();
      }
      try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
        HttpResponse<String> health =
            http.send(
                HttpRequest.newBuilder(URI.create(url + "/healthz")).timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofString());
        return Json.parseObject(health.body()).path("pid").asLong() == pid
            ? Optional.of(url)
            : Optional.empty();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (IOException | IllegalArgumentException goneOrForeign) {
      return Optional.empty();
    }
  }

  /** Writes the file. */
  public static AddressFile write(Path file, String url, String token) throws IOException {
    ObjectNode json = Json.object();
    json.put("url", url);
    json.put("token", token);
    json.put("pid", ProcessHandle.current().pid());
    json.put("version", Version.VERSION);
    String content = Json.write(json) + "\n";
    Path directory = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Path next =
        Files.createTempFile(
            directory,
            "agent",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(next, content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    return new AddressFile(file, content);
  }

  /** Removes the file, unless another agent has written it since. */
  @Override
  public void close() {
    try {
      if (Files.exists(file) && Files.readString(file).equals(written)) {
        Files.delete(file);
      }
    } catch (IOException _) {
      // Whoever reads it finds that no agent answers.
    }
  }
}
