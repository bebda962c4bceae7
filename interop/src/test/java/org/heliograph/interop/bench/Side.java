package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A running {@link Program}, as the benchmark sees it. */
final class Side implements Participant, AutoCloseable {
  /** The two stacks that are compared. */
  enum Stack {
    HELIOGRAPH(HeliographProgram.class),
    LIBWEBRTC(LibwebrtcProgram.class);

    private final Class<? extends Program> program;

    Stack(Class<? extends Program> program) {
      this.program = program;
    }

    /** Its name for people. */
    String title() {
      return name().charAt(0) == 'H' ? "Heliograph" : "libwebrtc";
    }
  }

  private static final int KEPT_LINES = 50;

  private final Process process;
  private final Writer input;

  /** Answers that nobody has taken yet, by name; guarded by this, as is all below. */
  private final Map<String, JsonNode> answers = new HashMap<>();

  private final List<String> otherLines = new ArrayList<>();
  private Consumer<ObjectNode> envelopes = _ -> {};
  private boolean ended;

  /** Starts a program and waits until it is ready. */
  Side(Stack stack, boolean sends, int bitsPerSecond, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                stack.program.getName(),
                sends ? "send" : "receive",
                Integer.toString(bitsPerSecond))
            .redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("output of " + stack).start(this::read);
    var _ = await("ready", Duration.ofSeconds(60));
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        take(line);
      }
    } catch (IOException e) {
      synchronized (this) {
        otherLines.add("(its output broke off: " + e.getMessage() + ")");
      }
    }
    synchronized (this) {
      ended = true;
      notifyAll();
    }
  }

  private void take(String line) throws IOException {
    if (line.startsWith("{\"envelope\"")) {
      Consumer<ObjectNode> taker;
      synchronized (this) {
        taker = envelopes;
      }
      taker.accept((ObjectNode) Program.JSON.readTree(line).get("envelope"));
      return;
    }
    synchronized (this) {
      if (line.startsWith("{")) {
        Program.JSON
            .readTree(line)
            .properties()
            .forEach(answer -> answers.put(answer.getKey(), answer.getValue()));
      } else if (otherLines.size() < KEPT_LINES) {
        otherLines.add(line);
      }
      notifyAll();
    }
  }

  @Override
  public synchronized void onEnvelope(Consumer<ObjectNode> taker) {
    envelopes = taker;
  }

  @Override
  public synchronized void tell(String command, JsonNode argument) {
    try {
      input.write(JsonNodeFactory.instance.objectNode().set(command, argument) + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(String.join("\n", otherLines), e);
    }
  }

  @Override
  public synchronized JsonNode await(String answer, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!answers.containsKey(answer)) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || ended || answers.containsKey("ended")) {
        throw new IllegalStateException(
            "no \""
                + answer
                + "\" but "
                + answers.keySet()
                + ", ended: "
                + answers.get("ended")
                + "\n"
                + String.join("\n", otherLines));
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
    return answers.remove(answer);
  }

  @Override
  public synchronized void forgetAnswers() {
    answers.clear();
  }

  @Override
  public void close() {
    try {
      input.close();
      if (!process.waitFor(Duration.ofSeconds(5))) {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
