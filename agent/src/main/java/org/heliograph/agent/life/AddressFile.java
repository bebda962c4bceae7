package org.heliograph.agent.life;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.heliograph.agent.Version;
import org.heliograph.agent.file.OwnersFile;
import org.heliograph.agent.file.UserDirectories;
import org.heliograph.text.Json;

/**
 * The file in which an app finds the agent: its address and its token. Only the user can read it;
 * it appears whole or not at all, and goes when the agent does.
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
    return new UserDirectories(environment).runtime().resolve("agent.json");
  }

  /**
   * Where an agent is.
   *
   * @param url the API's address
   * @param token what requests to it must carry
   * @param pid its process, for people; in a sandbox processes have numbers of their own
   */
  public record Address(String url, String token, long pid, String version) {
    /** Without the token. */
    @Override
    public String toString() {
      return "Address[url=" + url + ", pid=" + pid + ", version=" + version + "]";
    }

    /** Whether the agent that this token is for answers there. */
    boolean answers() {
      try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(url + "/api/call/mode"))
                .header("Authorization", "Bearer " + token)
                .timeout(PATIENCE)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      } catch (IOException | IllegalArgumentException goneOrForeign) {
        return false;
      }
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

  /**
   * Writes the file.
   *
   * @throws IOException in words, if it cannot be written; then nothing is left of it
   */
  public static AddressFile write(Path file, String url, String token) throws IOException {
    ObjectNode json = Json.object();
    json.put("url", url);
    json.put("token", token);
    json.put("pid", ProcessHandle.current().pid());
    json.put("version", Version.VERSION);
    String content = Json.write(json) + "\n";
    Path directory = file.toAbsolutePath().getParent();
    try {
      InstanceLock.createDirectory(directory);
      OwnersFile.replace(file, out -> out.write(content.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException unwritable) {
      throw InstanceLock.unusable(file, unwritable);
    }
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
