package org.heliograph.agent.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.doctor.Doctor;
import org.heliograph.agent.doctor.Report;
import org.heliograph.agent.log.Log;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code heliograph doctor}. */
@Command(
    name = "doctor",
    description =
        "Says what works on this machine and what does not; exits with 1 if calls do not.")
public final class DoctorCommand implements Callable<Integer> {
  private final Surroundings surroundings;

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Prints the findings as JSON.")
  private boolean json;

  public DoctorCommand(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  @Override
  public Integer call() throws InterruptedException {
    ParseResult parsed = spec.commandLine().getParseResult();
    Path file =
        parsed.matchedOptionValue(
            ConfigOptions.FILE, ConfigReader.defaultFile(surroundings.environment()));
    Optional<AgentConfig> config = Optional.empty();
    String problem = null;
    try {
      config =
          Optional.of(ConfigOptions.source(parsed, surroundings.environment()).read().config());
    } catch (ConfigException wrong) {
      problem = wrong.getMessage();
    }
    // The findings say in words what the log would; whoever wants that too asks for it.
    boolean verbose = parsed.matchedOptionValue("--log-level", (String) null) != null;
    Log.setLevel(verbose && config.isPresent() ? config.get().logLevel() : "off");
    Path addressFile =
        config.map(surroundings::addressFile).orElse(surroundings.directories().addressFile());
    Report report = Doctor.examine(config, file, problem, addressFile);
    PrintWriter out = spec.commandLine().getOut();
    out.println(json ? report.toJson() : report.toText());
    out.flush();
    return (report.healthy() ? ExitCode.DONE : ExitCode.FAILED).status();
  }
}
