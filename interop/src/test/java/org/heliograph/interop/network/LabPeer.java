package org.heliograph.interop.network;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A running {@link LabPeerProgram} in a node of the lab, as the test sees it. */
final class LabPeer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int KEPT_LINES = 40;

  /** How many packets make sure that media flows again, and not only a late one arrives. */
  private static final int FLOW = 10;

  private final Process process;
  private final Writer input;

  /** Guarded by this, as is all below. */
  private final Deque<String> lines = new ArrayDeque<>();

  private final List<String> states = new ArrayList<>();
  private boolean ready;
  private boolean ended;
  private LabPeer other;
  private String path;
  private long flowingSinceNanos = Long.MAX_VALUE;
  private long firstFreshNanos;
  private int fresh;

  /** Starts the program. */
  LabPeer(NetworkLab.Node node, String certificates, List<String> iceServers) throws IOException {
    List<String> command = node.prefix();
    command.addAll(
        List.of(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LabPeerProgram.class.getName(),
            certificates));
    command.addAll(iceServers);
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("lab peer").start(this::read);
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        take(line);
      }
    } catch (IOException e) {
      take("(its output broke off: " + e.getMessage() + ")");
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  private void take(String line) {
    LabPeer to;
    synchronized (this) {
      ObjectNode said = parse(line);
      if (said.has("frame")) {
        received(said.get("frame").asLong());
        return;
      }
      if (lines.size() == KEPT_LINES) {
        lines.removeFirst();
      }
      lines.add(line);
      if (said.has("state")) {
        states.add(said.get("state").asText());
      }
      if (said.has("path")) {
        path = said.get("path").asText();
      }
      ready |= said.has("ready");
      notifyAll();
      to = said.has("description") || said.has("candidate") ? other : null;
    }
    if (to != null) {
      to.write(line);
    }
  }

  private static ObjectNode parse(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      return node instanceof ObjectNode object ? object : JSON.createObjectNode();
    } catch (JsonProcessingException e) {
      return JSON.createObjectNode();
    }
  }

  private void received(long sentNanos) {
    if (sentNanos > flowingSinceNanos) {
      if (fresh++ == 0) {
        firstFreshNanos = System.nanoTime();
      }
      if (fresh == FLOW) {
        notifyAll();
      }
    }
  }

  private void write(String line) {
    try {
      synchronized (input) {
        input.write(line + "\n");
        input.flush();
      }
    } catch (IOException e) {
      throw new AssertionError("it takes no input:\n" + log(), e);
    }
  }

  private synchronized String log() {
    return String.join("\n", lines);
  }

  private synchronized void await(BooleanSupplier condition, String what, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (ended || left <= 0) {
        throw new AssertionError(
            (ended ? "it ended before " : "in vain for ") + what + ":\n" + log());
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** Joins the two sides' signalling, which takes no network. */
  static void call(LabPeer caller, LabPeer callee) {
    for (LabPeer one : List.of(caller, callee)) {
      one.await(() -> one.ready, "its start", LIMIT);
      synchronized (one) {
        one.other = one == caller ? callee : caller;
      }
    }
    caller.write("{\"offer\":false}");
    for (LabPeer one : List.of(caller, callee)) {
      one.await(() -> one.states.contains("CONNECTED"), "a connection", LIMIT);
    }
  }

  /** Offers an ICE restart. */
  void restart() {
    write("{\"offer\":true}");
  }

  /** From now on every packet is waited for that is sent from now on. */
  synchronized void expectMedia() {
    flowingSinceNanos = System.nanoTime();
    fresh = 0;
  }

  /** When the first of them came, once enough have come. */
  synchronized long awaitMedia(Duration limit) {
    await(() -> fresh >= FLOW, "media", limit);
    return firstFreshNanos;
  }

  /** The types of the local and the remote candidate in use. */
  synchronized String path() {
    path = null;
    write("{\"path\":true}");
    await(() -> path != null, "its path", LIMIT);
    return path;
  }

  /** Waits for a state. */
  void awaitState(String state) {
    await(() -> states.contains(state), state, LIMIT);
  }

  /** Every state so far. */
  synchronized List<String> states() {
    return List.copyOf(states);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(Duration.ofSeconds(5))) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
