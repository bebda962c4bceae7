package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Picture;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;

/**
 * A media file that plays again and again, as a camera and as a microphone. It plays like a
 * broadcast: its clock starts with the first source that is opened, and every source opened later
 * joins in, so that picture and sound are always together.
 */
final class MediaFile {
  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  /** What is later than this is left out, to catch up after a stall. */
  private static final long TOO_LATE_NANOS = 200_000_000;

  private static final long REPETITION_NANOS = 400_000_000;

  private static final long SHORTEST_NANOS = 20_000_000;

  private final Path path;
  private long durationNanos;
  private long epochNanos;

  MediaFile(Path path) {
    this.path = path;
  }

  Source<Picture> openPictures(CaptureSettings settings) throws DeviceException {
    return new Pictures(settings);
  }

  Source<Sound> openSounds(int channels) throws DeviceException {
    return new Sounds(channels);
  }

  /** Why there is nothing to open; empty where there is a file. */
  static Optional<DeviceException> problem(Path path) {
    if (!Files.isRegularFile(path)) {
      return Optional.of(
          new DeviceException(
              path.toString(), Reason.MISSING, "There is no media file " + path + ".", null));
    }
    return Files.isReadable(path)
        ? Optional.empty()
        : Optional.of(
            new DeviceException(
                path.toString(),
                Reason.NO_PERMISSION,
                "The media file " + path + " cannot be read.",
                null));
  }

  private FfmpegInput open(int mediaType) throws DeviceException {
    Optional<DeviceException> problem = problem(path);
    if (problem.isPresent()) {
      throw problem.get();
    }
    try {
      return FfmpegInput.openFile(path.toString(), mediaType);
    } catch (FfmpegException e) {
      String kind = mediaType == AVMEDIA_TYPE_VIDEO ? "picture" : "sound";
      throw new DeviceException(
          path.toString(),
          Reason.UNSUPPORTED,
          "The media file %s has no %s that can be played (%s)."
              .formatted(path, kind, e.getMessage()),
          e);
    }
  }

  private DeviceException unreadable(FfmpegException e) {
    return new DeviceException(
        path.toString(),
        Reason.LOST,
        "The media file %s cannot be read on (%s).".formatted(path, e.getMessage()),
        e);
  }

  /** Starts the clock, the first time. */
  private synchronized void start(FfmpegInput input, int mediaType) throws DeviceException {
    if (durationNanos > 0) {
      return;
    }
    long duration = input.durationNanos();
    if (duration <= 0) {
      try (FfmpegInput measured = open(mediaType)) {
        duration = measured.measureDurationNanos();
      } catch (FfmpegException e) {
        throw unreadable(e);
      }
    }
    durationNanos = Math.max(duration, SHORTEST_NANOS);
    epochNanos = System.nanoTime();
  }

  /** One stream of the file with its place on the common clock. */
  private final class Playback implements AutoCloseable {
    private final int mediaType;
    private FfmpegInput input;
    private long round;

    Playback(int mediaType) throws DeviceException {
      this.mediaType = mediaType;
      this.input = open(mediaType);
      try {
        start(input, mediaType);
      } catch (DeviceException e) {
        input.close();
        throw e;
      }
      long played = System.nanoTime() - epochNanos;
      round = played / durationNanos;
      long within = played % durationNanos;
      if (within > LONGEST_WAIT_NANOS) {
        input.seek(within);
      }
    }

    /** How often the file has begun anew. */
    long round() {
      return round;
    }

    FfmpegInput input() {
      return input;
    }

    /** Decodes the next frame, from the beginning again after the end. */
    void readOn() throws DeviceException {
      try {
        boolean restarted = false;
        while (input.read() != FfmpegInput.Result.FRAME) {
          if (restarted) {
            throw new DeviceException(
                path.toString(), Reason.UNSUPPORTED, path + " holds nothing to play.", null);
          }
          restarted = true;
          input.close();
          input = open(mediaType);
          round++;
        }
      } catch (FfmpegException e) {
        throw unreadable(e);
      }
    }

    /** When the decoded frame is due, on the clock of {@link System#nanoTime()}. */
    long dueNanos() {
      return epochNanos + round * durationNanos + input.frameTimeNanos();
    }

    @Override
    public void close() {
      input.close();
    }
  }

  /**
   * Waits for the moment, or for as long as a source may.
   *
   * @return whether the moment has come
   */
  private static boolean await(long dueNanos) throws InterruptedException {
    long wait = dueNanos - System.nanoTime();
    if (wait > 0) {
      TimeUnit.NANOSECONDS.sleep(Math.min(wait, LONGEST_WAIT_NANOS));
    }
    return wait <= LONGEST_WAIT_NANOS;
  }

  private final class Pictures implements Source<Picture> {
    private final Playback playback = new Playback(AVMEDIA_TYPE_VIDEO);
    private final PictureScaler scaler;
    private boolean pending;
    private Picture shown;
    private long shownRound;
    private long shownUntilNanos;

    Pictures(CaptureSettings settings) throws DeviceException {
      this.scaler = new PictureScaler(settings.width(), settings.height());
    }

    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Optional<Picture> next() throws DeviceException, InterruptedException {
      if (!pending) {
        playback.readOn();
        pending = true;
      }
      long due = playback.dueNanos();
      if (System.nanoTime() - due > TOO_LATE_NANOS) {
        pending = false;
        return Optional.empty();
      }
      if (!await(due)) {
        return standing();
      }
      pending = false;
      shown = new Picture(due, scaler.scale(playback.input().frame()));
      shownRound = playback.round();
      shownUntilNanos = due + playback.input().frameDurationNanos();
      return Optional.of(shown);
    }

    /**
     * A picture that stands for long, as in a slide show, is given again now and then. It no longer
     * stands where the file has none left and goes on with its sound.
     */
    private Optional<Picture> standing() {
      long now = System.nanoTime();
      if (shown == null
          || now - shown.timeNanos() < REPETITION_NANOS
          || (playback.round() != shownRound && now > shownUntilNanos)) {
        return Optional.empty();
      }
      shown = new Picture(now, shown.pixels());
      return Optional.of(shown);
    }

    @Override
    public void close() {
      scaler.close();
      playback.close();
    }
  }

  private final class Sounds implements Source<Sound> {
    private final Playback playback = new Playback(AVMEDIA_TYPE_AUDIO);
    private final SoundResampler resampler;
    private final SoundFramer framer;

    Sounds(int channels) throws DeviceException {
      this.resampler = new SoundResampler(channels);
      this.framer = new SoundFramer(channels);
    }

    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Optional<Sound> next() throws DeviceException, InterruptedException {
      Sound sound = framer.peek();
      if (sound == null) {
        readOn();
        return Optional.empty();
      }
      long end = sound.timeNanos() + OpusEncoder.FRAME_NANOS;
      if (System.nanoTime() - end > TOO_LATE_NANOS) {
        framer.remove();
        return Optional.empty();
      }
      if (!await(end)) {
        return Optional.empty();
      }
      framer.remove();
      return Optional.of(sound);
    }

    private void readOn() throws DeviceException {
      playback.readOn();
      try {
        framer.add(playback.dueNanos(), resampler.resample(playback.input().frame()));
      } catch (FfmpegException e) {
        throw unreadable(e);
      }
    }

    @Override
    public void close() {
      resampler.close();
      playback.close();
    }
  }
}
