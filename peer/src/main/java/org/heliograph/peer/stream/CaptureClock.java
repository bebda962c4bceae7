package org.heliograph.peer.stream;

/**
 * Puts the capture times of forwarded streams, which are on their sender's wall clock, onto the
 * driver's clock: all of them by the same offset, so that lips stay in step. It is found with the
 * first packet of which both times are known, as if that had been captured when it came.
 */
public final class CaptureClock {
  /** A wall clock that seems to be off by so much was set since. */
  private static final long MAX_ERROR_NANOS = 5_000_000_000L;

  private boolean set;
  private long localMinusWallNanos;

  /** When a packet was captured, on the driver's clock. */
  public long toLocalNanos(long wallNanos, long arrivalNanos) {
    long offset = arrivalNanos - wallNanos;
    if (!set || Math.abs(offset - localMinusWallNanos) > MAX_ERROR_NANOS) {
      localMinusWallNanos = offset;
      set = true;
    }
    return wallNanos + localMinusWallNanos;
  }
}
