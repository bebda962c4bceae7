package org.heliograph.agent.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.config.ConfigReader;
import org.heliograph.agent.doctor.Doctor;
import org.heliograph.agent.doctor.Finding;
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
    PrintWriter out = spec.commandLine().getOut();
    Terminal terminal = Terminal.of(out, surroundings.environment());
    Report report =
        Doctor.examine(
            config, file, problem, addressFile, json ? new Silence() : new Shown(terminal));
    terminal.line(json ? report.toJson() : "\n" + report.conclusion());
    return (report.healthy() ? ExitCode.DONE : ExitCode.FAILED).status();
  }

  private static final class Silence implements Doctor.Progress {
    @Override
    public void lookingAt(String what) {}

    @Override
    public void found(Finding finding) {}
  }

  /** Shows each finding at once, under its area. */
  private static final class Shown implements Doctor.Progress {
    private final Terminal terminal;
    private String area = "";

    Shown(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public void lookingAt(String what) {
      terminal.progress("… looking at " + what);
    }

    @Override
    public void found(Finding finding) {
      if (!finding.area().equals(area)) {
        terminal.line(
            (area.isEmpty() ? "" : "\n")
                + finding.area().substring(0, 1).toUpperCase(Locale.ROOT)
                + finding.area().substring(1));
        area = finding.area();
      }
      terminal.line(finding.toText());
    }
  }
}
