package org.heliograph.media;

import java.nio.file.Path;

/** What {@link CaptureSettings#camera()} names. */
sealed interface CameraChoice {
  int MAX_TEST = 9;

  record Auto() implements CameraChoice {}

  /**
   * The test picture.
   *
   * @param number 0 to {@value #MAX_TEST}; so many million milliseconds is the code of the picture
   *     ahead, by which several are told apart
   */
  record Test(int number) implements CameraChoice {}

  record None() implements CameraChoice {}

  record Device(String path) implements CameraChoice {}

  record File(Path path) implements CameraChoice {}

  static CameraChoice parse(String text) {
    if (text.startsWith("file:") && text.length() > "file:".length()) {
      return new File(Path.of(text.substring("file:".length())));
    }
    if (text.startsWith("test:")) {
      return new Test(number(text.substring("test:".length())));
    }
    if (text.startsWith("/")) {
      return new Device(text);
    }
    return switch (text) {
      case "auto" -> new Auto();
      case "test" -> new Test(0);
      case "none" -> new None();
      default ->
          throw new IllegalArgumentException(
              "camera must be auto, test, test: and a number, none, a device such as /dev/video0 or"
                  + " file:PATH, not "
                  + text);
    };
  }

  private static int number(String text) {
    try {
      int number = Integer.parseInt(text);
      CaptureSettings.requireBetween("the test picture's number", number, 0, MAX_TEST);
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("test: takes a number, not " + text, e);
    }
  }
}
