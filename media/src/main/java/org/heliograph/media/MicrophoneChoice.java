package org.heliograph.media;

import java.nio.file.Path;

/** What {@link CaptureSettings#microphone()} names. */
sealed interface MicrophoneChoice {
  record Auto() implements MicrophoneChoice {}

  record Test(int hertz) implements MicrophoneChoice {}

  record None() implements MicrophoneChoice {}

  record Alsa(String name) implements MicrophoneChoice {}

  record Pulse(String source) implements MicrophoneChoice {}

  record File(Path path) implements MicrophoneChoice {}

  static MicrophoneChoice parse(String text) {
    if (text.startsWith("file:") && text.length() > "file:".length()) {
      return new File(Path.of(text.substring("file:".length())));
    }
    if (text.startsWith("test:")) {
      return new Test(hertz(text.substring("test:".length())));
    }
    if (text.startsWith("pulse:")) {
      return new Pulse(text.substring("pulse:".length()));
    }
    return switch (text) {
      case "auto" -> new Auto();
      case "test" -> new Test(440);
      case "none" -> new None();
      case "pulse" -> new Pulse("default");
      case "", "file:" ->
          throw new IllegalArgumentException("microphone must not be empty and file: needs a path");
      default -> new Alsa(text);
    };
  }

  private static int hertz(String text) {
    try {
      int hertz = Integer.parseInt(text);
      CaptureSettings.requireBetween("the test tone's frequency", hertz, 20, 20_000);
      return hertz;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("test: takes a frequency in Hz, not " + text, e);
    }
  }
}
