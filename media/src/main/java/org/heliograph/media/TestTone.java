package org.heliograph.media;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;

/** A pure tone that never stops, at −12 dB of full scale, in place of a microphone. */
final class TestTone implements Source<Sound> {
  private static final double AMPLITUDE = Short.MAX_VALUE / 4.0;

  private final int hertz;
  private final short[] samples;
  private final int channels;
  private long nextTimeNanos = System.nanoTime();
  private long sampleIndex;

  TestTone(int hertz, int channels) {
    this.hertz = hertz;
    this.channels = channels;
    this.samples = new short[OpusEncoder.FRAME_SAMPLES * channels];
  }

  @Override
  public String name() {
    return "test tone of " + hertz + " Hz";
  }

  @Override
  public Optional<Sound> next() throws InterruptedException {
    long due = nextTimeNanos + OpusEncoder.FRAME_NANOS - System.nanoTime();
    if (due > 0) {
      TimeUnit.NANOSECONDS.sleep(due);
    }
    for (int i = 0; i < OpusEncoder.FRAME_SAMPLES; i++) {
      // The phase comes from the remainder, which stays exact however long the tone lasts.
      long cycle = sampleIndex++ * hertz % OpusEncoder.SAMPLE_RATE;
      double phase = 2 * Math.PI * cycle / OpusEncoder.SAMPLE_RATE;
      short sample = (short) Math.round(AMPLITUDE * Math.sin(phase));
      for (int channel = 0; channel < channels; channel++) {
        samples[i * channels + channel] = sample;
      }
    }
    Sound sound = new Sound(nextTimeNanos, samples);
    nextTimeNanos += OpusEncoder.FRAME_NANOS;
    return Optional.of(sound);
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
