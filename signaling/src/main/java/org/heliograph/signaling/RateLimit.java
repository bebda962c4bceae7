package org.heliograph.signaling;

import java.util.function.LongSupplier;

/** A token bucket. */
public final class RateLimit {
  private final double perNanosecond;
  private final double burst;
  private final LongSupplier nanoTime;
  private double tokens;
  private long filledAtNanos;

  /**
   * @param perSecond how many events a second are allowed for long
   * @param burst how many are allowed at once
   */
  public RateLimit(double perSecond, int burst) {
    this(perSecond, burst, System::nanoTime);
  }

  /** On another clock than the system's. */
  public RateLimit(double perSecond, int burst, LongSupplier nanoTime) {
    this.perNanosecond = perSecond / 1e9;
    this.burst = burst;
    this.nanoTime = nanoTime;
    this.tokens = burst;
    this.filledAtNanos = nanoTime.getAsLong();
  }

  /** Whether one more event is allowed now; if so it is counted. */
  public synchronized boolean tryTake() {
    long now = nanoTime.getAsLong();
    tokens = Math.min(burst, tokens + (now - filledAtNanos) * perNanosecond);
    filledAtNanos = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
