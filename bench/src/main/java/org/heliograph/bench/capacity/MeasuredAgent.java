package org.heliograph.bench.capacity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The agent as it is installed, in a process of its own, so that what it costs is told apart from
 * what the benchmark costs. The app that carries its envelopes is the benchmark.
 */
final class MeasuredAgent {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int START_SECONDS = 60;

  /** As in the launcher (agent/src/main/sh/heliograph). */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx512m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** {@code _SC_CLK_TCK} of Linux on every architecture. */
  private static final double TICKS_PER_SECOND = 100;

  private final HttpClient client = HttpClient.newHttpClient();
  private final Path directory;
  private final Process process;
  private final URI api;
  private final String token;
  private final JMXConnector management;
  private final ThreadMXBean threads;
  private final MemoryMXBean memory;

  /**
   * Starts it; returns when it is ready.
   *
   * @param cpus the processors that it may use, as {@code taskset} takes them
   * @param jvmOptions further options, of the Flight Recorder for instance
   */
  @SuppressWarnings("BanJNDI") // the address is that of our own child, from the attach socket
  MeasuredAgent(String cpus, List<String> jvmOptions)
      throws IOException, InterruptedException, AttachNotSupportedException {
    directory = Files.createTempDirectory("heliograph-capacity");
    List<String> command = new ArrayList<>(List.of("taskset", "-c", cpus));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(jvmOptions);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "org.heliograph.agent.Main",
            "--signaling-type=bridge",
            "--calls-max=" + CapacityBench.MAX_STREAMS,
            "--ice-include-loopback=true",
            "--log-level=warn"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(new File(directory.toFile(), "agent.log"))
            .redirectErrorStream(true);
    for (String variable : List.of("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME")) {
      builder.environment().put(variable, directory.toString());
    }
    process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly)); // however this ends
    JsonNode address = awaitAddress();
    api = URI.create(address.get("url").textValue());
    token = address.get("token").textValue();
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
    try {
      management =
          JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()));
    } finally {
      machine.detach();
    }
    MBeanServerConnection beans = management.getMBeanServerConnection();
    threads =
        ManagementFactory.newPlatformMXBeanProxy(
            beans, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
    memory =
        ManagementFactory.newPlatformMXBeanProxy(
            beans, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
  }

  private JsonNode awaitAddress() throws IOException, InterruptedException {
    Path file = directory.resolve("heliograph").resolve("agent.json");
    for (int i = 0; i < START_SECONDS * 20; i++) {
      if (Files.exists(file)) {
        return JSON.readTree(file.toFile());
      }
      if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
        break;
      }
    }
    throw new IOException(
        "the agent has not started: " + Files.readString(directory.resolve("agent.log")));
  }

  int port() {
    return api.getPort();
  }

  String token() {
    return token;
  }

  // ---- Its API ----

  /** Posts to a route; throws what is answered unless it is good. */
  void post(String path, ObjectNode body) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        client.send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
    }
  }

  /** Hands over each envelope that the agent sends, on a thread of its own. */
  void followEnvelopes(Consumer<JsonNode> receiver) throws IOException, InterruptedException {
    HttpResponse<Stream<String>> events =
        client.send(request("/api/signal/outbound").GET().build(), BodyHandlers.ofLines());
    if (events.statusCode() != 200) {
      throw new IOException("the agent's envelopes: " + events.statusCode());
    }
    Thread.ofPlatform().daemon().name("envelopes").start(() -> follow(events.body(), receiver));
  }

  private static void follow(Stream<String> lines, Consumer<JsonNode> receiver) {
    try {
      lines
          .filter(line -> line.startsWith("data: "))
          .forEach(line -> receiver.accept(read(line.substring("data: ".length()))));
    } catch (UncheckedIOException closed) {
      // The benchmark is over.
    }
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(api.resolve(path)).header("Authorization", "Bearer " + token);
  }

  // ---- What it costs ----

  /** Its processor time so far, in seconds. */
  double processorSeconds() throws IOException {
    return processorSeconds(process.pid());
  }

  static double processorSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / TICKS_PER_SECOND;
  }

  /** Its resident memory, in bytes. */
  long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }

  /** What its threads have allocated so far, in bytes. */
  long allocatedBytes() {
    return threads.getTotalThreadAllocatedBytes();
  }

  /** What is in use on its heap after a collection, in bytes. */
  long liveBytes() {
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  int threads() {
    return threads.getThreadCount();
  }

  void close() throws IOException, InterruptedException {
    management.close();
    client.shutdownNow();
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      Path[] all = files.sorted(Comparator.reverseOrder()).toArray(Path[]::new);
      for (Path each : Arrays.asList(all)) {
        Files.delete(each);
      }
    }
  }
}
