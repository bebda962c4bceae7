package org.heliograph.agent.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.agent.Main;

/**
 * How this very program is started once more: with the same Java, its options and its libraries.
 */
final class OwnProgram {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private OwnProgram() {}

  /**
   * Gives another program the user's locale: the launcher starts this one under another, and says
   * which LC_ALL there was before.
   */
  static ProcessBuilder inTheUsersLocale(ProcessBuilder program) {
    String before = System.getProperty("heliograph.lc_all");
    if (before != null && before.isEmpty()) {
      program.environment().remove("LC_ALL");
    } else if (before != null) {
      program.environment().put("LC_ALL", before);
    }
    return program;
  }

  /** The command up to the main class; the program's own arguments are to follow. */
  static List<String> command() throws IOException {
    String all = Files.readString(COMMAND_LINE, StandardCharsets.UTF_8);
    List<String> command = new ArrayList<>();
    for (String argument : all.split("\0", -1)) {
      command.add(argument);
      // Also as module/class.
      if (argument.endsWith(Main.class.getName())) {
        return command;
      }
    }
    throw new IOException(
        "How Heliograph was started cannot be told. Start the agent with \"heliograph run\".");
  }
}
