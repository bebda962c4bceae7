package org.heliograph.interop.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A sound server of the test's own (PulseAudio) with one loudspeaker, which can be listened to. */
public final class SoundServer implements AutoCloseable {
  /** Samples a second that {@link #listen} gives. */
  public static final int SAMPLE_RATE = 48_000;

  private static final List<String> COMMAND =
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
          // Without rewinds it looks for sound every 50 ms. With them, a stream that comes while
          // nothing plays may wait for two seconds, until what was rendered for nobody has passed.
          "module-null-sink sink_name=loudspeaker rate=48000 channels=2 format=s16le norewinds=1");

  private final Path folder;
  private final Subprocess server;

  /** Starts a server with a null sink as its loudspeaker. */
  public SoundServer() throws IOException {
    this(List.of());
  }

  /** Starts a server with a microphone, too, which hears a tone. */
  public static SoundServer withMicrophone(int hertz) throws IOException {
    return new SoundServer(
        List.of("-L", "module-sine-source source_name=microphone rate=48000 frequency=" + hertz));
  }

  private SoundServer(List<String> microphone) throws IOException {
    folder = Files.createTempDirectory("heliograph-sound");
    List<String> command = new ArrayList<>(COMMAND);
    command.addAll(
        List.of("-L", "module-native-protocol-unix auth-anonymous=1 socket=" + socket()));
    command.addAll(microphone);
    server =
        Subprocess.start(
            Map.of(
                "HOME", folder.toString(),
                "PULSE_RUNTIME_PATH", folder.toString(),
                "PULSE_STATE_PATH", folder.toString()),
            command);
    server.awaitLine(line -> line.contains("Daemon startup complete"), Duration.ofSeconds(20));
  }

  private Path socket() {
    return folder.resolve("native");
  }

  /** The environment that makes a program play here. */
  public Map<String, String> environment() {
    return Map.of(
        "PULSE_SERVER", "unix:" + socket(),
        "PULSE_RUNTIME_PATH", folder.toString(),
        "PULSE_STATE_PATH", folder.toString(),
        "PULSE_COOKIE", folder.resolve("cookie").toString());
  }

  /**
   * What the loudspeaker plays from now on, in one channel, from -1 to 1, {@link #SAMPLE_RATE} a
   * second.
   */
  public float[] listen(Duration duration) throws IOException {
    Path recording = Files.createTempFile(folder, "recording", ".raw");
    long bytes = duration.toMillis() * SAMPLE_RATE / 1000 * 2;
    Subprocess.run(
        environment(),
        List.of(
            "sh",
            "-c",
            "parec --device=loudspeaker.monitor --rate=48000 --channels=1 --format=s16le"
                + " --latency-msec=20 --raw | head -c "
                + bytes
                + " > "
                + recording),
        duration.plusSeconds(20));
    var samples =
        ByteBuffer.wrap(Files.readAllBytes(recording))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asShortBuffer();
    float[] sound = new float[samples.remaining()];
    for (int i = 0; i < sound.length; i++) {
      sound[i] = samples.get(i) / 32768f;
    }
    return sound;
  }

  @Override
  public void close() {
    server.close();
    Subprocess.deleteTree(folder);
  }
}
