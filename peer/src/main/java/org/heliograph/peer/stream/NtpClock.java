package org.heliograph.peer.stream;

import java.time.Instant;

/**
 * Maps the driver's monotonic clock to NTP time (RFC 5905 6): seconds since 1900 in the upper,
 * their fraction in the lower 32 bits. The mapping is fixed once, so that a step of the wall clock
 * cannot tear sound and picture apart.
 *
 * @param originNanos an instant on the monotonic clock
 * @param originNtp the same instant as NTP time
 */
public record NtpClock(long originNanos, long originNtp) {
  private static final long SECONDS_FROM_1900_TO_1970 = 2_208_988_800L;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  /** The clock on which the monotonic instant is that wall-clock instant. */
  public static NtpClock at(long nowNanos, Instant wallClock) {
    long seconds = wallClock.getEpochSecond() + SECONDS_FROM_1900_TO_1970;
    return new NtpClock(nowNanos, (seconds << 32) + fraction(wallClock.getNano()));
  }

  /** The NTP time of an instant on the monotonic clock. */
  public long ntp(long nanos) {
    return originNtp + ofNanos(nanos - originNanos);
  }

  /** A length of time in nanoseconds as NTP time. */
  public static long ofNanos(long nanos) {
    return (Math.floorDiv(nanos, NANOS_PER_SECOND) << 32)
        + fraction(Math.floorMod(nanos, NANOS_PER_SECOND));
  }

  /** The nanoseconds from one NTP time to another. */
  public static long nanosBetween(long fromNtp, long toNtp) {
    long difference = toNtp - fromNtp;
    return (difference >> 32) * NANOS_PER_SECOND
        + (((difference & 0xffffffffL) * NANOS_PER_SECOND) >>> 32);
  }

  private static long fraction(long nanosOfSecond) {
    return (nanosOfSecond << 32) / NANOS_PER_SECOND;
  }
}
