package org.heliograph.agent;

import java.util.Locale;
import org.heliograph.agent.cli.ExitCode;
import org.heliograph.agent.cli.HeliographCommand;
import org.heliograph.agent.file.UserDirectories;
import org.heliograph.agent.log.Log;

/** The program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name, and exits with its status. */
  public static void main(String[] arguments) {
    // All that is said and drawn is English, with its digits: those of ar_EG or fa_IR are others.
    Locale.setDefault(Locale.ROOT);
    // JavaCPP unpacks its libraries there; Java itself takes it from the system's list of users.
    System.setProperty("user.home", new UserDirectories(System.getenv()).home().toString());
    Log.begin();
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    try {
      return HeliographCommand.commandLine(System.getenv()).execute(arguments);
    } catch (OutOfMemoryError low) {
      System.err.println(
          "heliograph: The system gives no more memory or threads ("
              + low.getMessage()
              + "). Raise its limits (ulimit -v, ulimit -u), or end other programs.");
      return ExitCode.FAILED.status();
    }
  }
}
