package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.text.Cause;
import org.heliograph.text.Json;

/** A running agent, asked through its API. */
final class AgentClient implements AutoCloseable {
  /** Longer than the API itself lets anything take. */
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final HttpClient http = HttpClient.newHttpClient();
  private final AddressFile.Address address;

  AgentClient(AddressFile.Address address) {
    this.address = address;
  }

  /** The agent that has written this file. */
  static AgentClient at(Path addressFile) throws IOException {
    return new AgentClient(
        AddressFile.read(addressFile)
            .orElseThrow(() -> new IOException("The agent has ended again; try once more.")));
  }

  /** Asks for an object. */
  ObjectNode get(String path) throws IOException, InterruptedException {
    return answer(request(path).timeout(PATIENCE).build());
  }

  /**
   * Asks for something to be done.
   *
   * @throws IOException with what the agent said, if it is not
   */
  ObjectNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    return answer(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .timeout(PATIENCE)
            .build());
  }

  private ObjectNode answer(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = send(request, HttpResponse.BodyHandlers.ofString());
    ObjectNode body = Json.parseObject(response.body());
    if (response.statusCode() != 200) {
      throw new IOException(
          (body.path("detail").asText() + " " + body.path("hint").asText()).strip());
    }
    return body;
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    try {
      return http.send(request, handler);
    } catch (IOException failure) {
      throw Cause.in(
          "The agent at " + address.url() + " does not answer",
          failure,
          "If it has just ended, try once more; \"heliograph logs\" may say why.");
    }
  }

  /** What an agent's event stream brings. */
  interface EventListener {
    /**
     * An event.
     *
     * @return whether to go on
     */
    boolean event(String name, ObjectNode data) throws IOException;
  }

  /** A stream of bytes, such as events or media. */
  InputStream open(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        send(request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      response.body().close();
      throw new IOException("The agent refuses " + path + ": " + response.statusCode() + ".");
    }
    return response.body();
  }

  /** Reads a stream of events until the listener has enough of it, or it ends. */
  static void follow(InputStream stream, EventListener listener) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    String name = "";
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      if (line.startsWith("event: ")) {
        name = line.substring("event: ".length());
      } else if (line.startsWith("data: ")
          && !listener.event(name, Json.parseObject(line.substring("data: ".length())))) {
        return;
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(address.url() + path))
        .header("Authorization", "Bearer " + address.token());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
