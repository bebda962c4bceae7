package org.heliograph.peer.netem;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;

/**
 * A monotonic clock that stands still but while it runs from one due step to the next. Steps that
 * are due at the same instant run in the order in which they were scheduled.
 */
public final class VirtualClock {
  /** How often something may be called at one instant before it counts as a livelock. */
  private static final int MAX_CALLS_AT_ONE_INSTANT = 10_000;

  /** A protocol object that says when it wants to be called. */
  public interface Driven {
    /** When to call {@link #handleTimeout}, {@link Long#MAX_VALUE} for never. */
    long nextTimeoutNanos();

    /** Called when the time-out is due. */
    void handleTimeout(long nowNanos);
  }

  private record Step(long atNanos, long number, Runnable action) {}

  private final PriorityQueue<Step> steps =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.number, b.number));
  private final List<Driven> driven = new ArrayList<>();
  private long nowNanos = 1_000_000_000_000L;
  private long stepCount;

  /** The time now, in nanoseconds; only differences mean something. */
  public long nanoTime() {
    return nowNanos;
  }

  /** Runs a step at an instant; at once when that has passed, but never inside this call. */
  public void at(long atNanos, Runnable action) {
    steps.add(new Step(Math.max(atNanos, nowNanos), stepCount++, action));
  }

  /** Runs a step after a while. */
  public void after(Duration delay, Runnable action) {
    at(nowNanos + delay.toNanos(), action);
  }

  /** Calls an object at its time-outs from now on. */
  public void drive(Driven object) {
    driven.add(object);
  }

  /** Lets time pass, whether or not something happens in it. */
  public void run(Duration duration) {
    runUntil(() -> false, duration);
  }

  /**
   * Lets time pass until a condition holds, which is looked at after each step.
   *
   * @return whether it held within the limit; time stands at the limit when it did not
   */
  public boolean runUntil(BooleanSupplier condition, Duration limit) {
    long endNanos = nowNanos + limit.toNanos();
    int callsAtThisInstant = 0;
    while (!condition.getAsBoolean()) {
      Step step = steps.peek();
      Driven due = null;
      long nextNanos = step == null ? Long.MAX_VALUE : step.atNanos;
      for (Driven object : driven) {
        if (object.nextTimeoutNanos() < nextNanos) {
          due = object;
          nextNanos = object.nextTimeoutNanos();
        }
      }
      if (nextNanos > endNanos) {
        nowNanos = endNanos;
        return false;
      }
      if (nextNanos > nowNanos) {
        nowNanos = nextNanos;
        callsAtThisInstant = 0;
      } else if (++callsAtThisInstant > MAX_CALLS_AT_ONE_INSTANT) {
        throw new AssertionError("time stands still: " + (due == null ? step.action : due));
      }
      if (due != null) {
        due.handleTimeout(nowNanos);
      } else {
        steps.remove().action.run();
      }
    }
    return true;
  }
}
