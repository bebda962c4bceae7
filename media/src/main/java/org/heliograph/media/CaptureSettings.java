package org.heliograph.media;

import java.util.Objects;

/**
 * Where picture and sound come from and how they are encoded.
 *
 * @param camera {@code auto} (the first camera; the test picture where there is none), {@code test}
 *     (the test picture), {@code none}, a device such as {@code /dev/video0}, or {@code file:} and
 *     the path of a media file, which is played again and again in real time
 * @param microphone {@code auto} (the first microphone; the test tone where there is none), {@code
 *     test} or {@code test:880} (a tone of 440 or of as many Hz), {@code none}, an ALSA device such
 *     as {@code default} or {@code hw:1,0}, {@code pulse} or {@code pulse:} and the name of a
 *     PulseAudio source, or {@code file:} and a path
 * @param width the largest width of the picture in pixels; a picture keeps its shape and is never
 *     made larger
 * @param height the largest height of the picture in pixels
 * @param framesPerSecond the highest frame rate
 * @param videoBitsPerSecond the video encoder's first target
 * @param audioBitsPerSecond the audio encoder's first target
 */
public record CaptureSettings(
    String camera,
    String microphone,
    int width,
    int height,
    int framesPerSecond,
    int videoBitsPerSecond,
    int audioBitsPerSecond) {

  /** 640x480 at 30 frames per second, 800 kbit/s and 32 kbit/s, from what the machine has. */
  public static final CaptureSettings DEFAULT =
      new CaptureSettings("auto", "auto", 640, 480, 30, 800_000, 32_000);

  public CaptureSettings {
    Objects.requireNonNull(camera, "camera");
    Objects.requireNonNull(microphone, "microphone");
    requireBetween("width", width, 32, 4096);
    requireBetween("height", height, 32, 4096);
    requireBetween("framesPerSecond", framesPerSecond, 1, 120);
    requireBetween("videoBitsPerSecond", videoBitsPerSecond, 10_000, 50_000_000);
    requireBetween("audioBitsPerSecond", audioBitsPerSecond, 6_000, 510_000);
    CameraChoice.parse(camera);
    MicrophoneChoice.parse(microphone);
  }

  static void requireBetween(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be between %d and %d, not %d".formatted(name, least, most, value));
    }
  }

  CameraChoice cameraChoice() {
    return CameraChoice.parse(camera);
  }

  MicrophoneChoice microphoneChoice() {
    return MicrophoneChoice.parse(microphone);
  }
}
