package org.heliograph.agent.life;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whether anybody uses the agent: something is being asked of one of its listeners (a page's events
 * or media, an app's signalling, a guest at the rendezvous, a single request) or there is a call.
 * When there has been neither for long enough the agent leaves, and from that moment lets nobody in
 * any more, so that whoever comes then looks for a new agent and does not find the end of an old
 * one.
 */
public final class Usage {
  private final LongSupplier nanoTime;
  private int uses;
  private long lastUsedNanos;
  private boolean left;

  public Usage() {
    this(System::nanoTime);
  }

  Usage(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.lastUsedNanos = nanoTime.getAsLong();
  }

  /**
   * A request or a socket begins.
   *
   * @return false if it must not, because the agent is leaving
   */
  public synchronized boolean begin() {
    if (!left) {
      uses++;
    }
    return !left;
  }

  /** One that was let in is over. */
  public synchronized void end() {
    uses--;
    touch();
  }

  /** Something happened that shows that the agent is used. */
  public synchronized void touch() {
    lastUsedNanos = nanoTime.getAsLong();
    notifyAll();
  }

  /** How many requests and sockets there are. */
  public synchronized int uses() {
    return uses;
  }

  /**
   * How much longer the agent stays if nobody comes; empty while it is used, or stays in any case.
   *
   * @param patience how long it stays unused; zero for ever
   * @param calling whether there is a call
   */
  public synchronized Optional<Duration> remaining(Duration patience, boolean calling) {
    if (uses > 0 || calling || patience.isZero()) {
      return Optional.empty();
    }
    Duration remaining = patience.minusNanos(nanoTime.getAsLong() - lastUsedNanos);
    return Optional.of(remaining.isNegative() ? Duration.ZERO : remaining);
  }

  /**
   * Leaves, if it is time to; then {@link #begin} lets nobody in any more.
   *
   * @return whether it was
   */
  synchronized boolean leave(Duration patience, boolean calling) {
    left = remaining(patience, calling).filter(Duration::isZero).isPresent();
    return left;
  }

  /**
   * Waits until nobody has used the agent for long enough, and leaves.
   *
   * @param patience asked for each time, because the configuration may change; a change is to be
   *     made known by {@link #touch}
   */
  public void awaitUnused(Supplier<Duration> patience, BooleanSupplier calling)
      throws InterruptedException {
    while (true) {
      boolean called = calling.getAsBoolean();
      synchronized (this) {
        if (leave(patience.get(), called)) {
          return;
        }
        // A call that ends is told by an event, a request by its end: both wake this up.
        Optional<Duration> remaining = remaining(patience.get(), called);
        wait(remaining.map(left -> left.toMillis() + 1).orElse(0L));
      }
    }
  }
}
