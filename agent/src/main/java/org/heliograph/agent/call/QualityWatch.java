package org.heliograph.agent.call;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.heliograph.peer.Stats;
import org.heliograph.peer.stats.ConnectionQuality;
import org.heliograph.peer.stats.QualityMeter;

/** Grades a call's connection every three seconds. On the calls' loop. */
final class QualityWatch {
  static final Duration INTERVAL = Duration.ofSeconds(3);

  private final Supplier<CompletableFuture<List<Stats>>> stats;
  private final Consumer<ConnectionQuality> listener;
  private final Timers timers;
  private final Executor loop;
  private final QualityMeter meter = new QualityMeter();
  private Timers.Timer timer = () -> {};
  private boolean running;

  QualityWatch(
      Supplier<CompletableFuture<List<Stats>>> stats,
      Consumer<ConnectionQuality> listener,
      Timers timers,
      Executor loop) {
    this.stats = stats;
    this.listener = listener;
    this.timers = timers;
    this.loop = loop;
  }

  /** Begins, where it has not begun. The first grade comes after an interval. */
  void start() {
    if (!running) {
      running = true;
      measure(_ -> {});
    }
  }

  void stop() {
    running = false;
    timer.cancel();
  }

  private void measure(Consumer<ConnectionQuality> then) {
    var _ =
        stats
            .get()
            .whenCompleteAsync(
                (taken, failure) -> {
                  if (running) {
                    if (failure == null) {
                      then.accept(meter.update(taken));
                    }
                    timer = timers.after(INTERVAL, () -> loop.execute(() -> measureIfRunning()));
                  }
                },
                loop);
  }

  private void measureIfRunning() {
    if (running) {
      measure(listener);
    }
  }
}
