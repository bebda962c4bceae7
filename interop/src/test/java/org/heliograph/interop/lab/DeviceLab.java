package org.heliograph.interop.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A machine with two cameras and a sound card, for a while: user-mode Linux over this machine's own
 * files. {@code /dev/video0} and {@code /dev/video1} are vivid, whose pictures {@code v4l2-ctl}
 * chooses; what is played into {@code hw:Loopback,0} is heard at {@code hw:Loopback,1}. There is no
 * network but loopback.
 */
public final class DeviceLab {
  /** Where a program in there leaves its results. */
  public static final Path OUTPUT = Path.of("/payload/out");

  private DeviceLab() {}

  /**
   * Runs a class's {@code main} in there, with this JVM's class path.
   *
   * @param folder where its {@link #OUTPUT} comes to, with what it printed as {@code log}
   */
  public static void run(Class<?> program, Path folder, Duration limit) throws IOException {
    run(program, folder, limit, "");
  }

  /**
   * The same on another machine.
   *
   * @param kernelArguments words such as {@code vivid.input_types=3,2}
   */
  public static void run(Class<?> program, Path folder, Duration limit, String kernelArguments)
      throws IOException {
    Path script = Files.createTempFile("heliograph-guest", ".sh");
    try {
      Files.writeString(
          script,
          """
          # One processor: what the best compiler gains, it takes from the rest. And a fresh page of memory is dear.
          export JDK_JAVA_OPTIONS='-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmn24m -XX:-UsePerfData'
          exec '%s' -Xmx512m --enable-native-access=ALL-UNNAMED -cp '%s' %s
          """
              .formatted(
                  ProcessHandle.current().info().command().orElseThrow(),
                  absolute(System.getProperty("java.class.path")),
                  program.getName()));
      List<String> command =
          List.of(
              "device-lab/run-in-guest",
              "-t",
              Long.toString(limit.toSeconds()),
              "-k",
              kernelArguments,
              script.toString(),
              folder.toString());
      try (Subprocess guest = Subprocess.start(Map.of(), command)) {
        // The first run builds the kernel.
        int status = guest.awaitExit(limit.plusMinutes(15));
        if (status != 0) {
          throw new AssertionError(
              "the guest ended with %d\n%s\n%s\n%s"
                  .formatted(status, guest.output(), read(folder, "console"), read(folder, "log")));
        }
      }
    } finally {
      Files.delete(script);
    }
  }

  private static String absolute(String classPath) {
    return String.join(
        ":",
        List.of(classPath.split(":")).stream()
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .toList());
  }

  private static String read(Path folder, String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? Files.readString(path) : "(no " + file + ")";
  }
}
