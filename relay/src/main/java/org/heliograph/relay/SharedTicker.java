package org.heliograph.relay;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one timer of all relays: however many there are, a thread wakes up fifty times a second, and
 * not at all while nobody watches anything.
 */
final class SharedTicker implements MediaRelay.Ticker {
  static final SharedTicker EVERY_TICK = new SharedTicker();

  private static final Logger LOG = LoggerFactory.getLogger(SharedTicker.class);

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("media-relay-ticks").factory());
  private final List<Runnable> tasks = new CopyOnWriteArrayList<>();

  /** Those whose failure was logged; fifty times a second would be too often. */
  private final Set<Runnable> failed = ConcurrentHashMap.newKeySet();

  private ScheduledFuture<?> ticks;

  private SharedTicker() {
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public synchronized Runnable start(Runnable task) {
    if (tasks.isEmpty()) {
      long nanos = MediaRelay.TICK.toNanos();
      ticks = executor.scheduleAtFixedRate(this::tick, nanos, nanos, TimeUnit.NANOSECONDS);
    }
    tasks.add(task);
    return () -> stop(task);
  }

  private synchronized void stop(Runnable task) {
    failed.remove(task);
    if (tasks.remove(task) && tasks.isEmpty()) {
      ticks.cancel(false);
    }
  }

  /** An Error that got out of here would end the time of all relays, without a word. */
  private void tick() {
    for (Runnable task : tasks) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        if (failed.add(task)) {
          LOG.error("A relay's time stands still.", e); // but that of the others does not
        }
      }
    }
  }
}
