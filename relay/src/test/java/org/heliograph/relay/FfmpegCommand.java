package org.heliograph.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The ffmpeg command, as a judge of WebM files. */
public final class FfmpegCommand {
  private FfmpegCommand() {}

  /** Decodes a file, and gives a line per decoded frame, which begins with the stream's index. */
  public static List<String> decode(Path file) throws IOException, InterruptedException {
    Path output = Files.createTempFile(file.getParent(), "decoded", ".txt");
    Path errors = Files.createTempFile(file.getParent(), "errors", ".txt");
    Process process;
    try {
      process =
          new ProcessBuilder(
                  "ffmpeg",
                  "-v",
                  "warning",
                  "-i",
                  file.toString(),
                  "-map",
                  "0",
                  "-fps_mode",
                  "passthrough",
                  "-enc_time_base:v",
                  "1:1000",
                  "-f",
                  "framecrc",
                  "-")
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(
          "The ffmpeg command does not start. Install the Debian package ffmpeg.", e);
    }
    assertThat(process.waitFor()).isZero();
    assertThat(Files.readString(errors)).isEmpty();
    return Files.readAllLines(output).stream().filter(line -> !line.startsWith("#")).toList();
  }
}
