package org.heliograph.agent.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** One line for each message, and the stack trace below it where there is one. */
final class LineFormatter extends Formatter {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
  private static final DateTimeFormatter DATE_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");

  private final Log.Destination reader;

  LineFormatter(Log.Destination reader) {
    this.reader = reader;
  }

  @Override
  public String format(LogRecord message) {
    String logger = message.getLoggerName();
    String text = logger.substring(logger.lastIndexOf('.') + 1) + " - " + formatMessage(message);
    if (message.getThrown() != null) {
      StringWriter trace = new StringWriter();
      message.getThrown().printStackTrace(new PrintWriter(trace));
      text += "\n" + trace.toString().stripTrailing();
    }
    Level level = message.getLevel();
    ZonedDateTime time = message.getInstant().atZone(ZoneId.systemDefault());
    return switch (reader) {
      case STDERR -> TIME.format(time) + " " + word(level) + " " + text + "\n";
      case FILE -> DATE_AND_TIME.format(time) + " " + word(level) + " " + text + "\n";
      // It knows the time, and takes the priority from the start of each line (sd-daemon(3)).
      case JOURNAL -> priority(level) + text.replace("\n", "\n" + priority(level)) + "\n";
    };
  }

  /** As SLF4J names the levels. */
  private static String word(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "WARN";
    }
    if (level.intValue() >= Level.INFO.intValue()) {
      return "INFO";
    }
    return level.intValue() >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }

  private static String priority(Level level) {
    return switch (word(level)) {
      case "ERROR" -> "<3>";
      case "WARN" -> "<4>";
      case "INFO" -> "<6>";
      default -> "<7>";
    };
  }
}
