package org.heliograph.peer.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.junit.jupiter.api.Test;

/** An error that comes with every turn is a line or two in the log. */
class RepeatedErrorsTest {
  private final List<String> lines = new ArrayList<>();
  private final RepeatedErrors errors = new RepeatedErrors(new Lines());

  private final class Lines implements System.Logger {
    @Override
    public String getName() {
      return "test";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String message, Throwable thrown) {
      lines.add(message + ": " + thrown.getMessage());
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String format, Object... parameters) {
      lines.add(parameters == null ? format : MessageFormat.format(format, parameters));
    }
  }

  @Test
  void theSameErrorIsLoggedOnceAndItsNumberLater() {
    for (int i = 0; i < 100_000; i++) {
      errors.log("the timer failed", new IllegalStateException("number " + i));
    }

    assertThat(lines).hasSize(6);
    assertThat(lines.getFirst()).isEqualTo("the timer failed: number 0");
    assertThat(lines.getLast()).contains("the timer failed", "100,000 times");
  }

  @Test
  void anotherErrorIsLoggedToo() {
    errors.log("the timer failed", new IllegalStateException("a"));
    errors.log("the timer failed", new IllegalArgumentException("b"));
    errors.log("a step failed", new IllegalArgumentException("c"));
    errors.log("no exception");
    errors.log("no exception");

    assertThat(lines)
        .containsExactly(
            "the timer failed: a", "the timer failed: b", "a step failed: c", "no exception");
  }

  @Test
  void kindsWithoutNumberAreCountedTogether() {
    for (int i = 0; i < 10_000; i++) {
      errors.log("failed at " + i, new IllegalStateException());
    }

    assertThat(lines.size()).isLessThan(50);
  }
}
