package org.heliograph.agent.log;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.slf4j.event.Level;

/** How much is logged, and where to. Both may change at any time. */
public final class Log {
  /** How much is logged before {@link #setLevel}, as where a test uses a part of the agent. */
  private static final String LEVEL_PROPERTY = "heliograph.log";

  private static final String OWN = "org.heliograph";

  private static volatile int ownThreshold;
  private static volatile int othersThreshold;
  private static volatile Destination destination = new Destination.Terminal();

  static {
    setLevel(System.getProperty(LEVEL_PROPERTY, "info"));
  }

  private Log() {}

  /**
   * Says how much is logged from now on: of the agent's own as much as that, of its libraries
   * warnings only, unless everything is wanted.
   *
   * @param level {@code error}, {@code warn}, {@code info}, {@code debug}, {@code trace} or {@code
   *     off}
   */
  public static void setLevel(String level) {
    switch (level) {
      case "off" -> {
        ownThreshold = Integer.MAX_VALUE;
        othersThreshold = Integer.MAX_VALUE;
      }
      case "debug", "trace" -> {
        ownThreshold = Level.valueOf(level.toUpperCase(Locale.ROOT)).toInt();
        othersThreshold = ownThreshold;
      }
      default -> {
        ownThreshold = Level.valueOf(level.toUpperCase(Locale.ROOT)).toInt();
        othersThreshold = Math.max(ownThreshold, Level.WARN.toInt());
      }
    }
  }

  /** Says where the log goes from now on, and that what no one else takes note of goes there. */
  public static void setDestination(Destination wanted) {
    destination = wanted;
    // The standard error output may be nobody's any more.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> write(Level.ERROR, thread.getName(), "has failed", failure));
  }

  /** Where the log goes. */
  public static Destination destination() {
    return destination;
  }

  /**
   * The journal, where the standard error output leads there, otherwise the terminal.
   *
   * @param environment the process's; systemd says in it what the output is (systemd.exec(5))
   */
  public static Destination standardError(Map<String, String> environment) {
    try {
      Map<String, Object> file = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      String stream = file.get("dev") + ":" + file.get("ino");
      return stream.equals(environment.get("JOURNAL_STREAM"))
          ? new Destination.Journal()
          : new Destination.Terminal();
    } catch (IOException | UnsupportedOperationException unknown) {
      return new Destination.Terminal();
    }
  }

  static boolean isEnabled(String logger, Level level) {
    return level.toInt() >= (logger.startsWith(OWN) ? ownThreshold : othersThreshold);
  }

  static void write(Level level, String source, String message, Throwable thrown) {
    String text = source + " - " + message;
    if (thrown != null) {
      StringWriter trace = new StringWriter();
      thrown.printStackTrace(new PrintWriter(trace));
      text += "\n" + trace.toString().stripTrailing();
    }
    destination.write(level, text);
  }
}
