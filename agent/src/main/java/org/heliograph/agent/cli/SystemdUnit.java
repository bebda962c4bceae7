package org.heliograph.agent.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user's systemd unit, where Heliograph is installed as a package: an agent that it runs logs
 * to the journal and is confined as the unit says.
 */
final class SystemdUnit {
  static final String NAME = "heliograph.service";

  /** The launcher's own path, as it tells it (src/main/sh/heliograph). */
  private static final String LAUNCHER = "heliograph.launcher";

  private static final Pattern PATH = Pattern.compile("path=(.*?) ;");

  private SystemdUnit() {}

  /**
   * Whether it runs this very program. An app that brings its own does not start the system's, nor
   * another version than it was made for.
   */
  static boolean runsThisProgram() throws InterruptedException {
    String launcher = System.getProperty(LAUNCHER);
    if (launcher == null || System.getenv("XDG_RUNTIME_DIR") == null) {
      return false;
    }
    Optional<String> start =
        output("systemctl", "--user", "show", "--property=ExecStart", "--value", NAME);
    if (start.isEmpty()) {
      return false;
    }
    Matcher path = PATH.matcher(start.get());
    try {
      return path.find()
          && Path.of(path.group(1)).toRealPath().equals(Path.of(launcher).toRealPath());
    } catch (IOException missing) {
      return false;
    }
  }

  /**
   * Starts it.
   *
   * @throws IOException in words, if it does not start
   */
  static void start() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("systemctl", "--user", "start", NAME).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(
          "systemd does not start " + NAME + ": " + said + " \"heliograph logs\" says more.");
    }
  }

  private static Optional<String> output(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    } catch (IOException noSystemd) {
      return Optional.empty();
    }
  }
}
