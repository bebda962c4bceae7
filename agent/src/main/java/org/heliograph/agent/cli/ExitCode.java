package org.heliograph.agent.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the exit status of a command says. */
public enum ExitCode {
  DONE(0, "It is done."),
  FAILED(1, "It could not be done; the message says why, and what to do."),
  USAGE(2, "An option, an argument or the configuration is wrong."),
  NOT_RUNNING(3, "No agent runs."),
  ALREADY_RUNNING(4, "Another agent of the same user runs."),
  NO_CALL(5, "The call did not come about: rejected, busy, no answer, unreachable."),
  INTERRUPTED(130, "Ended with Ctrl+C; calls have been hung up."),
  TERMINATED(143, "Ended by SIGTERM; calls have been hung up.");

  private final int status;
  private final String meaning;

  ExitCode(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  /** The exit status. */
  public int status() {
    return status;
  }

  /** Some of them, as the help shows them. */
  static Map<String, String> list(ExitCode... codes) {
    Map<String, String> list = new LinkedHashMap<>();
    for (ExitCode code : codes) {
      list.put(Integer.toString(code.status), code.meaning);
    }
    return list;
  }
}
