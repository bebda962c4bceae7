package org.heliograph.agent.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.life.AddressFile;
import org.heliograph.agent.life.InstanceLock;
import org.heliograph.agent.life.Place;
import org.heliograph.text.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code heliograph start}: what an app runs to have an agent. */
@Command(
    name = "start",
    description = {
      "Sees to it that an agent runs in the background, and says where it is.",
      "One that runs already is as good; otherwise one is started, which leaves when nobody has"
          + " used it for as long as agent.idle_seconds says. Returns when it can be used."
    })
public final class StartCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Option(
      names = "--json",
      description =
          "Prints where it is as JSON: url, port, address_file (with the token), pid, version,"
              + " started (whether it was started for this).")
  private boolean json;

  @Option(
      names = "--open-with",
      paramLabel = "PROGRAM",
      description = "Opens the agent's demo page with this program, such as xdg-open.")
  private String opener;

  @Spec private CommandSpec spec;

  public StartCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call()
      throws ConfigException, CommandException, IOException, InterruptedException {
    ParseResult parsed = spec.commandLine().getParseResult();
    AgentConfig config = ConfigOptions.source(parsed, surroundings.environment()).read().config();
    ObjectNode report =
        start(surroundings, surroundings.addressFile(config), ConfigOptions.arguments(parsed));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(report);
    } else {
      boolean started = report.path("started").asBoolean();
      out.printf(
          "An agent %s at %s (process %d); its token is in %s.%n",
          started ? "was started" : "runs already",
          report.path("url").asText(),
          report.path("pid").asLong(),
          report.path("address_file").asText());
      if (!started && !ConfigOptions.arguments(parsed).isEmpty()) {
        out.println("It was started before, so the options that were given change nothing.");
      }
    }
    out.flush();
    if (opener != null) {
      openPage(Path.of(report.path("address_file").asText()));
    }
    return ExitCode.DONE.status();
  }

  /** By a link that works once: every user of the machine can read a program's arguments. */
  private void openPage(Path addressFile) throws IOException, InterruptedException {
    String link;
    try (AgentClient client = AgentClient.at(addressFile)) {
      link = client.post("/api/agent/link", Json.object()).path("link").asText();
    }
    try {
      OwnProgram.inTheUsersLocale(new ProcessBuilder(opener, link)).inheritIO().start();
    } catch (IOException failure) {
      throw new IOException(
          "The program \"%s\" cannot be started; the page's link is in what \"heliograph status\" prints."
              .formatted(opener),
          failure);
    }
  }

  /**
   * Sees to it that an agent runs.
   *
   * @param options for one that has to be started
   * @return a {@link StartReport}
   */
  static ObjectNode start(Surroundings surroundings, Path addressFile, List<String> options)
      throws CommandException, IOException, InterruptedException {
    Optional<AddressFile.Address> running = Place.find(addressFile);
    if (running.isPresent()) {
      return StartReport.of(running.get(), addressFile, false);
    }
    if (options.isEmpty() && SystemdUnit.runsThisProgram()) {
      SystemdUnit.start();
      return StartReport.of(
          Place.awaitAgent(addressFile)
              .orElseThrow(
                  () ->
                      new IOException(
                          "The agent does not get ready. \"heliograph logs\" says more.")),
          addressFile,
          true);
    }
    return detach(surroundings, options);
  }

  /** Starts an agent that outlives this process, its terminal and its session. */
  private static ObjectNode detach(Surroundings surroundings, List<String> options)
      throws CommandException, IOException, InterruptedException {
    Path logs = surroundings.logDirectory();
    Path output = logs.resolve("stderr.log");
    try {
      InstanceLock.createDirectory(logs);
      Files.newOutputStream(output).close();
    } catch (IOException unwritable) {
      throw surroundings.noLog(unwritable);
    }
    List<String> command = new ArrayList<>(List.of("setsid"));
    command.addAll(OwnProgram.command());
    command.addAll(List.of("run", "--on-demand", RunCommand.DETACHED));
    command.addAll(options);
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectError(output.toFile()) // what Java itself and native libraries say
              .start();
    } catch (IOException none) {
      throw new IOException(
          "No process can be started in the background: you have as many as you may (ulimit -u), or"
              + " setsid (util-linux) is missing. \"heliograph run\" starts the agent here.",
          none);
    }
    // The agent closes its output when it is ready, and the kernel when it has failed.
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!said.startsWith("{")) {
      throw new IOException(
          "The agent has ended with status " + process.waitFor() + "; " + output + " says more.");
    }
    ObjectNode report = Json.parseObject(said);
    if (report.has("error")) {
      throw new CommandException(
          exitCode(report.path("exit_code").asInt()), report.path("error").asText());
    }
    return report;
  }

  private static ExitCode exitCode(int status) {
    for (ExitCode code : ExitCode.values()) {
      if (code.status() == status) {
        return code;
      }
    }
    return ExitCode.FAILED;
  }
}
