package org.heliograph.interop.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        "%-13s %-8s %-30s %-5s %s%n",
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
    StringBuilder head = new StringBuilder("| |");
    StringBuilder rule = new StringBuilder("|---|");
    for (RemoteStack stack : stacks) {
      for (Offerer offerer : Offerer.values()) {
        head.append(' ').append(stack).append(' ');
        head.append(offerer == Offerer.REMOTE ? "offers |" : "answers |");
        rule.append("---|");
      }
    }
    StringBuilder table = new StringBuilder().append(head).append('\n').append(rule).append('\n');
    for (Scenario scenario : scenarios) {
      table.append("| ").append(scenario).append(" |");
      for (RemoteStack stack : stacks) {
        for (Offerer offerer : Offerer.values()) {
          String result = results.getOrDefault(new Cell(stack, offerer, scenario), "");
          table.append(' ').append(result).append(" |");
        }
      }
      table.append('\n');
    }
    for (String remark : remarks) {
      table.append("\n- ").append(remark);
    }
    return table.append('\n').toString();
  }
}
