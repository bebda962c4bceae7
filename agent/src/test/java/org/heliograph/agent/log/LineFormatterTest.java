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

  /** Of a library, of peer, of a line that forgot to ask: whoever logs it. */
  @Test
  void textOfOthersSteersNoTerminal() {
    LogRecord message =
        message(Level.WARNING, "from a\u001b[2Jb\u009bc\u202Ed\u2028e\r\uD800f\u200Dg👩\u200D💻");
    message.setThrown(new IllegalStateException("why\u009b\u202E"));
    for (Log.Destination reader : Log.Destination.values()) {
      assertThat(new LineFormatter(reader).format(message))
          .contains("from a [2Jb c\uFFFDd e \uFFFDf\uFFFDg👩\u200D💻\n")
          .contains("java.lang.IllegalStateException: why \uFFFD\n");
    }
  }

  @Test
  void secretsAreLeftOut() {
    Secrets.conceal("correct horse battery");
    LogRecord message =
        message(
            Level.WARNING,
            "GET /api?access_token=abc-DEF_1&x=1 Authorization: Bearer abc-DEF_1, link"
                + " http://h/#token=abc-DEF_1&peer=a, with correct horse battery");
    message.setThrown(new IllegalStateException("/a?x=1&access_token=abc-DEF_1"));
    for (Log.Destination reader : Log.Destination.values()) {
      assertThat(new LineFormatter(reader).format(message))
          .contains(
              "GET /api?access_token=…&x=1 Authorization: Bearer …, link http://h/#token=…&peer=a")
          .contains("/a?x=1&access_token=…\n")
          .doesNotContain("DEF", "horse");
    }
  }

  @Test
  void textOfOthersForgesNoMessage() {
    String forged = "2026-01-01T00:00:00.000Z ERROR Agent - forged\n<0>Agent - forged";
    LogRecord message = message(Level.INFO, "text\n" + forged);
    message.setThrown(new IllegalStateException("why\n" + forged, new RuntimeException(forged)));
    assertThat(new LineFormatter(Log.Destination.FILE).format(message).lines().skip(1))
        .allMatch(line -> line.matches("\t.*|java\\.lang\\.Illegal.*|Caused by: .*"));
    assertThat(new LineFormatter(Log.Destination.JOURNAL).format(message).lines().skip(1))
        .allMatch(line -> line.matches("<6>(\t.*|java\\.lang\\.Illegal.*|Caused by: .*)"));
  }

  @Test
  void aFileHasTheDateAndTheZone() {
    assertThat(new LineFormatter(Log.Destination.FILE).format(message(Level.INFO, "text")))
        .matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]{12}(Z|[+-]\\d\\d:\\d\\d) INFO Something - text\n");
  }
}
