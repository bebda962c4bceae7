package org.heliograph.media;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A PulseAudio of the test's own, with a loudspeaker and what else is wanted. */
final class TestSoundServer implements AutoCloseable {
  static final int TONE_HERTZ = 700;

  private final Path folder;
  private final Process process;

  /**
   * @param modules loaded after the loudspeaker, such as {@code module-sine-source}
   */
  TestSoundServer(String... modules) throws IOException {
    folder = Files.createTempDirectory("heliograph-sound");
    List<String> command =
        new ArrayList<>(
            List.of(
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--use-pid-file=no",
                "--exit-idle-time=-1",
                "--disable-shm=yes",
                "--realtime=no",
                "--high-priority=no",
                "--log-target=stderr",
                "--log-level=info",
                "-L",
                "module-null-sink sink_name=loudspeaker",
                "-L",
                "module-native-protocol-unix auth-anonymous=1 socket=" + folder.resolve("native")));
    for (String module : modules) {
      command.addAll(List.of("-L", module));
    }
    process = builder(command).redirectErrorStream(true).start();
    BufferedReader log = process.inputReader(StandardCharsets.UTF_8);
    for (String line = ""; !line.contains("Daemon startup complete"); line = log.readLine()) {
      if (line == null) {
        throw new IOException("pulseaudio does not start");
      }
    }
    Thread.ofPlatform().daemon().start(() -> log.lines().forEach(_ -> {}));
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .putAll(
            Map.of(
                "HOME", folder.toString(),
                "PULSE_RUNTIME_PATH", folder.toString(),
                "PULSE_STATE_PATH", folder.toString(),
                "PULSE_SERVER", address()));
    return builder;
  }

  /** As {@code PULSE_SERVER} holds it. */
  String address() {
    return "unix:" + folder.resolve("native");
  }

  /** Runs {@code pactl} with these arguments. */
  void control(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("pactl"));
    command.addAll(List.of(arguments));
    if (builder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException("pactl " + String.join(" ", arguments) + " failed");
    }
  }

  /** Stops the server's process, as one that hangs. */
  void hang() throws IOException, InterruptedException {
    signal("STOP");
  }

  private void signal(String name) throws IOException, InterruptedException {
    int _ = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    process.onExit().join();
    List<Path> all;
    try (Stream<Path> found = Files.walk(folder)) {
      all = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
