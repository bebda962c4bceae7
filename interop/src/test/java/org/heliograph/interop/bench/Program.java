package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.heliograph.interop.lab.ResourceCount;

/**
 * One side's program: obeys the lines that the benchmark writes to it, and answers with lines, all
 * of them JSON. {@code {"call":channel}} makes it call, {@code {"envelope":…}} hands it a
 * signalling message, {@code {"mark":{}}} asks for its own counts at this instant, {@code
 * {"report":{}}} for all that it has received, {@code {"resources":{}}} for what the process holds,
 * {@code {"hangup":{}}} ends the call. It writes {@code {"envelope":…}}, {@code
 * {"connected":channel}}, {@code {"mark":…}} and {@code {"report":…}}.
 */
abstract class Program {
  static final ObjectMapper JSON = new ObjectMapper();

  private final Reception reception = new Reception();

  abstract void call(String channel) throws Exception;

  abstract void receive(ObjectNode envelope) throws Exception;

  abstract void hangUp() throws Exception;

  /** What the stack itself counts, as its getStats gives it. */
  abstract ObjectNode stats() throws Exception;

  /** What this side has received. */
  final Reception reception() {
    return reception;
  }

  /** Obeys until the benchmark is gone. */
  final void run() throws Exception {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    write(JSON.createObjectNode().put("ready", true));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      ObjectNode command = (ObjectNode) JSON.readTree(line);
      if (command.has("call")) {
        reception.clear();
        call(command.get("call").asText());
      } else if (command.has("envelope")) {
        receive((ObjectNode) command.get("envelope"));
      } else if (command.has("mark")) {
        ObjectNode counts = stats();
        counts.put("processorSeconds", processorSeconds());
        write(JSON.createObjectNode().set("mark", counts));
      } else if (command.has("report")) {
        write(JSON.createObjectNode().set("report", reception.report()));
      } else if (command.has("resources")) {
        write(JSON.createObjectNode().set("resources", resources()));
      } else if (command.has("hangup")) {
        hangUp();
      } else {
        throw new IOException("what is " + line + "?");
      }
    }
  }

  /** What the process holds, after a full collection. */
  private static ObjectNode resources() throws IOException {
    ResourceCount count = ResourceCount.now();
    return JSON.createObjectNode()
        .put("heap", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed())
        .put("resident", residentBytes())
        .put("native", count.nativeBytes() + count.directBytes())
        .put("threads", sum(count.threads()))
        .put("files", sum(count.files()));
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }

  private static long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D+", ""));
      }
    }
    throw new IOException("the kernel does not say how much memory is resident");
  }

  private static double processorSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  /** Writes a line to the benchmark. */
  static void write(ObjectNode line) {
    String text = line.toString();
    synchronized (System.out) {
      System.out.println(text);
      System.out.flush();
    }
  }
}
