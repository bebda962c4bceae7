package org.heliograph.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogTest {
  private static final Logger own = LoggerFactory.getLogger("org.heliograph.agent.Something");
  private static final Logger others = LoggerFactory.getLogger("org.eclipse.jetty.Something");

  @TempDir Path directory;
  private final PrintStream err = System.err;
  private final Destination destination = Log.destination();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();

  private void redirect() {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(err);
    Log.setLevel("info");
    Log.setDestination(destination);
    Thread.setDefaultUncaughtExceptionHandler(null);
  }

  @Test
  void ofLibrariesOnlyWarningsAreLoggedUnlessEverythingIsWanted() {
    Log.setLevel("info");
    assertThat(own.isInfoEnabled()).isTrue();
    assertThat(own.isDebugEnabled()).isFalse();
    assertThat(others.isInfoEnabled()).isFalse();
    assertThat(others.isWarnEnabled()).isTrue();
    Log.setLevel("debug");
    assertThat(others.isDebugEnabled()).isTrue();
    Log.setLevel("error");
    assertThat(others.isWarnEnabled()).isFalse();
    Log.setLevel("off");
    assertThat(own.isErrorEnabled()).isFalse();
  }

  @Test
  void theJournalGetsThePriorityOfEachLine() {
    redirect();
    Log.setDestination(new Destination.Journal());
    own.warn("{} calls", 3, new IllegalStateException("why"));
    List<String> lines = written.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines.getFirst()).isEqualTo("<4>Something - 3 calls");
    assertThat(lines.get(1)).isEqualTo("<4>java.lang.IllegalStateException: why");
    assertThat(lines).allMatch(line -> line.startsWith("<4>"));
  }

  @Test
  void anErrorOutputThatIsNotTheJournalsIsNotTakenForIt() {
    assertThat(Log.standardError(Map.of("JOURNAL_STREAM", "1:2")))
        .isInstanceOf(Destination.Terminal.class);
  }

  @Test
  void aFileBeginsAnewWhenItIsFullAndKeepsWhatWasBefore() throws Exception {
    Path file = directory.resolve("agent.log");
    try (PrintStream appending =
        new PrintStream(new FileOutputStream(file.toFile(), true), true, StandardCharsets.UTF_8)) {
      System.setErr(appending);
      Destination.LogFile log = new Destination.LogFile(file, 1000);
      for (int i = 0; i < 100; i++) {
        log.write(Level.INFO, "message " + i);
      }
      assertThat(Files.size(file)).isBetween(1L, 1000L);
      Path before = directory.resolve("agent.log.1");
      assertThat(Files.size(before)).isBetween(500L, 1000L);
      String both = Files.readString(before) + Files.readString(file);
      assertThat(both).endsWith("INFO message 99\n");
      int first = Integer.parseInt(both.replaceAll("(?s).*?message (\\d+).*", "$1"));
      for (int i = first; i < 100; i++) {
        assertThat(both).contains("message " + i + "\n");
      }
    }
  }

  @Test
  void whatAThreadDiesOfIsLogged() throws Exception {
    redirect();
    Log.setDestination(new Destination.Terminal());
    Thread.ofPlatform()
        .name("a thread")
        .start(
            () -> {
              throw new IllegalStateException("why");
            })
        .join();
    assertThat(written.toString(StandardCharsets.UTF_8)).contains("ERROR a thread", "why");
  }
}
