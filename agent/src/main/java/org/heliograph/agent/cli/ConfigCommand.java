package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigSource;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code heliograph config}. */
@Command(
    name = "config",
    description = {
      "Prints every configuration key with what holds for it, ready to be saved as the file.",
      "A running agent takes a changed file by itself, as far as it can without being started"
          + " anew."
    })
public final class ConfigCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--json",
      description =
          "Prints JSON: file, and keys with value, default, description, allowed, option, variable,"
              + " and effect (when a change takes effect: at_once, next_call, restart).")
  private boolean json;

  @Spec private CommandSpec spec;

  public ConfigCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws ConfigException {
    ConfigSource source =
        ConfigOptions.source(spec.commandLine().getParseResult(), surroundings.environment());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode object = Json.object();
      object.put("file", source.file().orElseThrow().toString());
      object.set("keys", source.read().documented());
      out.println(object.toPrettyString());
    } else {
      out.print(source.read().toToml());
    }
    out.flush();
    return ExitCode.DONE.status();
  }

  /** {@code heliograph config reload}. */
  @Command(
      name = "reload",
      description = {
        "Lets the running agent read its configuration again, and says what has changed.",
        "If it is wrong, what held before goes on to hold, and the exit status is 1."
      })
  public static final class Reload implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private AgentOptions agent;

    @Option(
        names = "--json",
        description =
            "Prints JSON: changed (key, value, effect: at_once or next_call) and need_restart"
                + " (keys).")
    private boolean json;

    @Spec private CommandSpec spec;

    public Reload(Surroundings surroundings) {
      this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws CommandException, IOException, InterruptedException {
      try (AgentClient client = agent.require(surroundings)) {
        ObjectNode report = client.post("/api/agent/reload", Json.object());
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? report.toPrettyString() : text(report));
        out.flush();
      }
      return ExitCode.DONE.status();
    }

    private static String text(ObjectNode report) {
      List<String> lines = new ArrayList<>();
      for (JsonNode change : report.path("changed")) {
        boolean now = change.path("effect").asText().equals("at_once");
        lines.add(
            "%s = %s holds %s."
                .formatted(
                    change.path("key").asText(),
                    change.path("value").asText(),
                    now ? "now" : "from the next call on"));
      }
      for (JsonNode key : report.path("need_restart")) {
        lines.add(
            key.asText()
                + " has changed, but holds only after \"heliograph stop\" and a new start.");
      }
      return lines.isEmpty() ? "Nothing has changed." : String.join("\n", lines);
    }
  }
}
