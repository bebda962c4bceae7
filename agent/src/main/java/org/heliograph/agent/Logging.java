package org.heliograph.agent;

import java.util.Set;
import org.slf4j.LoggerFactory;

/** Sets the log up: one line each, to the standard error output. */
final class Logging {
  private static final String PREFIX = "org.slf4j.simpleLogger.";

  private Logging() {}

  /** Must run before the first logger is made; what the user has set as a property stays. */
  static void configure(String level) {
    boolean everything = Set.of("debug", "trace", "off").contains(level);
    set("defaultLogLevel", everything ? level : "warn");
    set("log.org.heliograph", level);
    set("showDateTime", "true");
    set("dateTimeFormat", "HH:mm:ss.SSS");
    set("showThreadName", "false");
    set("showShortLogName", "true");
    LoggerFactory.getLogger(Logging.class).debug("Logging at level {}", level);
  }

  private static void set(String name, String value) {
    if (System.getProperty(PREFIX + name) == null) {
      System.setProperty(PREFIX + name, value);
    }
  }
}
