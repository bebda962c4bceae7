package org.heliograph.webm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command of the system that the tests need; a missing one fails the test. */
enum Tool {
  FFMPEG("ffmpeg", "ffmpeg"),
  FFPROBE("ffprobe", "ffmpeg"),
  MKVINFO("mkvinfo", "mkvtoolnix"),
  MKVMERGE("mkvmerge", "mkvtoolnix"),
  WEBM_INFO("webm_info", "libwebm-tools");

  private final String command;
  private final String debianPackage;

  Tool(String command, String debianPackage) {
    this.command = command;
    this.debianPackage = debianPackage;
  }

  /** What a command gave. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Result(int exitCode, byte[] output, String errors) {
    String text() {
      return new String(output, StandardCharsets.UTF_8);
    }
  }

  /**
   * Runs the command to its end; its output and errors go through files, so that it never waits.
   */
  Result run(Path directory, String... arguments) {
    List<String> commandLine = new ArrayList<>(List.of(command));
    commandLine.addAll(List.of(arguments));
    try {
      Path output = Files.createTempFile(directory, command, ".out");
      Path errors = Files.createTempFile(directory, command, ".err");
      Process process =
          new ProcessBuilder(commandLine)
              .directory(directory.toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      int exitCode = process.waitFor();
      return new Result(exitCode, Files.readAllBytes(output), Files.readString(errors));
    } catch (IOException e) {
      if (isMissing()) {
        throw new AssertionError(
            "The command "
                + command
                + " is missing. Install the Debian package "
                + debianPackage
                + ": sudo apt-get install "
                + debianPackage,
            e);
      }
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while " + command + " was running", e);
    }
  }

  private boolean isMissing() {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, command))) {
        return false;
      }
    }
    return true;
  }
}
