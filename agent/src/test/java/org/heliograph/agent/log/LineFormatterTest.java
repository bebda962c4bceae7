package org.heliograph.agent.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFormatterTest {
  private static LogRecord message(Level level, String text) {
    LogRecord message = new LogRecord(level, text);
    message.setLoggerName("org.heliograph.agent.Something");
    return message;
  }

  @Test
  void theJournalGetsThePriorityOfEachLine() {
    LogRecord message = message(Level.WARNING, "3 calls");
    message.setThrown(new IllegalStateException("why"));
    String lines = new LineFormatter(Log.Destination.JOURNAL).format(message);
    assertThat(lines)
        .startsWith("<4>Something - 3 calls\n<4>java.lang.IllegalStateException: why\n<4>\tat ");
    assertThat(lines.lines()).allMatch(line -> line.startsWith("<4>"));
  }

  @Test
  void everyLevelHasItsPriorityAndItsWord() {
    LineFormatter journal = new LineFormatter(Log.Destination.JOURNAL);
    LineFormatter terminal = new LineFormatter(Log.Destination.STDERR);
    Level[] levels = {Level.SEVERE, Level.WARNING, Level.INFO, Level.FINE, Level.FINEST};
    String[] priorities = {"<3>", "<4>", "<6>", "<7>", "<7>"};
    String[] words = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"};
    for (int i = 0; i < levels.length; i++) {
      LogRecord message = message(levels[i], "{0} is no place for a value");
      assertThat(journal.format(message))
          .isEqualTo(priorities[i] + "Something - {0} is no place for a value\n");
      assertThat(terminal.format(message))
          .matches("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} " + words[i] + " Something - .*\n");
    }
  }

  @Test
  void aFileHasTheDateAndTheZone() {
    assertThat(new LineFormatter(Log.Destination.FILE).format(message(Level.INFO, "text")))
        .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]{12}(Z|[+-]\\d\\d:\\d\\d) INFO Something - text\n");
  }
}
