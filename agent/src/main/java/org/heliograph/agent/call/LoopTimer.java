package org.heliograph.agent.call;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * One alarm of something that lives on a loop: it goes off there, and never after it was cancelled
 * or set again there.
 */
final class LoopTimer {
  private final Timers timers;
  private final Executor loop;
  private Timers.Timer running = () -> {};

  /** How often it was set or cancelled; an alarm of before is stale. */
  private int turn;

  LoopTimer(Timers timers, Executor loop) {
    this.timers = timers;
    this.loop = loop;
  }

  /** Runs a task after a time, instead of the one that was set before. */
  void start(Duration delay, Runnable task) {
    cancel();
    int set = turn;
    running =
        timers.after(
            delay,
            () ->
                loop.execute(
                    () -> {
                      if (set == turn) {
                        task.run();
                      }
                    }));
  }

  void cancel() {
    turn++;
    running.cancel();
  }
}
