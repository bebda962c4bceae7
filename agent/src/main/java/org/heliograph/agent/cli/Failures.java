package org.heliograph.agent.cli;

import java.io.IOException;
import org.heliograph.agent.config.ConfigException;
import org.heliograph.agent.life.AlreadyRunningException;
import org.heliograph.agent.text.ForeignText;

/** What a command's failure is to the user: a sentence and an exit status. */
public final class Failures {
  private Failures() {}

  /** The sentence. */
  public static String message(Exception failure) {
    return ForeignText.lines(
        failure instanceof CommandException
                || failure instanceof ConfigException
                || (failure instanceof IOException && failure.getMessage() != null)
            ? failure.getMessage()
            : "Heliograph has failed: " + failure);
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
