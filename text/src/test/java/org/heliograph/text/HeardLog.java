package org.heliograph.text;

import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Hears what a class logs from {@code info} on, whatever level another test's agent has left. */
public final class HeardLog extends Handler implements AutoCloseable {
  private final Logger logger;
  private final Level level;
  private final Consumer<LogRecord> heard;

  /**
   * Hears until it is closed.
   *
   * @param heard called by the thread that logs
   */
  public HeardLog(Class<?> of, Consumer<LogRecord> heard) {
    this.logger = Logger.getLogger(of.getName());
    this.level = logger.getLevel();
    this.heard = heard;
    logger.addHandler(this);
    logger.setLevel(Level.INFO);
  }

  /** A line as it is read in the log. */
  public static String text(LogRecord line) {
    return new SimpleFormatter().formatMessage(line);
  }

  @Override
  public void publish(LogRecord line) {
    heard.accept(line);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
    logger.setLevel(level);
  }
}
