package org.heliograph.agent.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Pattern;
import org.heliograph.text.ForeignText;

/** One line for each message; below it, indented, what follows and the stack trace. */
final class LineFormatter extends Formatter {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");
  private static final DateTimeFormatter DATE_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");

  private static final Pattern LINE_OF_ITS_OWN = Pattern.compile("\n(?![ \t]|Caused by: )");

  private final Log.Destination reader;

  LineFormatter(Log.Destination reader) {
    this.reader = reader;
  }

  @Override
  public String format(LogRecord message) {
    String logger = message.getLoggerName();
    String text = logger.substring(logger.lastIndexOf('.') + 1) + " - " + fit(message);
    Level level = message.getLevel();
    ZonedDateTime time = message.getInstant().atZone(ZoneId.systemDefault());
    return switch (reader) {
      case STDERR -> TIME.format(time) + " " + word(level) + " " + text + "\n";
      case FILE -> DATE_AND_TIME.format(time) + " " + word(level) + " " + text + "\n";
      // It knows the time, and takes the priority from the start of each line (sd-daemon(3)).
      case JOURNAL -> priority(level) + text.replace("\n", "\n" + priority(level)) + "\n";
    };
  }

  /**
   * The message, whoever has logged it: text of others in it forges no line and steers no terminal,
   * and secrets are left out.
   */
  private String fit(LogRecord message) {
    String text = oneMessage(formatMessage(message));
    if (message.getThrown() == null) {
      return text;
    }
    StringWriter trace = new StringWriter();
    message.getThrown().printStackTrace(new PrintWriter(trace));
    return text + "\n" + oneMessage(trace.toString().stripTrailing());
  }

  /** Every line but the first is indented, or begins as only a stack trace's does. */
  private static String oneMessage(String text) {
    return LINE_OF_ITS_OWN.matcher(Secrets.concealed(ForeignText.lines(text))).replaceAll("\n\t");
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
