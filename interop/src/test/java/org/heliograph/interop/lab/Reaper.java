package org.heliograph.interop.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/**
 * Ends the programs that a test left running, however the tests themselves end: a shell that learns
 * of each program, and ends those that are left when its input does. The kernel ends that when this
 * process is gone, even if it was killed.
 */
final class Reaper {
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      running=
      while read -r word pid; do
        left=
        for each in $running; do [ "$each" = "$pid" ] || left="$left $each"; done
        running=$left
        [ "$word" = ended ] || running="$running $pid"
      done
      [ -z "$running" ] || kill -KILL $running 2>/dev/null
      """;

  private static Writer input;

  private Reaper() {}

  /** A program runs, which is to end with this process at the latest. */
  static void started(Process process) {
    tell("started " + process.pid());
  }

  /** It has ended: another one may have its number soon. */
  static void ended(Process process) {
    tell("ended " + process.pid());
  }

  private static synchronized void tell(String line) {
    try {
      if (input == null) {
        input =
            new ProcessBuilder("sh", "-c", SCRIPT)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .outputWriter(StandardCharsets.UTF_8);
      }
      input.write(line + "\n");
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
