package org.heliograph.peer.log;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/**
 * Logs errors that may come with every packet or every turn: each kind the first time, and then its
 * number when that has ten more each time (10, 100, 1000 …). One thread at a time.
 */
public final class RepeatedErrors {
  /** Further kinds are counted together. */
  private static final int MAX_KINDS = 32;

  private final Logger logger;
  private final Map<String, Long> counts = new HashMap<>();

  public RepeatedErrors(Logger logger) {
    this.logger = logger;
  }

  /**
   * Counts an error, and logs it if that is due. Those of one message, type and place are one kind.
   *
   * @param message what failed, the same each time
   */
  public void log(String message, Throwable failure) {
    StackTraceElement[] trace = failure.getStackTrace();
    String place = trace.length == 0 ? "" : trace[0].toString();
    long count = count(message + ' ' + failure.getClass().getName() + ' ' + place);
    if (count == 1) {
      logger.log(Level.ERROR, message, failure);
    } else if (isPowerOfTen(count)) {
      logger.log(Level.ERROR, "{0}, {1} times by now: {2}", message, count, failure);
    }
  }

  /** Counts something that went wrong without an exception, and logs it if that is due. */
  public void log(String message) {
    long count = count(message);
    if (count == 1) {
      logger.log(Level.WARNING, message);
    } else if (isPowerOfTen(count)) {
      logger.log(Level.WARNING, "{0}, {1} times by now", message, count);
    }
  }

  private long count(String kind) {
    String counted = counts.size() < MAX_KINDS || counts.containsKey(kind) ? kind : "others";
    return counts.merge(counted, 1L, Long::sum);
  }

  private static boolean isPowerOfTen(long count) {
    long rest = count;
    while (rest % 10 == 0) {
      rest /= 10;
    }
    return rest == 1;
  }
}
