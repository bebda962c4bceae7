package org.heliograph.interop.bench;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.Devices;
import org.heliograph.media.LocalDevices;
import org.heliograph.session.I420Picture;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Picture;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;

/**
 * The agent's own devices, encoders and all, with the benchmark's {@link Film} for a camera and a
 * microphone that hears a beep at each full second.
 */
public final class FilmDevices {
  private FilmDevices() {}

  /** Opens nothing yet. */
  public static Devices create(CaptureSettings settings) {
    return new LocalDevices(
        settings, Optional.of(FilmCamera::new), Optional.of(BeepMicrophone::new));
  }

  private static final class FilmCamera implements Source<Picture> {
    private final Film film = new Film();
    private final I420Picture picture = new I420Picture(Film.WIDTH, Film.HEIGHT);
    private final long startNanos = System.nanoTime();
    private long index;

    @Override
    public String name() {
      return "film";
    }

    @Override
    public Optional<Picture> next() throws InterruptedException {
      long due = startNanos + index * 1_000_000_000L / Film.FRAMES_PER_SECOND;
      long wait = due - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      index++;
      film.draw(due);
      picture.y().copyFrom(MemorySegment.ofArray(film.luma()));
      picture.u().copyFrom(MemorySegment.ofArray(film.blueDifference()));
      picture.v().copyFrom(MemorySegment.ofArray(film.redDifference()));
      return Optional.of(new Picture(due, picture));
    }

    @Override
    public void close() {
      picture.close();
    }
  }

  /**
   * A beep at each full second of {@link System#nanoTime()}, and a hum between them that keeps the
   * encoder from pausing.
   */
  private static final class BeepMicrophone implements Source<Sound> {
    private final short[] samples = new short[OpusEncoder.FRAME_SAMPLES];
    private long timeNanos = System.nanoTime();

    @Override
    public String name() {
      return "beeps";
    }

    @Override
    public Optional<Sound> next() throws InterruptedException {
      long wait = timeNanos + OpusEncoder.FRAME_NANOS - System.nanoTime();
      if (wait > 0) {
        TimeUnit.NANOSECONDS.sleep(wait);
      }
      for (int i = 0; i < samples.length; i++) {
        samples[i] = Beep.sample(timeNanos + i * 1_000_000_000L / OpusEncoder.SAMPLE_RATE);
      }
      Sound sound = new Sound(timeNanos, samples);
      timeNanos += OpusEncoder.FRAME_NANOS;
      return Optional.of(sound);
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
