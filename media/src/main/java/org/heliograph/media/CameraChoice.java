package org.heliograph.media;

import java.nio.file.Path;

/** What {@link CaptureSettings#camera()} names. */
sealed interface CameraChoice {
  record Auto() implements CameraChoice {}

  record Test() implements CameraChoice {}

  record None() implements CameraChoice {}

  record Device(String path) implements CameraChoice {}

  record File(Path path) implements CameraChoice {}

  static CameraChoice parse(String text) {
    if (text.startsWith("file:") && text.length() > "file:".length()) {
      return new File(Path.of(text.substring("file:".length())));
    }
    if (text.startsWith("/")) {
      return new Device(text);
    }
    return switch (text) {
      case "auto" -> new Auto();
      case "test" -> new Test();
      case "none" -> new None();
      default ->
          throw new IllegalArgumentException(
              "camera must be auto, test, none, a device such as /dev/video0 or file:PATH, not "
                  + text);
    };
  }
}
