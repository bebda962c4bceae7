package org.heliograph.peer.dtls;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counts the JVM's virtual threads that run a handshake, as a thread dump shows them. */
final class HandshakeThreads {
  private HandshakeThreads() {}

  static long count() throws IOException {
    Path directory = Files.createTempDirectory("threads");
    Path dump = directory.resolve("dump.txt");
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
          .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
      try (var lines = Files.lines(dump)) {
        return lines.filter(line -> line.contains("\"dtls-handshake\"")).count();
      }
    } finally {
      Files.deleteIfExists(dump);
      Files.delete(directory);
    }
  }

  /** Waits for threads that have done their work to be gone from the JVM's books. */
  static void awaitNone() throws IOException, InterruptedException {
    while (count() > 0) {
      Thread.onSpinWait();
    }
  }
}
