package org.heliograph.interop.lab;

/**
 * The strongest tone of a sound.
 *
 * @param hertz its frequency
 * @param share its part of the sound's whole energy, from 0 to 1
 * @param level the sound's root mean square, from 0 to 1
 */
public record Tone(double hertz, double share, double level) {
  /**
   * Finds the strongest tone between 100 and 4000 Hz.
   *
   * @param sound samples from -1 to 1
   */
  public static Tone strongest(float[] sound, int sampleRate) {
    int window = Math.min(sound.length, sampleRate / 5);
    int length = window == 0 ? 0 : sound.length / window * window;
    double energy = 0;
    for (int i = 0; i < length; i++) {
      energy += (double) sound[i] * sound[i];
    }
    double best = 0;
    double bestEnergy = 0;
    for (double hertz = 100; hertz <= 4000; hertz++) {
      double found = energyAt(hertz, sound, length, window, sampleRate);
      if (found > bestEnergy) {
        bestEnergy = found;
        best = hertz;
      }
    }
    return new Tone(
        best, energy == 0 ? 0 : Math.min(1, bestEnergy / energy), Math.sqrt(energy / length));
  }

  /**
   * The energy of one frequency, by Goertzel's recurrence, over windows short enough to forgive a
   * clock's drift.
   */
  private static double energyAt(
      double hertz, float[] sound, int length, int window, int sampleRate) {
    double coefficient = 2 * Math.cos(2 * Math.PI * hertz / sampleRate);
    double sum = 0;
    for (int start = 0; start < length; start += window) {
      double before = 0;
      double beforeThat = 0;
      for (int i = start; i < start + window; i++) {
        double now = sound[i] + coefficient * before - beforeThat;
        beforeThat = before;
        before = now;
      }
      double power = before * before + beforeThat * beforeThat - coefficient * before * beforeThat;
      sum += 2 * power / window;
    }
    return sum;
  }
}
