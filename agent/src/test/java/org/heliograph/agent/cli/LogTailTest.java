package org.heliograph.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
  @TempDir Path directory;
  private final List<String> read = new ArrayList<>();

  @Test
  void itBeginsWithTheLastLinesAndGoesOnWithWholeOnes() throws Exception {
    Path log = Files.writeString(directory.resolve("log"), "one\ntwo\nthree\n");
    try (LogTail tail = LogTail.open(log, 2)) {
      tail.read(read::add);
      assertThat(read).containsExactly("two", "three");
      Files.writeString(log, "fo", StandardOpenOption.APPEND);
      tail.read(read::add);
      Files.writeString(log, "ur\n", StandardOpenOption.APPEND);
      tail.awaitMore();
      tail.read(read::add);
      assertThat(read).containsExactly("two", "three", "four");
    }
  }

  @Test
  void itGoesOnWithTheFileThatTakesItsPlaceAndMissesNothing() throws Exception {
    Path log = Files.writeString(directory.resolve("log"), "one\n");
    try (LogTail tail = LogTail.open(log, 9)) {
      tail.read(read::add);
      Files.writeString(log, "two\n", StandardOpenOption.APPEND);
      Files.move(log, directory.resolve("log.1"));
      Files.writeString(log, "three\n");
      tail.read(read::add);
      assertThat(read).containsExactly("one", "two", "three");
    }
  }
}
