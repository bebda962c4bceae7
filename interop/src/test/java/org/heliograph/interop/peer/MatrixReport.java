package org.heliograph.interop.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.heliograph.interop.peer.Call.Offerer;

/** What came of the matrix's cells: a line for each as it ends, and a table of them all. */
final class MatrixReport {
  private final Map<Cell, String> results = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  void passed(Cell cell, long nanos) {
    tell(cell, "pass", "%.1f s".formatted(nanos / 1e9));
  }

  void failed(Cell cell, Throwable failure) {
    String why = firstLine(String.valueOf(failure.getMessage()));
    tell(cell, "**FAIL**", why);
    remarks.add("%s: failed: %s".formatted(cell, why));
  }

  void notSupported(Cell cell, String reason) {
    tell(cell, "n/a", firstLine(reason));
    String remark = "%s: not supported: %s".formatted(cell.stack(), firstLine(reason));
    if (!remarks.contains(remark)) {
      remarks.add(remark);
    }
  }

  private static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("");
  }

  private void tell(Cell cell, String result, String more) {
    results.put(cell, result);
    System.out.printf(
        "%-24s %-8s %-30s %-5s %s%n",
        cell.stack(), cell.role(), cell.scenario(), result.replace("*", ""), more);
  }

  /** Prints the table and writes it to a file. */
  void write(Path file) throws IOException {
    String table = table();
    System.out.println();
    System.out.println(table);
    Files.writeString(file, table);
  }

  private String table() {
    Set<RemoteStack> stacks = new LinkedHashSet<>();
    Set<Scenario> scenarios = new LinkedHashSet<>();
    for (Cell cell : results.keySet()) {
      stacks.add(cell.stack());
      scenarios.add(cell.scenario());
    }
    // One of each column.
    List<Cell> columns =
        stacks.stream()
            .flatMap(
                stack ->
                    Arrays.stream(Offerer.values())
                        .map(offerer -> new Cell(stack, offerer, Scenario.BOTH)))
            .filter(column -> column.whyLeftOut().isEmpty())
            .toList();
    StringBuilder head = new StringBuilder("| |");
    StringBuilder rule = new StringBuilder("|---|");
    for (Cell column : columns) {
      head.append(' ').append(column.stack()).append(' ').append(column.role()).append(" |");
      rule.append("---|");
    }
    List<String> reasons = new ArrayList<>();
    StringBuilder table = new StringBuilder().append(head).append('\n').append(rule).append('\n');
    for (Scenario scenario : scenarios) {
      table.append("| ").append(scenario).append(" |");
      for (Cell column : columns) {
        Cell cell = new Cell(column.stack(), column.offerer(), scenario);
        table.append(' ').append(results.getOrDefault(cell, notPlayed(cell, reasons)));
        table.append(" |");
      }
      table.append('\n');
    }
    for (int i = 0; i < reasons.size(); i++) {
      table.append("\n- \u2013 ").append(i + 1).append(": ").append(reasons.get(i));
    }
    for (String remark : remarks) {
      table.append("\n- ").append(remark);
    }
    return table.append('\n').toString();
  }

  /** A dash with the number of its reason; nothing for a cell that was not asked for. */
  private static String notPlayed(Cell cell, List<String> reasons) {
    String reason = cell.whyLeftOut();
    if (reason.isEmpty()) {
      return "";
    }
    if (!reasons.contains(reason)) {
      reasons.add(reason);
    }
    return "\u2013 " + (reasons.indexOf(reason) + 1);
  }
}
