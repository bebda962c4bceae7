package org.heliograph.interop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.heliograph.interop.lab.SoundServer;

/** Listens to a sound server's loudspeaker, and notes when each beep is heard. */
final class Ear implements AutoCloseable {
  private static final double NANOS_PER_SAMPLE = 1e9 / SoundServer.SAMPLE_RATE;

  private final Process recorder;

  /** When a beep was heard, by the second in which it began. */
  private final Map<Long, Long> beeps = new ConcurrentSkipListMap<>();

  Ear(SoundServer server) throws IOException {
    // So short a latency makes the server's loudspeaker take its sound in steps as short.
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                "parec",
                "--device=loudspeaker.monitor",
                "--rate=" + SoundServer.SAMPLE_RATE,
                "--channels=1",
                "--format=s16le",
                "--latency-msec=4",
                "--raw"));
    builder.environment().putAll(server.environment());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    recorder = builder.start();
    Thread.ofPlatform().daemon().name("ear").start(this::listen);
  }

  private void listen() {
    Beep.Finder finder = new Beep.Finder(nanos -> beeps.putIfAbsent(Beep.begun(nanos), nanos));
    byte[] bytes = new byte[1 << 16];
    int kept = 0;
    try (InputStream input = recorder.getInputStream()) {
      for (int read; (read = input.read(bytes, kept, bytes.length - kept)) > 0; ) {
        long nanos = System.nanoTime();
        int samples = (kept + read) / 2;
        for (int i = 0; i < samples; i++) {
          int sample = (short) ((bytes[2 * i] & 0xff) | (bytes[2 * i + 1] << 8));
          finder.take(sample / 32768f, nanos - (long) ((samples - i) * NANOS_PER_SAMPLE));
        }
        int rest = (kept + read) % 2;
        System.arraycopy(bytes, 2 * samples, bytes, 0, rest);
        kept = rest;
      }
    } catch (IOException e) {
      if (recorder.isAlive()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  Map<Long, Long> beeps() {
    return beeps;
  }

  @Override
  public void close() {
    recorder.destroy();
  }
}
