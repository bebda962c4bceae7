package org.heliograph.media;

import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_AUDIO;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.heliograph.session.DeviceException;
import org.heliograph.session.DeviceException.Reason;
import org.heliograph.session.OpusEncoder;
import org.heliograph.session.Sound;
import org.heliograph.session.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A microphone: by ALSA through FFmpeg, or by the sound server.
 *
 * <p>Its samples lie on a time line without gaps. A sound card's clock runs a little faster or
 * slower than the computer's; the sound is stretched or shortened so that the time line stays on
 * {@link System#nanoTime()}, and with it the lips stay on the voice.
 */
final class DeviceMicrophone implements Source<Sound> {
  private static final Logger log = LoggerFactory.getLogger(DeviceMicrophone.class);
  private static final String RESTART_SOUND_SERVER =
      "Restart the sound server (systemctl --user restart pipewire-pulse, or pulseaudio --kill) and"
          + " switch the microphone on again.";

  private static final Duration SILENCE_LIMIT = Duration.ofSeconds(5);
  private static final long POLL_NANOS = 4_000_000;
  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  /** How long the deviation is watched; the least of it is free of scheduling delay. */
  private static final Duration WATCH = Duration.ofSeconds(2);

  /**
   * A device first gives what it has queued, in a burst; until that is over the origin of the time
   * line is not known, and the sound is left out.
   */
  private static final Duration SETTLING = Duration.ofMillis(150);

  /** Half a per cent of the watched time: a change of pitch that nobody hears. */
  private static final int MOST_CORRECTION_SAMPLES = 480;

  /** A deviation that is corrected by stretching. */
  private static final long DRIFT_NANOS = 4_000_000;

  /** A deviation that is no drift: samples were lost, or the machine slept. */
  private static final long JUMP_NANOS = 150_000_000;

  private final String name;
  private final String description;
  private final FrameInput input;
  private final SoundResampler resampler;
  private final SoundFramer framer;
  private long lastSoundNanos = System.nanoTime();
  private boolean started;
  private long originNanos;
  private long samples;
  private long settlingBegunNanos;
  private long watchBegunNanos;
  private long leastDeviationNanos = Long.MAX_VALUE;

  private DeviceMicrophone(String name, String description, FrameInput input, int channels) {
    this.name = name;
    this.description = description;
    this.input = input;
    this.resampler = new SoundResampler(channels);
    this.framer = new SoundFramer(channels);
  }

  /** Opens an ALSA device such as {@code default} or {@code hw:1,0}. */
  static DeviceMicrophone alsa(String device, int channels) throws DeviceException {
    probeAlsa(device);
    FfmpegException last = null;
    // A device by its hw: name takes only the channels that it has.
    for (String layout : List.of("mono", "stereo")) {
      Map<String, String> options = Map.of("sample_rate", "48000", "ch_layout", layout);
      try {
        return new DeviceMicrophone(device, device, open(device, options), channels);
      } catch (FfmpegException e) {
        last = e;
      }
    }
    throw refused(device, 0, last);
  }

  /** Opens an ALSA device for a moment, to see whether it can be opened. */
  static void probeAlsa(String device) throws DeviceException {
    AlsaLibrary alsa;
    try {
      alsa = new AlsaLibrary();
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          device,
          Reason.UNSUPPORTED,
          "The microphone %s cannot be used, because libasound is missing. Install the package libasound2."
              .formatted(device),
          e);
    }
    int errno = alsa.probe(device);
    if (errno != 0) {
      boolean forbidden = SoundCards.isForbidden(device);
      throw refused(device, forbidden ? V4l2Device.EACCES : errno, null);
    }
  }

  /**
   * Opens a source of the PulseAudio (or PipeWire) server.
   *
   * @param server as {@code PULSE_SERVER} holds it; empty for the user's own server
   * @param source a source's name, or {@link PulseInput#DEFAULT}
   */
  static DeviceMicrophone pulse(Optional<String> server, String source, int channels)
      throws DeviceException {
    return of(PulseInput.open(server, source, channels), channels);
  }

  /** The microphone of a sound server that is connected to, and is closed with it. */
  static DeviceMicrophone pulse(PulseServer server, int channels) throws DeviceException {
    return of(PulseInput.open(server, PulseInput.DEFAULT, channels), channels);
  }

  private static DeviceMicrophone of(PulseInput input, int channels) {
    if (input.source().loudspeaker()) {
      log.warn(
          "{} is no microphone: it gives what is played on this machine, and the other side hears"
              + " itself",
          input.source());
    }
    return new DeviceMicrophone(
        "pulse:" + input.source().name(), input.source().toString(), input, channels);
  }

  private static FfmpegInput open(String device, Map<String, String> options)
      throws FfmpegException, DeviceException {
    try {
      return FfmpegInput.openDevice("alsa", device, options, AVMEDIA_TYPE_AUDIO);
    } catch (LinkageError e) {
      throw V4l2Camera.missingLibraries(device, e);
    }
  }

  private static DeviceException refused(String device, int errno, Throwable cause) {
    return switch (errno) {
      case V4l2Device.ENOENT, V4l2Device.ENODEV, V4l2Device.ENXIO, V4l2Device.EINVAL ->
          new DeviceException(
              device,
              Reason.MISSING,
              "There is no microphone %s. Plug it in, or choose another one.".formatted(device),
              cause);
      case V4l2Device.EACCES ->
          new DeviceException(
              device,
              Reason.NO_PERMISSION,
              "This user may not use the microphone %s. Add the user to the group audio and log in again."
                  .formatted(device),
              cause);
      case V4l2Device.EBUSY ->
          new DeviceException(
              device,
              Reason.BUSY,
              "The microphone %s is in use by %s. Close that program and try again."
                  .formatted(device, SoundCards.holderOf(device)),
              cause);
      default ->
          new DeviceException(
              device,
              Reason.UNSUPPORTED,
              "The microphone %s cannot be used%s."
                  .formatted(device, errno == 0 ? " at 48 kHz" : " (error " + errno + ")"),
              cause);
    };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Optional<Sound> next() throws DeviceException, InterruptedException {
    long begun = System.nanoTime();
    while (framer.peek() == null) {
      if (!readOn()) {
        long now = System.nanoTime();
        if (now - lastSoundNanos > SILENCE_LIMIT.toNanos()) {
          throw silent();
        }
        if (now - begun > LONGEST_WAIT_NANOS) {
          return Optional.empty();
        }
        TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
      }
    }
    Sound sound = framer.peek();
    framer.remove();
    return Optional.of(sound);
  }

  private boolean readOn() throws DeviceException {
    try {
      if (!input.next()) {
        return false;
      }
      place(resampler.resample(input.frame()));
      return true;
    } catch (FfmpegException e) {
      throw new DeviceException(
          name,
          Reason.LOST,
          "The microphone %s is gone. Plug it in again and switch it on.".formatted(name),
          e);
    }
  }

  private DeviceException silent() {
    String symptom = "has given no sound for %d s".formatted(SILENCE_LIMIT.toSeconds());
    return new DeviceException(
        name, Reason.LOST, "The microphone %s %s. %s".formatted(name, symptom, remedy(name)), null);
  }

  /** What to do about a microphone that does not answer. */
  static String remedy(String name) {
    if (name.startsWith("pulse")) {
      return RESTART_SOUND_SERVER;
    }
    return SoundCards.isHardware(name)
        ? "Unplug it, plug it in again and switch it on."
        : "ALSA may lead it to the sound server, which then hangs. " + RESTART_SOUND_SERVER;
  }

  /** What it is, for a person. */
  String description() {
    return description;
  }

  private void place(short[] piece) {
    int count = piece.length / resampler.channels();
    long now = System.nanoTime();
    lastSoundNanos = now;
    if (!started) {
      settle(now - nanos(samples + count));
    } else {
      followClock(now - nanos(count));
      framer.add(originNanos + nanos(samples), piece);
    }
    samples += count;
  }

  private void settle(long originCandidateNanos) {
    if (samples == 0) {
      settlingBegunNanos = lastSoundNanos;
      originNanos = originCandidateNanos;
    }
    originNanos = Math.min(originNanos, originCandidateNanos);
    started = lastSoundNanos - settlingBegunNanos > SETTLING.toNanos();
    beginWatch();
  }

  private void beginLine(long timeNanos) {
    originNanos = timeNanos;
    samples = 0;
    beginWatch();
  }

  private void beginWatch() {
    watchBegunNanos = lastSoundNanos;
    leastDeviationNanos = Long.MAX_VALUE;
  }

  private void followClock(long capturedNanos) {
    long deviation = capturedNanos - (originNanos + nanos(samples));
    leastDeviationNanos = Math.min(leastDeviationNanos, deviation);
    if (lastSoundNanos - watchBegunNanos < WATCH.toNanos()) {
      return;
    }
    if (leastDeviationNanos > JUMP_NANOS) {
      beginLine(originNanos + nanos(samples) + leastDeviationNanos);
      return;
    }
    if (Math.abs(leastDeviationNanos) > DRIFT_NANOS) {
      long off = leastDeviationNanos * OpusEncoder.SAMPLE_RATE / TimeUnit.SECONDS.toNanos(1);
      int correction = Math.clamp(off, -MOST_CORRECTION_SAMPLES, MOST_CORRECTION_SAMPLES);
      resampler.compensate(correction, 2 * OpusEncoder.SAMPLE_RATE);
    }
    beginWatch();
  }

  private static long nanos(long samples) {
    return samples * TimeUnit.SECONDS.toNanos(1) / OpusEncoder.SAMPLE_RATE;
  }

  @Override
  public void close() {
    resampler.close();
    input.close();
  }
}
