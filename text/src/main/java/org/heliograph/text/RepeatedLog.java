package org.heliograph.text;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * Logs what others can cause as often as they like. The first message of a peer and a cause is
 * logged at once; of those that follow within a minute only their number, when it is over. However
 * many peers and causes there are, no more than {@value #KINDS} are told apart at a time, and the
 * others share one line. From any thread; never blocks.
 */
public final class RepeatedLog {
  /** How long a message is not logged again. */
  static final Duration PERIOD = Duration.ofMinutes(1);

  /** How many pairs of a peer and a cause are told apart. */
  static final int KINDS = 64;

  private static final Kind FURTHER = new Kind("", "");

  private record Kind(String peer, String cause) {}

  private static final class Count {
    private final Level level;
    private String last;
    private long times;

    Count(Level level, String first) {
      this.level = level;
      this.last = first;
    }
  }

  /** Runs something later. */
  interface Later {
    void run(Duration delay, Runnable what);
  }

  private final Logger log;
  private final Later later;

  /** What was logged within the last period, with the number of those that were not since. */
  private final Map<Kind, Count> counts = new HashMap<>();

  /**
   * @param log where it is logged
   */
  public RepeatedLog(Logger log) {
    this(log, RepeatedLog::onTimer);
  }

  RepeatedLog(Logger log, Later later) {
    this.log = log;
    this.later = later;
  }

  private static void onTimer(Duration delay, Runnable what) {
    Executor delayed =
        CompletableFuture.delayedExecutor(
            delay.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread);
    delayed.execute(what);
  }

  /**
   * Logs a message, or counts it.
   *
   * @param peer whose doing it is, in words
   * @param cause what messages of one kind have in common, such as an error's code
   * @param message the whole line, the peer included
   */
  public void log(Level level, String peer, String cause, String message) {
    if (!log.isEnabledForLevel(level)) {
      return;
    }
    String shown = ForeignText.line(message, 4 * ForeignText.LINE_LIMIT);
    Kind kind = new Kind(peer, cause);
    synchronized (counts) {
      if (!counts.containsKey(kind) && counts.size() >= KINDS) {
        kind = FURTHER;
      }
      Count count = counts.get(kind);
      if (count != null) {
        count.times++;
        count.last = shown;
        return;
      }
      counts.put(kind, new Count(level, shown));
    }
    log.atLevel(level).log("{}", shown);
    again(kind);
  }

  /** The same, as a warning. */
  public void warn(String peer, String cause, String message) {
    log(Level.WARN, peer, cause, message);
  }

  /** The same, for information. */
  public void info(String peer, String cause, String message) {
    log(Level.INFO, peer, cause, message);
  }

  private void again(Kind kind) {
    later.run(PERIOD, () -> summarize(kind));
  }

  private void summarize(Kind kind) {
    Level level;
    long times;
    String last;
    synchronized (counts) {
      Count count = counts.get(kind);
      if (count.times == 0) {
        counts.remove(kind);
        return;
      }
      level = count.level;
      times = count.times;
      last = count.last;
      count.times = 0;
    }
    log.atLevel(level)
        .log(
            "{} more within {} s, {}: {}",
            times,
            PERIOD.toSeconds(),
            kind.equals(FURTHER) ? "of many peers or causes, the last" : "the last",
            last);
    again(kind);
  }
}
