package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocTableTest {
  @TempDir Path folder;
  private Path page;

  @BeforeEach
  void writeThePage() throws IOException {
    page = folder.resolve("page.md");
    Files.writeString(
        page,
        """
        # Page
        <!-- table: one -->
        | what | is |
        |---|---|
        | a\\|b | 1 |
        <!-- end of table: one -->
        """);
  }

  private DocTable table(String name) {
    return new DocTable(page, name, "what", "is");
  }

  @Test
  void aTableThatSaysWhatTheTestFoundIsGood() {
    assertThatCode(() -> table("one").row("a|b", "1").check()).doesNotThrowAnyException();
  }

  @Test
  void anotherValueAMissingRowAndAMissingTableAreFaults() {
    assertThatThrownBy(() -> table("one").row("a|b", "2").check())
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> table("one").check()).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> table("two").check()).isInstanceOf(AssertionError.class);
  }
}
