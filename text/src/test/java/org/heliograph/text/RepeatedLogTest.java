package org.heliograph.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RepeatedLogTest {
  private static final Logger SINK = Logger.getLogger(RepeatedLogTest.class.getName());

  private final List<String> logged = new ArrayList<>();
  private final Deque<Runnable> due = new ArrayDeque<>();
  private final RepeatedLog log =
      new RepeatedLog(
          LoggerFactory.getLogger(RepeatedLogTest.class),
          (delay, what) -> {
            assertThat(delay).isEqualTo(Duration.ofMinutes(1));
            due.add(what);
          });

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord message) {
          logged.add(message.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    SINK.setLevel(Level.INFO);
    SINK.setUseParentHandlers(false);
    SINK.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    SINK.removeHandler(handler);
  }

  /** A minute passes for what was logged until now. */
  private void aMinutePasses() {
    for (int waiting = due.size(); waiting > 0; waiting--) {
      due.remove().run();
    }
  }

  @Test
  void aFloodIsALineAndThenItsNumber() {
    for (int i = 1; i <= 100_000; i++) {
      log.warn("eve", "malformed", "Refused number " + i);
    }
    assertThat(logged).containsExactly("Refused number 1");
    aMinutePasses();
    assertThat(logged)
        .hasSize(2)
        .last()
        .isEqualTo("99999 more within 60 s, the last: Refused number 100000");
  }

  @Test
  void afterAQuietMinuteAMessageIsNewAgain() {
    log.warn("eve", "malformed", "one");
    aMinutePasses();
    assertThat(due).as("nothing is left to be done").isEmpty();
    log.warn("eve", "malformed", "two");
    assertThat(logged).containsExactly("one", "two");
  }

  @Test
  void aFloodThatLastsIsALineAMinute() {
    log.warn("eve", "malformed", "x");
    for (int minute = 0; minute < 5; minute++) {
      log.warn("eve", "malformed", "x");
      log.warn("eve", "malformed", "x");
      aMinutePasses();
    }
    assertThat(logged).hasSize(6).last().isEqualTo("2 more within 60 s, the last: x");
  }

  @Test
  void peersAndCausesAreToldApart() {
    log.warn("eve", "malformed", "a");
    log.warn("bob", "malformed", "b");
    log.warn("eve", "too_many", "c");
    assertThat(logged).containsExactly("a", "b", "c");
  }

  @Test
  void whoTakesEverNewNamesFillsNeitherTheLogNorTheMemory() {
    for (int i = 0; i < 10_000; i++) {
      log.warn("eve" + i, "malformed", "x");
    }
    assertThat(logged).hasSize(RepeatedLog.KINDS + 1);
    assertThat(due).hasSize(RepeatedLog.KINDS + 1);
    aMinutePasses();
    assertThat(logged)
        .hasSize(RepeatedLog.KINDS + 2)
        .last()
        .asString()
        .startsWith((10_000 - RepeatedLog.KINDS - 1) + " more within 60 s, of many peers");
  }

  @Test
  void whatIsNotLoggedIsNotCounted() {
    SINK.setLevel(Level.WARNING);
    log.info("eve", "joined", "x");
    log.info("eve", "joined", "x");
    assertThat(logged).isEmpty();
    assertThat(due).isEmpty();
  }
}
