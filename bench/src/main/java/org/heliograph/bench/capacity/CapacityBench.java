package org.heliograph.bench.capacity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.IceCandidateInit;

/**
 * How many streams one agent relays before 1 % of their pictures are late by 20 ms: 720p at 30
 * pictures a second and 1.5 Mbit/s, from RTP, encrypted, through a whole call each, to a page each.
 * bench/README.md says how to read it.
 */
public final class CapacityBench {
  /** The most streams that are tried. */
  static final int MAX_STREAMS = 1_000;

  private static final double LATE_SHARE = 0.01;
  private static final int CONNECT_SECONDS = 30;
  private static final int SETTLE_SECONDS = 3;
  private static final String OWN_NAME = "agent";
  private static final String PEER_NAME = "benchmark";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Options options;
  private final MeasuredAgent agent;
  private final Harness harness = new Harness();
  private final Lateness lateness = new Lateness();
  private final List<Sender> senders = new ArrayList<>();
  private final List<Page> pages = new ArrayList<>();
  private final Map<String, Sender> byChannel = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> answered = new ConcurrentHashMap<>();

  /**
   * What is asked for.
   *
   * @param steps how many streams there are at each step
   * @param seconds how long a step is measured
   * @param format what the pages are sent
   * @param cpus the processors that the agent may use; the benchmark uses the others
   * @param jvmOptions for the agent
   */
  private record Options(
      List<Integer> steps, int seconds, String format, String cpus, List<String> jvmOptions) {
    static Options parse(String[] arguments) {
      List<Integer> steps = List.of(1, 10, 25, 50, 75, 100, 125, 150, 175, 200, 250, 300);
      int seconds = 8;
      String format = "webm";
      String cpus = "0";
      List<String> jvmOptions = new ArrayList<>();
      for (String argument : arguments) {
        String value = argument.substring(argument.indexOf('=') + 1);
        switch (argument.substring(0, argument.indexOf('=') + 1)) {
          case "--streams=" ->
              steps = Arrays.stream(value.split(",", -1)).map(Integer::valueOf).toList();
          case "--seconds=" -> seconds = Integer.parseInt(value);
          case "--format=" -> format = value;
          case "--cpus=" -> cpus = value;
          case "--jfr=" ->
              jvmOptions.add(
                  "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
                      + Path.of(value).toAbsolutePath());
          default ->
              throw new IllegalArgumentException(
                  argument
                      + " is none of --streams=N,N,… --seconds=N --format=webm|frames --cpus=LIST"
                      + " --jfr=FILE");
        }
      }
      return new Options(steps, seconds, format, cpus, jvmOptions);
    }
  }

  private CapacityBench(Options options) throws Exception {
    this.options = options;
    leaveProcessorsTo(options.cpus());
    agent = new MeasuredAgent(options.cpus(), options.jvmOptions());
    agent.followEnvelopes(this::envelope);
  }

  /**
   * Measures and prints; ends after the first step with too many late pictures.
   *
   * @param arguments see the message of the exception for what is not understood
   */
  public static void main(String[] arguments) throws Exception {
    CapacityBench bench = new CapacityBench(Options.parse(arguments));
    try {
      bench.run();
    } finally {
      bench.agent.close();
      bench.harness.close();
    }
  }

  /** The benchmark's own threads stay off the agent's processors, where there are others. */
  private static void leaveProcessorsTo(String cpus) throws IOException, InterruptedException {
    int processors = Runtime.getRuntime().availableProcessors();
    List<String> others = new ArrayList<>();
    for (int i = 0; i < processors; i++) {
      if (!List.of(cpus.split(",", -1)).contains(Integer.toString(i))) {
        others.add(Integer.toString(i));
      }
    }
    if (others.isEmpty()) {
      return;
    }
    String own = Long.toString(ProcessHandle.current().pid());
    int outcome =
        new ProcessBuilder("taskset", "-apc", String.join(",", others), own)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (outcome != 0) {
      throw new IOException("taskset ends with " + outcome);
    }
  }

  private void run() throws Exception {
    System.out.printf(
        "720p30, 1.5 Mbit/s, format=%s, agent on processor %s; load average %s%n",
        options.format(), options.cpus(), Files.readString(Path.of("/proc/loadavg")).strip());
    System.out.println(
        "streams | late | lost | p50 | p95 | p99 ms | CPU % | per stream | allocated MB/s | per"
            + " stream kB/s | live MB | resident MB | threads | Mbit/s each | benchmark's CPU % |"
            + " its late turns");
    for (int streams : options.steps()) {
      while (senders.size() < streams) {
        addStream();
      }
      if (!measure()) {
        return;
      }
    }
  }

  // ---- Streams ----

