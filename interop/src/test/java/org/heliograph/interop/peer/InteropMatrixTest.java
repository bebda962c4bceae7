package org.heliograph.interop.peer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/**
 * Every other implementation, in both roles, in everything that a call can do: a line a cell, and
 * at the end a table, which is in {@code target/interop-matrix.md}, too. Run by name: {@code
 * ./check --interop}.
 */
@Tag("interop-matrix")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InteropMatrixTest {
  private final CellRunner runner = new CellRunner();
  private final MatrixReport report = new MatrixReport();

  /** All, or those whose name has a match of the property {@code heliograph.cells}. */
  static Stream<Cell> cells() {
    Pattern wanted =
        Pattern.compile(System.getProperty("heliograph.cells", ""), Pattern.CASE_INSENSITIVE);
    return Cell.all()
        .filter(cell -> cell.whyLeftOut().isEmpty())
        .filter(cell -> wanted.matcher(cell.toString()).find());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cells")
  @Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void everyCellHoldsByContent(Cell cell) throws IOException {
    long begun = System.nanoTime();
    try {
      runner.run(cell);
      report.passed(cell, System.nanoTime() - begun);
    } catch (TestAbortedException e) {
      report.notSupported(cell, e.getMessage());
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      report.failed(cell, e);
      throw e;
    }
  }

  @AfterAll
  void writeTable() throws IOException {
    runner.close();
    report.write(Path.of("target/interop-matrix.md"));
  }
}
