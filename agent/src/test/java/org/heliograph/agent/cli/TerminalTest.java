package org.heliograph.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TerminalTest {
  private final StringWriter written = new StringWriter();

  private Terminal terminal(boolean interactive) {
    return new Terminal(new PrintWriter(written), interactive);
  }

  @Test
  void inATerminalProgressIsOverwritten() {
    Terminal terminal = terminal(true);
    terminal.progress("one");
    terminal.progress("two");
    terminal.line("three");
    assertThat(written.toString())
        .isEqualTo(
            "\r\u001b[?7lone\u001b[K\u001b[?7h\r\u001b[?7ltwo\u001b[K\u001b[?7h\r\u001b[Kthree\n");
  }

  @Test
  void textOfOthersSteersNothing() {
    Terminal terminal = terminal(true);
    terminal.progress("on\u001b[2Je");
    terminal.line("two\u009b2J\n\u202Ethree");
    assertThat(written.toString())
        .isEqualTo("\r\u001b[?7lon [2Je\u001b[K\u001b[?7h\r\u001b[Ktwo 2J\n\uFFFDthree\n");
  }

  @Test
  void elsewhereOnlyLinesThatStayAreWritten() {
    Terminal terminal = terminal(false);
    terminal.progress("one");
    terminal.line("two");
    assertThat(written.toString()).isEqualTo("two\n");
  }
}
