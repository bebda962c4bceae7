package org.heliograph.interop.bench;

import java.util.function.LongConsumer;

/** A short beep at each full second, between which there is a faint hum; and how it is found. */
public final class Beep {
  private static final long PERIOD_NANOS = 1_000_000_000;
  private static final long LENGTH_NANOS = 60_000_000;
  private static final double HERTZ = 1000;
  private static final double AMPLITUDE = 0.5;
  private static final double HUM_HERTZ = 150;
  private static final double HUM_AMPLITUDE = 0.01;

  /** Above the hum and what a decoder rings before a beep, and soon reached by the beep's sine. */
  private static final float THRESHOLD = 0.15f;

  /** So long it must have been quiet before: a beep is found once. */
  private static final long QUIET_NANOS = 300_000_000;

  private Beep() {}

  /** The sound at an instant of {@link System#nanoTime()}. */
  public static short sample(long nanos) {
    long inPeriod = Math.floorMod(nanos, PERIOD_NANOS);
    double seconds = inPeriod / 1e9;
    double hum = HUM_AMPLITUDE * Math.sin(2 * Math.PI * HUM_HERTZ * seconds);
    double beep = inPeriod < LENGTH_NANOS ? AMPLITUDE * Math.sin(2 * Math.PI * HERTZ * seconds) : 0;
    return (short) Math.round(Short.MAX_VALUE * (hum + beep));
  }

  /** The instant at which the beep began that was heard then, less than a second later. */
  static long begun(long heardNanos) {
    return heardNanos - Math.floorMod(heardNanos, PERIOD_NANOS);
  }

  /** Finds the beginnings of beeps in sound that comes in parts. Not for several threads. */
  static final class Finder {
    private final LongConsumer found;
    private long lastLoudNanos = Long.MIN_VALUE / 2;

    /** Tells the instant of each beginning. */
    Finder(LongConsumer found) {
      this.found = found;
    }

    /** Takes a sample, from -1 to 1, of an instant. */
    void take(float sample, long nanos) {
      if (Math.abs(sample) < THRESHOLD) {
        return;
      }
      if (nanos - lastLoudNanos > QUIET_NANOS) {
        found.accept(nanos);
      }
      lastLoudNanos = nanos;
    }
  }
}
