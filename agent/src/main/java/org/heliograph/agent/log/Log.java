package org.heliograph.agent.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.logging.ConsoleHandler;
import java.util.logging.FileHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** How much is logged, and where to. Both may change at any time. */
public final class Log {
  /** Where the log goes. */
  public enum Destination {
    /** The standard error output, for a person. */
    STDERR,
    /** The standard error output, which leads to the journal. */
    JOURNAL,
    /** A file. */
    FILE
  }

  /** A file is full then, and the next one begins; the last two are kept. */
  private static final int FILE_BYTES = 1_000_000;

  private static final int FILES = 2;

  static {
    // Before the first logger, which makes the manager.
    System.setProperty("java.util.logging.manager", Manager.class.getName());
  }

  /** Held here, because java.util.logging itself forgets loggers with their levels. */
  private static final Logger OWN = Logger.getLogger("org.heliograph");

  private static final Logger ROOT = Logger.getLogger("");

  private static volatile Destination destination = Destination.STDERR;

  private Log() {}

  /**
   * What java.util.logging is replaced by, before anything is logged: its own forgets every handler
   * as soon as the JVM begins to shut down, while calls are still being hung up.
   */
  public static final class Manager extends LogManager {
    /** For java.util.logging. */
    public Manager() {}

    @Override
    public void reset() {}
  }

  /** Sets the log up for a program; before anything is logged. */
  public static void begin() {
    replaceHandler(Destination.STDERR, new ConsoleHandler());
    setLevel("info");
  }

  /**
   * Says how much is logged from now on: of the agent's own as much as that; of its libraries
   * warnings only, or with {@code debug} and {@code trace} what is for information. The rest of
   * theirs holds requests as they came, with whatever is secret in them.
   *
   * @param level {@code error}, {@code warn}, {@code info}, {@code debug}, {@code trace} or {@code
   *     off}
   */
  public static void setLevel(String level) {
    Level own =
        switch (level) {
          case "off" -> Level.OFF;
          case "error" -> Level.SEVERE;
          case "warn" -> Level.WARNING;
          case "info" -> Level.INFO;
          case "debug" -> Level.FINE;
          default -> Level.FINEST;
        };
    OWN.setLevel(own);
    ROOT.setLevel(
        switch (level) {
          case "info" -> Level.WARNING;
          case "debug", "trace" -> Level.INFO;
          default -> own;
        });
  }

  /**
   * Lets the log go to the standard error output.
   *
   * @param environment the process's; systemd says in it whether the journal reads the output
   *     (systemd.exec(5))
   */
  public static void toStandardError(Map<String, String> environment) {
    Destination reader = isJournal(environment) ? Destination.JOURNAL : Destination.STDERR;
    replaceHandler(reader, new ConsoleHandler());
  }

  /**
   * Lets the log go to a file, which begins anew when it is full; the one before is kept.
   *
   * @param pattern its path, with {@code %g} for 0, the present one, and 1, the one before
   * @throws IOException if it cannot be written
   */
  public static void toFile(String pattern) throws IOException {
    replaceHandler(Destination.FILE, new FileHandler(pattern, FILE_BYTES, FILES, true));
  }

  private static void replaceHandler(Destination reader, Handler handler) {
    handler.setFormatter(new LineFormatter(reader));
    handler.setLevel(Level.ALL);
    for (Handler old : ROOT.getHandlers()) {
      ROOT.removeHandler(old);
      if (old instanceof FileHandler) {
        old.close();
      }
    }
    ROOT.addHandler(handler);
    destination = reader;
    // Nobody may read the standard error output any more.
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) -> OWN.log(Level.SEVERE, thread.getName() + " has failed", failure));
  }

  private static boolean isJournal(Map<String, String> environment) {
    try {
      Map<String, Object> output = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
      return (output.get("dev") + ":" + output.get("ino"))
          .equals(environment.get("JOURNAL_STREAM"));
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  /** Where the log goes. */
  public static Destination destination() {
    return destination;
  }

  /** Ends the log, when nothing more is going to happen. */
  public static void end() {
    for (Handler handler : ROOT.getHandlers()) {
      handler.close();
    }
  }
}
