package org.heliograph.agent.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Timers on a clock that the test moves. */
final class ManualTimers implements Timers {
  private record Pending(Duration due, Runnable task) {}

  private final List<Pending> pending = new ArrayList<>();
  private Duration now = Duration.ZERO;

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    Pending added = new Pending(now.plus(delay), task);
    pending.add(added);
    return () -> cancel(added);
  }

  private synchronized void cancel(Pending cancelled) {
    pending.remove(cancelled);
  }

  void advance(Duration step) {
    List<Pending> due;
    synchronized (this) {
      now = now.plus(step);
      due =
          pending.stream()
              .filter(each -> each.due().compareTo(now) <= 0)
              .sorted(Comparator.comparing(Pending::due))
              .toList();
      pending.removeAll(due);
    }
    due.forEach(each -> each.task().run());
  }

  synchronized int count() {
    return pending.size();
  }

  @Override
  public synchronized long nanoTime() {
    return now.toNanos();
  }

  @Override
  public void close() {}
}
