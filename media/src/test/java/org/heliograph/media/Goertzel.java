package org.heliograph.media;

/** How strong one frequency is in a sound. */
public final class Goertzel {
  private Goertzel() {}

  /** The amplitude of the frequency: 1 for a sine of full scale that fills the samples. */
  public static double amplitude(float[] samples, double hertz) {
    double coefficient = 2 * Math.cos(2 * Math.PI * hertz / 48_000);
    double before = 0;
    double last = 0;
    for (float sample : samples) {
      double next = sample + coefficient * last - before;
      before = last;
      last = next;
    }
    double power = before * before + last * last - coefficient * before * last;
    return 2 * Math.sqrt(Math.max(0, power)) / samples.length;
  }

  /** The strongest of the frequencies 50, 60, … 5000 Hz. */
  public static int strongest(float[] samples) {
    int best = 0;
    double most = -1;
    for (int hertz = 50; hertz <= 5000; hertz += 10) {
      double amplitude = amplitude(samples, hertz);
      if (amplitude > most) {
        most = amplitude;
        best = hertz;
      }
    }
    return best;
  }
}
