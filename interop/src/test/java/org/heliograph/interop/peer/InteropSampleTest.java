package org.heliograph.interop.peer;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.heliograph.interop.peer.Call.Offerer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cells of the matrix that every run of the tests has: each stack, each role, the turns. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InteropSampleTest {
  private final CellRunner runner = new CellRunner();

  static Stream<Cell> cells() {
    return Stream.of(
        new Cell(RemoteStack.CHROMIUM, Offerer.WE, Scenario.RENEGOTIATION),
        new Cell(RemoteStack.CHROMIUM, Offerer.REMOTE, Scenario.HOLD),
        new Cell(RemoteStack.CHROMIUM, Offerer.REMOTE, Scenario.DATA_CHANNEL),
        new Cell(RemoteStack.FIREFOX, Offerer.WE, Scenario.BOTH),
        new Cell(RemoteStack.LIBWEBRTC, Offerer.REMOTE, Scenario.BOTH),
        new Cell(RemoteStack.PION, Offerer.REMOTE, Scenario.RESTART),
        new Cell(RemoteStack.PION, Offerer.WE, Scenario.RELAY_TLS),
        new Cell(RemoteStack.PION_TCP, Offerer.WE, Scenario.BOTH),
        new Cell(RemoteStack.PION_TCP, Offerer.REMOTE, Scenario.DATA_CHANNEL),
        new Cell(RemoteStack.AIORTC, Offerer.REMOTE, Scenario.BOTH),
        new Cell(RemoteStack.JANUS_ECHO, Offerer.WE, Scenario.PICTURE_REQUEST));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  @Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void theCellHoldsByContent(Cell cell) throws IOException {
    runner.run(cell);
  }

  @AfterAll
  void stop() {
    runner.close();
  }
}
