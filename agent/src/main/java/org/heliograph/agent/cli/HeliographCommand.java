package org.heliograph.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.heliograph.agent.config.ConfigException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code heliograph}. Everything that the help, the man page and the shells' completion say is said
 * here, at the commands and at the configuration's keys, and nowhere else.
 */
@Command(
    name = "heliograph",
    description = "Gives Linux desktop webviews working audio and video calls.",
    customSynopsis = "heliograph [COMMAND] [OPTION...]",
    footer = {
      "",
      "Without a command the agent runs in the foreground: \"run\" and its options.",
      "\"heliograph help COMMAND\" shows the options of a command. Options go before environment"
          + " variables, those before the file; \"heliograph config\" prints every key with what"
          + " holds for it, ready to be saved as the file."
    })
public final class HeliographCommand implements Callable<Integer> {
  private static final int WIDTH = 100;

  private final RunCommand run;

  @Spec private CommandSpec spec;

  private HeliographCommand(RunCommand run) {
    this.run = run;
  }

  /**
   * The command line, with every command, option and description.
   *
   * @param environment the process's
   */
  public static CommandLine commandLine(Map<String, String> environment) {
    Surroundings surroundings = new Surroundings(environment);
    RunCommand run = new RunCommand(surroundings);
    CommandLine line = new CommandLine(new HeliographCommand(run));
    add(line, run, ExitCode.ALREADY_RUNNING, ExitCode.INTERRUPTED, ExitCode.TERMINATED);
    add(line, new StartCommand(surroundings));
    add(line, new StatusCommand(surroundings), ExitCode.NOT_RUNNING);
    add(line, new StopCommand(surroundings));
    add(line, new LogsCommand(surroundings), ExitCode.INTERRUPTED);
    CommandLine config = add(line, new ConfigCommand(surroundings));
    add(config, new ConfigCommand.Reload(surroundings), ExitCode.NOT_RUNNING);
    add(line, new DevicesCommand(surroundings));
    add(line, new CallCommand(surroundings), ExitCode.NO_CALL, ExitCode.INTERRUPTED);
    add(line, new DoctorCommand(surroundings));
    add(line, new VersionCommand());
    add(line, new HelpCommand());
    add(line, new RehearseCommand());
    for (String configured : List.of("run", "start", "config", "devices", "doctor")) {
      ConfigOptions.addTo(line.getSubcommands().get(configured).getCommandSpec());
    }
    describe(line, ExitCode.values());
    // Without a command it is "run", whose options its own help shows.
    for (OptionSpec option : line.getSubcommands().get("run").getCommandSpec().options()) {
      if (!option.usageHelp() && !option.versionHelp()) {
        line.getCommandSpec().addOption(OptionSpec.builder(option).hidden(true).build());
      }
    }
    line.setExecutionStrategy(
        parsed -> {
          refuseOptionsBeforeTheCommand(parsed);
          return new CommandLine.RunLast().execute(parsed);
        });
    line.setParameterExceptionHandler((wrong, _) -> refuse(wrong));
    line.setExecutionExceptionHandler(
        (failure, failed, _) -> {
          PrintWriter err = failed.getErr();
          err.println("heliograph: " + Failures.message(failure));
          err.flush();
          return Failures.exitCode(failure).status();
        });
    return line;
  }

  /**
   * An option that stands before a command is its parent's and would be of no effect: the command
   * would go on as if it had not been given.
   */
  private static void refuseOptionsBeforeTheCommand(ParseResult parsed) {
    ParseResult parent = parsed;
    while (parent.hasSubcommand()) {
      ParseResult command = parent.subcommand();
      for (OptionSpec option : parent.matchedOptions()) {
        if (!option.usageHelp() && !option.versionHelp()) {
          String name = command.commandSpec().qualifiedName();
          throw new ParameterException(
              command.commandSpec().commandLine(),
              command.commandSpec().findOption(option.longestName()) == null
                  ? "\"%s\" has no option %s".formatted(name, option.longestName())
                  : "The option %s goes behind the command: \"%s %s…\""
                      .formatted(option.longestName(), name, option.longestName()));
        }
      }
      parent = command;
    }
  }

  private static CommandLine add(CommandLine parent, Object command, ExitCode... more) {
    CommandLine line = new CommandLine(command);
    parent.addSubcommand(line);
    ExitCode[] codes = new ExitCode[3 + more.length];
    codes[0] = ExitCode.DONE;
    codes[1] = ExitCode.FAILED;
    codes[2] = ExitCode.USAGE;
    System.arraycopy(more, 0, codes, 3, more.length);
    describe(line, codes);
    return line;
  }

  /** What the help of every command has. */
  private static void describe(CommandLine line, ExitCode... codes) {
    CommandSpec spec = line.getCommandSpec();
    if (!spec.helpCommand()) {
      spec.mixinStandardHelpOptions(true);
    }
    spec.versionProvider(new VersionCommand.Text());
    spec.usageMessage()
        .width(WIDTH)
        .sortOptions(false)
        .exitCodeListHeading("%nExit status:%n")
        .exitCodeList(ExitCode.list(codes));
    if (spec.usageMessage().footer().length == 0) {
      spec.usageMessage().footer(""); // Or else the last line is not ended.
    }
  }

  /** Says in a sentence what is wrong with the arguments, and where there is more to read. */
  private static int refuse(ParameterException wrong) {
    CommandLine command = wrong.getCommandLine();
    String problem = wrong.getMessage();
    List<String> suggestions = List.of();
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      boolean top = command.getParent() == null;
      if (top && unmatched.isUnknownOption()) {
        command = command.getSubcommands().get("run");
      } else if (top) {
        problem = "There is no command \"" + unmatched.getUnmatched().getFirst() + "\"";
      }
      suggestions =
          new UnmatchedArgumentException(command, unmatched.getUnmatched()).getSuggestions();
    }
    StringBuilder message = new StringBuilder("heliograph: ").append(problem);
    message.append(problem.endsWith(".") ? "" : ".");
    if (!suggestions.isEmpty()) {
      message.append(" Did you mean ").append(String.join(" or ", suggestions)).append('?');
    }
    String name = command.getCommandSpec().qualifiedName();
    message.append(" \"").append(name).append(" --help\" shows what there is.");
    command.getErr().println(message);
    command.getErr().flush();
    return ExitCode.USAGE.status();
  }

  @Override
  public Integer call() throws ConfigException, IOException, InterruptedException {
    return run.run(spec.commandLine().getParseResult());
  }
}