  private void addStream() throws Exception {
    int number = senders.size();
    String channelId = "capacity-" + number;
    double phase = number * 0.618033988749895 % 1; // evenly spread, however many there are
    Sender[] made = new Sender[1];
    String[] offer = new String[1];
    harness
        .run(
            () -> {
              try {
                made[0] = new Sender(harness, phase, number);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
              offer[0] = made[0].offer();
            })
        .join();
    byChannel.put(channelId, made[0]);
    CountDownLatch answer = new CountDownLatch(1);
    answered.put(channelId, answer);
    ObjectNode request = JSON.createObjectNode().put("type", "call-request");
    request.putObject("media").put("audio", false).put("video", true);
    send(channelId, request);
    ObjectNode accept =
        JSON.createObjectNode().put("channel_id", channelId).put("remote_peer", PEER_NAME);
    accept.putObject("media").put("audio", false).put("video", false);
    agent.post("/api/call/accept", accept);
    send(channelId, JSON.createObjectNode().put("type", "call-offer").put("sdp", offer[0]));
    if (!answer.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
      throw new IOException("call " + number + " is not answered");
    }
    pages.add(new Page(harness, agent, channelId, options.format(), made[0], lateness));
    senders.add(made[0]);
  }

  private void send(String channelId, ObjectNode payload) throws IOException, InterruptedException {
    ObjectNode envelope =
        JSON.createObjectNode()
            .put("channel_id", channelId)
            .put("from", PEER_NAME)
            .put("to", OWN_NAME);
    envelope.set("payload", payload);
    agent.post("/api/signal/inbound", envelope);
  }

  private void envelope(JsonNode envelope) {
    String channelId = envelope.path("channel_id").asText();
    JsonNode payload = envelope.path("payload");
    Sender sender = byChannel.get(channelId);
    switch (payload.path("type").asText()) {
      case "call-answer" -> {
        harness.run(() -> sender.answer(payload.path("sdp").asText())).join();
        answered.get(channelId).countDown();
      }
      case "ice-candidate" -> {
        JsonNode candidate = payload.path("candidate");
        if (candidate.isObject()) {
          harness
              .run(
                  () ->
                      sender.candidate(
                          new IceCandidateInit(
                              candidate.path("candidate").asText(),
                              candidate.path("sdpMid").asText(),
                              candidate.path("sdpMLineIndex").asInt(),
                              candidate.path("usernameFragment").asText())))
              .join();
        }
      }
      case "call-error", "call-hangup" ->
          System.err.println("the agent says of " + channelId + ": " + payload);
      default -> {}
    }
  }

  // ---- Measuring ----

  /** Measures the streams that there are; tells whether they were in time. */
  private boolean measure() throws IOException, InterruptedException {
    awaitSpeed();
    TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
    long bytes = -bytes();
    harness
        .run(
            () -> {
              lateness.clear();
              senders.forEach(Sender::beginCounting);
            })
        .join();
    long own = ProcessHandle.current().pid();
    double ownSeconds = -MeasuredAgent.processorSeconds(own);
    double agentSeconds = -agent.processorSeconds();
    long allocated = -agent.allocatedBytes();
    long lateTurns = -harness.lateTurns();
    long nanos = -System.nanoTime();
    TimeUnit.SECONDS.sleep(options.seconds());
    nanos += System.nanoTime();
    allocated += agent.allocatedBytes();
    agentSeconds += agent.processorSeconds();
    ownSeconds += MeasuredAgent.processorSeconds(own);
    lateTurns += harness.lateTurns();
    bytes += bytes();
    long[] sent = new long[1];
    harness.run(() -> sent[0] = senders.stream().mapToLong(Sender::endCounting).sum()).join();
    double seconds = nanos / 1e9;
    int streams = senders.size();
    // A picture of each stream may still be on its way.
    long lost = Math.max(0, sent[0] - lateness.count() - streams);
    double late = (lateness.late() + lost) / (double) sent[0];
    System.out.printf(
        Locale.ROOT,
        "%7d | %.2f %% | %d | %.2f | %.2f | %.2f | %.1f | %.2f | %.1f | %.0f | %.1f | %.0f | %d"
            + " | %.2f | %.0f | %d%n",
        streams,
        100 * late,
        lost,
        lateness.millis(50),
        lateness.millis(95),
        lateness.millis(99),
        100 * agentSeconds / seconds,
        100 * agentSeconds / seconds / streams,
        allocated / seconds / 1e6,
        allocated / seconds / 1e3 / streams,
        agent.liveBytes() / 1e6,
        agent.residentBytes() / 1e6,
        agent.threads(),
        8 * bytes / seconds / 1e6 / streams,
        100 * ownSeconds / seconds,
        lateTurns);
    return late <= LATE_SHARE;
  }

  private long bytes() {
    long[] bytes = new long[1];
    harness.run(() -> bytes[0] = pages.stream().mapToLong(Page::bytes).sum()).join();
    return bytes[0];
  }

  private void awaitSpeed() throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_SECONDS);
    boolean[] ready = new boolean[1];
    while (true) {
      harness.run(() -> ready[0] = senders.stream().allMatch(Sender::isUpToSpeed)).join();
      if (ready[0]) {
        return;
      }
      if (System.nanoTime() > end) {
        throw new IOException("not every stream has come to 1.5 Mbit/s");
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }
}
