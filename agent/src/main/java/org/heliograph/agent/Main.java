package org.heliograph.agent;

import java.util.Locale;
import org.heliograph.agent.cli.HeliographCommand;
import org.heliograph.agent.log.Log;

/** The program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name, and exits with its status. */
  public static void main(String[] arguments) {
    // All that is said and drawn is English, with its digits: those of ar_EG or fa_IR are others.
    Locale.setDefault(Locale.ROOT);
    Log.begin();
    System.exit(HeliographCommand.commandLine(System.getenv()).execute(arguments));
  }
}
