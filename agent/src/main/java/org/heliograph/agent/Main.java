package org.heliograph.agent;

import org.heliograph.agent.cli.HeliographCommand;
import org.heliograph.agent.log.Log;

/** The program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name, and exits with its status. */
  public static void main(String[] arguments) {
    Log.begin();
    System.exit(HeliographCommand.commandLine(System.getenv()).execute(arguments));
  }
}
