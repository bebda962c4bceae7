package org.heliograph.agent.call;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Runs something later. */
interface Timers extends AutoCloseable {
  /** Stops a task that has not run yet. */
  interface Timer {
    void cancel();
  }

  /** Runs a short task after a time, on any thread. */
  Timer after(Duration delay, Runnable task);

  /** The time on the timers' clock, in nanoseconds since some moment. */
  long nanoTime();

  @Override
  void close();

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      // The executor would put it into a future that nobody asks.
      LoggerFactory.getLogger(Timers.class).error("What was to be done later failed", failure);
    }
  }

  /** On the system's clock. */
  static Timers real() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("heliograph-timers").factory());
    executor.setRemoveOnCancelPolicy(true);
    return new Timers() {
      @Override
      public Timer after(Duration delay, Runnable task) {
        var scheduled = executor.schedule(() -> run(task), delay.toMillis(), TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
      }

      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public void close() {
        executor.shutdownNow();
      }
    };
  }
}
