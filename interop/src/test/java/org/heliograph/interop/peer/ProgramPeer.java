package org.heliograph.interop.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.heliograph.interop.lab.Subprocess;

/**
 * A program of its own, which performs the commands: a line of JSON for a command, {@code {"id": 1,
 * "command": "offer", "argument": {...}}}, and one for its reply, {@code {"id": 1, "value": ...}}
 * or {@code {"id": 1, "error": "..."}}.
 */
abstract class ProgramPeer extends RemotePeer {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private Subprocess program;
  private int id;

  /** Starts the program; the one before ends. */
  final void start(Map<String, String> environment, List<String> command) {
    end();
    program = Subprocess.start(environment, command, this::take);
  }

  final boolean isRunning() {
    return program != null && program.isAlive();
  }

  private boolean take(String line) {
    if (!line.startsWith("{")) {
      return false;
    }
    JsonNode told;
    try {
      told = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return false;
    }
    CompletableFuture<JsonNode> reply = waiting.remove(told.path("id").asInt(-1));
    if (reply != null) {
      reply.complete(told);
      return true;
    }
    return takeEvent(told);
  }

  /** Takes a line that answers no command; on a thread of its own. */
  boolean takeEvent(JsonNode told) {
    return false;
  }

  @Override
  JsonNode ask(String command, JsonNode argument) {
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    waiting.put(++id, reply);
    ObjectNode request = JSON.createObjectNode().put("id", id).put("command", command);
    request.set("argument", argument);
    program.writeLine(request.toString());
    JsonNode told;
    try {
      told = reply.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(command + ": no reply; the program said\n" + program.output(), e);
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(command, e);
    } finally {
      waiting.remove(id);
    }
    if (told.hasNonNull("error")) {
      throw new AssertionError(
          command + ": " + told.get("error").asText() + "\n" + program.output());
    }
    return told.path("value");
  }

  @Override
  JsonNode troubles() {
    if (!isRunning()) {
      return JSON.createObjectNode().put("program", "it ended: " + program.output());
    }
    ObjectNode told = JSON.createObjectNode().put("program", program.output());
    told.set("connection", super.troubles());
    return told;
  }

  /** Ends the program. */
  final void end() {
    if (program != null) {
      program.close();
    }
  }

  @Override
  public void close() {
    end();
  }
}
