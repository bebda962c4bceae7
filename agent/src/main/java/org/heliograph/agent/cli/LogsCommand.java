package org.heliograph.agent.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.heliograph.agent.life.Place;
import org.heliograph.text.Cause;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph logs}. */
@Command(
    name = "logs",
    description = {
      "Prints the end of the agent's log: from the journal where systemd runs it, otherwise from"
          + " $XDG_STATE_HOME/heliograph/agent.0.log.",
      "An agent that was started in a terminal logs there."
    })
public final class LogsCommand implements Callable<Integer> {
  /** A line of the file (docs/life-cycle.md); one that is none belongs to the one before. */
  private static final Pattern LINE =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\dT\\S+) (ERROR|WARN|INFO|DEBUG|TRACE) (?:(\\S+) - )?(.*)");

  private static final List<String> LEVELS =
      List.of("error", "error", "error", "error", "warn", "info", "info", "debug");

  private final Surroundings surroundings;

  @Mixin private AgentOptions agent;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "COUNT",
      defaultValue = "50",
      description = "How many lines, from the end (default: ${DEFAULT-VALUE}).")
  private int lines;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what is logged from now on, until it is interrupted.")
  private boolean follow;

  @Option(
      names = "--json",
      description = "Prints a line of JSON for each message: time, level, source, message.")
  private boolean json;

  @Spec private CommandSpec spec;

  public LogsCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws CommandException, IOException, InterruptedException {
    Optional<String> destination = destination();
    if (destination.filter("stderr"::equals).isPresent()) {
      throw new CommandException(
          ExitCode.FAILED, "The agent that runs logs where it was started, in a terminal.");
    }
    Path file = surroundings.logFile();
    boolean journal = destination.map("journal"::equals).orElse(!Files.exists(file));
    boolean read = journal ? readJournal() : readFile(file);
    if (!read) {
      throw new CommandException(
          ExitCode.FAILED,
          "There is no log: no agent was started in the background yet, or by systemd.");
    }
    return ExitCode.DONE.status();
  }

  /** Where the running agent logs to; empty if none runs. */
  private Optional<String> destination() throws IOException, InterruptedException {
    Optional<AgentClient> running =
        Place.answering(agent.addressFile(surroundings)).map(AgentClient::new);
    if (running.isEmpty()) {
      return Optional.empty();
    }
    try (AgentClient client = running.get()) {
      return Optional.of(client.get("/api/agent").path("log").path("to").asText());
    }
  }

  // --- The file ---------------------------------------------------------------------------------

  private boolean readFile(Path file) throws IOException, InterruptedException {
    if (!Files.exists(file)) {
      return false;
    }
    try (LogTail tail = open(file)) {
      Messages messages = new Messages();
      tail.read(messages::line);
      messages.flush();
      while (follow) {
        tail.awaitMore();
        tail.read(messages::line);
        messages.flush();
      }
    }
    return true;
  }

  private LogTail open(Path file) throws IOException {
    try {
      return LogTail.open(file, lines);
    } catch (IOException unreadable) {
      throw Cause.in(
          "The log " + file + " cannot be read",
          unreadable,
          "Make it yours (chown), or remove it while no agent runs.");
    }
  }

  /** Puts the lines of one message together again, where each is to be an object. */
  private final class Messages {
    private ObjectNode message;

    void line(String line) {
      if (!json) {
        out().println(line);
        return;
      }
      Matcher parts = LINE.matcher(line);
      if (parts.matches()) {
        flush();
        message = Json.object();
        message.put("time", parts.group(1));
        message.put("level", parts.group(2).toLowerCase(java.util.Locale.ROOT));
        message.put("source", parts.group(3));
        message.put("message", parts.group(4));
      } else if (message != null) {
        message.put("message", message.path("message").asText() + "\n" + line);
      } else {
        message = Json.object().put("message", line);
      }
    }

    void flush() {
      if (message != null) {
        out().println(message);
        message = null;
      }
      out().flush();
    }
  }

  // --- The journal ------------------------------------------------------------------------------

  private boolean readJournal() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("journalctl", "--quiet", "--no-pager"));
    command.add("--user-unit=" + SystemdUnit.NAME);
    command.add("--lines=" + lines);
    command.add("--output=" + (json ? "json" : "short-iso"));
    if (follow) {
      command.add("--follow");
    }
    Process journal;
    try {
      journal = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    } catch (IOException none) {
      return false;
    }
    boolean any = false;
    try (BufferedReader reader =
        new BufferedReader(
            new java.io.InputStreamReader(journal.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        any = true;
        out().println(json ? fromJournal(line) : line);
        out().flush();
      }
    }
    return journal.waitFor() == 0 && any;
  }

  /** The journal's own JSON (systemd.journal-fields(7)) as ours. */
  private static ObjectNode fromJournal(String line) throws JsonProcessingException {
    ObjectNode entry = Json.parseObject(line);
    ObjectNode message = Json.object();
    Instant time =
        Instant.EPOCH.plus(entry.path("__REALTIME_TIMESTAMP").asLong(), ChronoUnit.MICROS);
    message.put("time", time.atZone(ZoneId.systemDefault()).toOffsetDateTime().toString());
    message.put("level", LEVELS.get(Math.clamp(entry.path("PRIORITY").asInt(6), 0, 7)));
    String[] parts = entry.path("MESSAGE").asText().split(" - ", 2);
    message.put("source", parts.length == 2 ? parts[0] : null);
    message.put("message", parts[parts.length - 1]);
    return message;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
