package org.heliograph.agent.life;

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
  private static final Duration PATIENCE = Duration.ofSeconds(2);

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

  /**
   * Where an agent is.
   *
   * @param url the API's address
   * @param token what requests to it must carry
   * @param pid its process
   */
  public record Address(String url, String token, long pid, String version) {
    /** Without the token. */
    @Override
    public String toString() {
      return "Address[url=" + url + ", pid=" + pid + ", version=" + version + "]";
    }
  }

  /** What the file says, whether or not that agent still runs. */
  public static Optional<Address> read(Path file) {
    try {
      ObjectNode json = Json.parseObject(Files.readString(file));
      return Optional.of(
          new Address(
              json.path("url").asText(),
              json.path("token").asText(),
              json.path("pid").asLong(),
              json.path("version").asText()));
    } catch (IOException noneOrForeign) {
      return Optional.empty();
    }
  }

  /** The agent that wrote the file, if it still runs and answers. */
  public static Optional<Address> answering(Path file) {
    return read(file)
        .filter(
            address ->
                ProcessHandle.of(address.pid()).isPresent()
                    && healthyProcess(address.url()) == address.pid());
  }

  /** The process that answers at an address; 0 if none does. */
  private static long healthyProcess(String url) {
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> health =
          http.send(
              HttpRequest.newBuilder(URI.create(url + "/healthz")).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      return Json.parseObject(health.body()).path("pid").asLong();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return 0;
    } catch (IOException | IllegalArgumentException goneOrForeign) {
      return 0;
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
    InstanceLock.createDirectory(directory);
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
