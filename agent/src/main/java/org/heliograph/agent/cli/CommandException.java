package org.heliograph.agent.cli;

import java.io.Serial;

/** A command cannot do what it is asked; the message says why and what to do, in a sentence. */
final class CommandException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  CommandException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
