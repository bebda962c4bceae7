package org.heliograph.interop.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.heliograph.interop.bench.Side.Stack;

/** The results as Markdown: a table of the stacks as receivers, and one of them as senders. */
final class NetworkTables {
  /** One measurement. */
  record Entry(NetworkRow row, Stack sender, Stack receiver, CellFigures figures) {}

  private final List<Entry> entries;

  NetworkTables(List<Entry> entries) {
    this.entries = entries;
  }

  @Override
  public String toString() {
    List<Entry> receivers = new ArrayList<>();
    List<Entry> senders = new ArrayList<>();
    List<Entry> alone = new ArrayList<>();
    for (Entry entry : entries) {
      if (entry.sender() == Stack.LIBWEBRTC) {
        receivers.add(entry);
      }
      if (entry.receiver() == Stack.LIBWEBRTC) {
        senders.add(entry);
      }
      if (entry.sender() == Stack.HELIOGRAPH && entry.receiver() == Stack.HELIOGRAPH) {
        alone.add(entry);
      }
    }
    return table("receiver, of libwebrtc", receivers, false)
        + table("sender, to libwebrtc", senders, true)
        + table("both sides", alone, true);
  }

  private static String table(String title, List<Entry> entries, boolean bySender) {
    if (entries.isEmpty()) {
      return "";
    }
    StringBuilder table = new StringBuilder();
    table.append("\n| network | ").append(title);
    table.append(" | frames | freezes: number, together, longest | sound concealed");
    table.append(" | delay p50 / p95 | received |\n|---|---|---|---|---|---|---|\n");
    for (Entry entry : entries) {
      Stack stack = bySender ? entry.sender() : entry.receiver();
      CellFigures figures = entry.figures();
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %d of %d | %d, %d ms, %d ms | %.1f %% | %d / %d ms%s | %d kbit/s%s |%n",
              entry.row().title(),
              stack.title(),
              figures.framesDelivered(),
              figures.framesSent(),
              figures.freezes(),
              figures.frozenMillis(),
              figures.longestFreezeMillis(),
              figures.concealedPercent(),
              figures.delayMedianMillis(),
              figures.delay95Millis(),
              figures.ownBufferMillis() == null
                  ? ""
                  : " (buffer " + figures.ownBufferMillis() + ")",
              figures.receivedKilobitsPerSecond(),
              figures.bottleneckUsePercent() == null
                  ? ""
                  : String.format(Locale.ROOT, " (%.0f %%)", figures.bottleneckUsePercent())));
    }
    return table.toString();
  }
}
