package org.heliograph.media;

import java.util.Objects;
import org.heliograph.peer.MediaKind;

/**
 * Where a track of this side comes from, as the API names it: {@code camera} or {@code microphone}
 * for the configured device, {@code camera:} or {@code microphone:} and a device for another one,
 * named as in the configuration.
 *
 * @param kind what it gives
 * @param device as {@link CaptureSettings#camera()} or {@link CaptureSettings#microphone()} names
 *     it; empty for the configured one
 */
public record TrackSource(MediaKind kind, String device) {
  /** The configured camera. */
  public static final TrackSource CAMERA = new TrackSource(MediaKind.VIDEO, "");

  /** The configured microphone. */
  public static final TrackSource MICROPHONE = new TrackSource(MediaKind.AUDIO, "");

  /** The longest name of a device. */
  private static final int MAX_DEVICE_LENGTH = 256;

  /**
   * @throws IllegalArgumentException in words, if the device cannot be named so
   */
  public TrackSource {
    Objects.requireNonNull(kind, "kind");
    if (device.length() > MAX_DEVICE_LENGTH) {
      throw new IllegalArgumentException(
          "a device's name has at most " + MAX_DEVICE_LENGTH + " characters");
    }
    if (device.startsWith("file:")) {
      // Who shows a page something must not thereby be shown any file of the user's.
      throw new IllegalArgumentException(
          "a file can be sent only where the configuration names it (media.camera,"
              + " media.microphone)");
    }
    if (!device.isEmpty()) {
      if (kind == MediaKind.VIDEO) {
        CameraChoice.parse(device);
      } else {
        MicrophoneChoice.parse(device);
      }
    }
  }

  /**
   * Reads a source's name.
   *
   * @throws IllegalArgumentException in words, if there can be no such source
   */
  public static TrackSource parse(String name) {
    int colon = name.indexOf(':');
    String of = colon < 0 ? name : name.substring(0, colon);
    String device = colon < 0 ? "" : name.substring(colon + 1);
    if (colon >= 0 && device.isEmpty()) {
      throw new IllegalArgumentException("a device must follow \"" + of + ":\"");
    }
    return switch (of) {
      case "camera" -> new TrackSource(MediaKind.VIDEO, device);
      case "microphone" -> new TrackSource(MediaKind.AUDIO, device);
      default ->
          throw new IllegalArgumentException(
              "a source is camera, microphone, or one of these with a device, such as"
                  + " camera:/dev/video2");
    };
  }

  /** The name that {@link #parse} reads. */
  public String name() {
    String of = kind == MediaKind.VIDEO ? "camera" : "microphone";
    return device.isEmpty() ? of : of + ":" + device;
  }
}
