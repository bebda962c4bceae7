package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A table on a page of docs/ whose rows a test finds out: what the page says is what the code does.
 * On the page it stands between the lines {@code <!-- table: NAME -->} and {@code <!-- end of
 * table: NAME -->}.
 *
 * <p>{@link #check} fails where the page says something else. With {@code -Dheliograph.docs=write}
 * it writes the table into the page instead.
 */
public final class DocTable {
  private static final Path DOCS = Path.of("..", "docs");

  private final Path page;
  private final String name;
  private final int columns;
  private final List<String> lines = new ArrayList<>();

  /**
   * A table without rows.
   *
   * @param page the file's name in docs/
   * @param name the table's, in the marks around it
   * @param columns the headings
   */
  public DocTable(String page, String name, String... columns) {
    this(DOCS.resolve(page), name, columns);
  }

  DocTable(Path page, String name, String... columns) {
    this.page = page;
    this.name = name;
    this.columns = columns.length;
    addLine(columns);
    lines.add("|" + "---|".repeat(columns.length));
  }

  /** Adds a row; a cell is Markdown, and a bar in it is escaped here. */
  public DocTable row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(cells.length + " cells and " + columns + " columns");
    }
    addLine(cells);
    return this;
  }

  private void addLine(String... cells) {
    StringBuilder line = new StringBuilder("|");
    for (String cell : cells) {
      line.append(' ').append(cell.replace("|", "\\|")).append(" |");
    }
    lines.add(line.toString());
  }

  /** Compares the table with that of the page, or puts it there. */
  public void check() {
    try {
      List<String> text = Files.readAllLines(page);
      int begin = text.indexOf("<!-- table: " + name + " -->");
      int end = text.indexOf("<!-- end of table: " + name + " -->");
      assertThat(begin).as("where the table %s begins in %s", name, page).isNotNegative();
      assertThat(end).as("where it ends").isGreaterThan(begin);
      if ("write".equals(System.getProperty("heliograph.docs"))) {
        List<String> written = new ArrayList<>(text.subList(0, begin + 1));
        written.addAll(lines);
        written.addAll(text.subList(end, text.size()));
        Files.write(page, written);
      } else {
        assertThat(text.subList(begin + 1, end))
            .as("the table %s in %s; -Dheliograph.docs=write puts it there", name, page)
            .isEqualTo(lines);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
