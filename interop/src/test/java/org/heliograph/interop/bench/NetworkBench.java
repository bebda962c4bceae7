package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.bench.Side.Stack;
import org.heliograph.interop.lab.SoundServer;

/**
 * Heliograph and libwebrtc side by side on bad networks, each as the receiver of libwebrtc and as
 * the sender to libwebrtc. bench/README.md says how.
 *
 * <pre>NetworkBench [--pairs=ll,lh,hl] [--json=FILE] [ROW…]</pre>
 */
public final class NetworkBench implements AutoCloseable {
  private static final int VIDEO_BITS_PER_SECOND = 1_700_000;
  private static final int WARM_UP_SECONDS = 5;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);
  private static final long SEED = 20_26;

  /** Who sends to whom. */
  private record Pair(Stack sender, Stack receiver) {
    static Pair of(String letters) {
      return new Pair(stack(letters.charAt(0)), stack(letters.charAt(1)));
    }

    private static Stack stack(char letter) {
      return switch (letter) {
        case 'h' -> Stack.HELIOGRAPH;
        case 'l' -> Stack.LIBWEBRTC;
        default -> throw new IllegalArgumentException("a pair is two letters out of h and l");
      };
    }
  }

  private record Cell(NetworkRow row, Pair pair, CellFigures figures) {}

  private final SoundServer sound = new SoundServer();
  private final Map<Stack, Side> senders = new EnumMap<>(Stack.class);
  private final Map<Stack, Side> receivers = new EnumMap<>(Stack.class);
  private final Path json;
  private final List<Cell> cells = new ArrayList<>();
  private int calls;

  private NetworkBench(Path json) throws IOException {
    this.json = json;
  }

  /** Measures the rows that are named, or all. */
  public static void main(String[] arguments) throws Exception {
    List<Pair> pairs = new ArrayList<>();
    List<NetworkRow> rows = new ArrayList<>();
    Path json = Path.of("target", "network-bench.jsonl");
    for (String argument : arguments) {
      if (argument.startsWith("--pairs=")) {
        for (String letters : argument.substring("--pairs=".length()).split(",", -1)) {
          pairs.add(Pair.of(letters));
        }
      } else if (argument.startsWith("--json=")) {
        json = Path.of(argument.substring("--json=".length()));
      } else {
        rows.add(NetworkRow.of(argument));
      }
    }
    if (pairs.isEmpty()) {
      pairs.addAll(List.of(Pair.of("ll"), Pair.of("lh"), Pair.of("hl")));
    }
    try (NetworkBench bench = new NetworkBench(json)) {
      for (NetworkRow row : rows.isEmpty() ? List.of(NetworkRow.values()) : rows) {
        for (Pair pair : pairs) {
          bench.measure(row, pair);
        }
      }
      System.out.print(new NetworkTables(bench.cells.stream().map(NetworkBench::entry).toList()));
    }
    System.exit(0);
  }

  private static NetworkTables.Entry entry(Cell cell) {
    return new NetworkTables.Entry(
        cell.row(), cell.pair().sender(), cell.pair().receiver(), cell.figures());
  }

  /** Each program serves for all calls: it is warm in all but the first. */
  private Side side(Stack stack, boolean sends) throws IOException {
    Map<Stack, Side> sides = sends ? senders : receivers;
    Side side = sides.get(stack);
    if (side == null) {
      side = new Side(stack, sends, VIDEO_BITS_PER_SECOND, sound.environment());
      sides.put(stack, side);
    }
    return side;
  }

  private void measure(NetworkRow row, Pair pair) throws Exception {
    try {
      measureOnce(row, pair);
    } catch (IllegalStateException e) {
      System.out.printf("%s: %s to %s failed: %s%n", row.id(), pair.sender(), pair.receiver(), e);
      closeSides();
    }
  }

  /** The whole way of a measurement. */
  private void measureOnce(NetworkRow row, Pair pair) throws Exception {
    Side sender = side(pair.sender(), true);
    Side receiver = side(pair.receiver(), false);
    try (NetworkCall call = new NetworkCall(sender, receiver, "bench-" + ++calls, SEED)) {
      EmulatedPath path = call.path();
      path.setConditions(row.phases().getFirst().conditions());
      TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
      long from = System.nanoTime();
      JsonNode senderBegin = mark(sender);
      JsonNode receiverBegin = mark(receiver);
      ProcessorTime processor = ProcessorTime.now();
      EmulatedPath.Counts before = path.counts(EmulatedPath.Direction.FORWARD);
      for (NetworkRow.Phase phase : row.phases()) {
        sleepUntil(from + phase.atSecond() * 1_000_000_000L);
        path.setConditions(phase.conditions());
      }
      sleepUntil(from + row.seconds() * 1_000_000_000L);
      CellFigures.Marks senderMarks = new CellFigures.Marks(senderBegin, mark(sender));
      CellFigures.Marks receiverMarks = new CellFigures.Marks(receiverBegin, mark(receiver));
      EmulatedPath.Counts through = path.counts(EmulatedPath.Direction.FORWARD).minus(before);
      double busy = processor.busyShareSince();
      // What was sent at the last moment is still on its way.
      TimeUnit.SECONDS.sleep(1);
      receiver.tell("report");
      JsonNode received = receiver.await("report", ANSWER_LIMIT);
      CellFigures figures =
          CellFigures.of(row, from, senderMarks, receiverMarks, received, through);
      cells.add(new Cell(row, pair, figures));
      ObjectNode line = Program.JSON.createObjectNode();
      line.put("row", row.id());
      line.put("sender", pair.sender().title());
      line.put("receiver", pair.receiver().title());
      line.set("figures", Program.JSON.valueToTree(figures));
      line.set("network", Program.JSON.valueToTree(through));
      line.put("machineBusy", busy);
      line.put("load", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
      line.put("senderCores", senderMarks.cores(row.seconds()));
      line.put("receiverCores", receiverMarks.cores(row.seconds()));
      line.put("emulatorLate99Micros", path.latenessMicros(0.99));
      System.out.println(line);
      line.set("senderCounts", senderMarks.end());
      line.set("receiverCounts", receiverMarks.end());
      Files.createDirectories(json.toAbsolutePath().getParent());
      Files.writeString(json, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
  }

  private static JsonNode mark(Side side) {
    side.tell("mark");
    return side.await("mark", ANSWER_LIMIT);
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }

  /** How busy the whole machine is: with too little left, the figures say nothing. */
  private record ProcessorTime(long busyTicks, long allTicks) {
    static ProcessorTime now() throws IOException {
      String[] words = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +", -1);
      long all = 0;
      for (int i = 1; i <= 8; i++) {
        all += Long.parseLong(words[i]);
      }
      long idle = Long.parseLong(words[4]) + Long.parseLong(words[5]);
      return new ProcessorTime(all - idle, all);
    }

    double busyShareSince() throws IOException {
      ProcessorTime now = now();
      return (double) (now.busyTicks - busyTicks) / (now.allTicks - allTicks);
    }
  }

  private void closeSides() {
    senders.values().forEach(Side::close);
    receivers.values().forEach(Side::close);
    senders.clear();
    receivers.clear();
  }

  @Override
  public void close() {
    closeSides();
    sound.close();
  }
}
