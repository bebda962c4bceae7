package org.heliograph.agent.cli;

import java.io.IOException;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.life.AlreadyRunningException;
import org.heliograph.text.Cause;
import org.heliograph.text.ForeignText;

/** What a command's failure is to the user: a sentence and an exit status. */
public final class Failures {
  private Failures() {}

  /** The sentence. */
  public static String message(Exception failure) {
    return ForeignText.lines(
        switch (failure) {
          case CommandException expected -> expected.getMessage();
          case ConfigException wrong -> wrong.getMessage();
          // What is thrown here says it in words; what Java throws has a class of its own.
          case AlreadyRunningException running -> running.getMessage();
          case IOException said when isSaid(said) -> said.getMessage();
          case IOException system ->
              "It could not be done: " + Cause.words(system) + ". Mend that, and try again.";
          default -> "Heliograph has failed: " + failure + ". Please report it.";
        });
  }

  private static boolean isSaid(IOException failure) {
    return failure.getClass() == IOException.class
        && failure.getMessage() != null
        && failure.getMessage().endsWith(".");
  }

  /** The exit status. */
  public static ExitCode exitCode(Exception failure) {
    return switch (failure) {
      case CommandException expected -> expected.exitCode();
      case ConfigException _ -> ExitCode.USAGE;
      case AlreadyRunningException _ -> ExitCode.ALREADY_RUNNING;
      default -> ExitCode.FAILED;
    };
  }
}
