package org.heliograph.agent;

import org.heliograph.agent.cli.HeliographCommand;

/** The program. */
public final class Main {
  private Main() {}

  /** Runs the command that the arguments name, and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(HeliographCommand.commandLine(System.getenv()).execute(arguments));
  }
}
