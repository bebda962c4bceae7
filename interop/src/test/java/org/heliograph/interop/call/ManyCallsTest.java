package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.heliograph.agent.config.ConfigKey;
import org.heliograph.interop.call.AgentInProcess.Page;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.ResourceCount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many calls between agents, all real but for their small test pictures, which end at random
 * moments in every way there is; then nothing is left. docs/soak.md says what is counted.
 */
class ManyCallsTest {
  private static final int CALLS = Integer.getInteger("heliograph.calls", 500);
  private static final int CALLS_FIRST = 80;
  private static final int AT_A_TIME = 4;
  private static final long SEED = 20_261_120;

  /**
   * So much may differ without a leak, by what the JIT compiler holds at the moment: 50 kB a call.
   */
  private static final long NATIVE_BYTES_ALLOWED = 24L << 20;

  /** So many that none sends more envelopes a second than the rendezvous lets through. */
  private static final List<String> GUESTS = List.of("anna", "ben", "cleo", "dora", "emil", "fay");

  private static final String DOOMED = "doomed";

  /** Threads that are shared by all calls and whose number follows what goes on at a time. */
  private static final String POOLS =
      "heliograph-device-#|HttpClient-#-Worker-#|qtp#-#|JettyServerThreadPool.*|"
          + "ForkJoinPool.*|VirtualThread-unparker|Connector-Scheduler.*|C[12] CompilerThread#|"
          + ".*GC Thread#.*|MainThread|Cleaner-#|process reaper.*";

  /**
   * An agent remembers the last calls' names of each peer, how often he has rung, and for a minute
   * what it has logged; a lambda without variables lasts for ever.
   */
  private static final String LASTING =
      "org.heliograph.agent.call.UsedChannels\\$Newest|org.heliograph.signaling.RateLimit|"
          + "org.heliograph.text.RepeatedLog\\$.*|.*\\$\\$Lambda/.*";

  /** Javalin's ping threads are the process's. */
  private static final String THREADS_OF_AN_AGENT =
      "(heliograph-|encode|capture|Jetty|HttpClient).*";

  /** Java keeps one Unix socket of its own from when it first closes another one. */
  private static final String SOCKETS_OF_AN_AGENT = "socket (udp|tcp|that is closed)";

  @TempDir Path folder;
  private final Map<String, Integer> outcomes = new TreeMap<>();

  /** How far a call comes before somebody ends it. */
  private enum Moment {
    /** Nobody waits for anything: devices open, the request is on its way. */
    AT_ONCE,
    RINGING,
    /** The callee's devices open. */
    ACCEPTING,
    /** ICE checks and the DTLS handshake go on. */
    CONNECTING,
    CONNECTED
  }

  private enum EndedBy {
    CALLER,
    CALLEE,
    BOTH
  }

  @Test
  void nothingIsLeftOfCallsThatEndAtRandomMoments() throws Exception {
    ResourceCount atFirst = ResourceCount.now();
    List<AgentInProcess> agents = new ArrayList<>();
    try {
      AgentInProcess hub = new AgentInProcess("hub", folder, hubOptions());
      agents.add(hub);
      for (String name : GUESTS) {
        agents.add(guest(hub, name));
      }
      makeCalls(agents, CALLS_FIRST, SEED);
      ResourceCount before = ResourceCount.now();

      try (ExecutorService meanwhile = Executors.newSingleThreadExecutor()) {
        Future<?> vanished =
            meanwhile.submit(
                () -> {
                  callFromOneThatIsKilled(hub);
                  return null;
                });
        makeCalls(agents, CALLS, SEED + 1);
        vanished.get();
      }
      System.out.println("ManyCallsTest: " + outcomes);

      assertNothingIsLeft(() -> leftOfCalls(before));
      assertThat(ResourceCount.now().nativeBytes() - before.nativeBytes())
          .as("bytes of native memory more than before")
          .isLessThan(NATIVE_BYTES_ALLOWED);
    } finally {
      agents.reversed().forEach(AgentInProcess::close);
    }
    assertNothingIsLeft(() -> leftOfAgents(atFirst));
  }

  private static Map<ConfigKey, String> hubOptions() {
    Map<ConfigKey, String> options = options();
    options.put(ConfigKey.SIGNALING_TYPE, "rendezvous");
    options.put(ConfigKey.RENDEZVOUS_GUESTS, String.join(",", GUESTS) + "," + DOOMED);
    return options;
  }

  private AgentInProcess guest(AgentInProcess hub, String name) throws Exception {
    Map<ConfigKey, String> options = options();
    options.put(ConfigKey.SIGNALING_TYPE, "websocket");
    options.put(ConfigKey.SIGNALING_URL, hub.signalUrl());
    options.put(ConfigKey.SIGNALING_TOKEN, hub.invitation(name));
    return new AgentInProcess(name, folder, options);
  }

  private static Map<ConfigKey, String> options() {
    Map<ConfigKey, String> options = new HashMap<>();
    options.put(ConfigKey.MEDIA_CAMERA, "test");
    options.put(ConfigKey.MEDIA_MICROPHONE, "test");
    options.put(ConfigKey.MEDIA_VIDEO_WIDTH, "64");
    options.put(ConfigKey.MEDIA_VIDEO_HEIGHT, "48");
    options.put(ConfigKey.MEDIA_VIDEO_FPS, "15");
    options.put(ConfigKey.MEDIA_VIDEO_BITRATE, "60000");
    options.put(ConfigKey.ICE_INCLUDE_LOOPBACK, "true");
    options.put(ConfigKey.CALLS_MAX, "32");
    options.put(ConfigKey.CALLS_RING_TIMEOUT, "20");
    options.put(ConfigKey.CALLS_RINGS, "10000");
    return options;
  }

  // --- The calls --------------------------------------------------------------------------------

  private void makeCalls(List<AgentInProcess> agents, int number, long seed) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient();
        ExecutorService callers = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Page> pages = agents.stream().map(agent -> agent.open(http)).toList();
      // Whatever ends this: the client waits for its requests, and a page's events never end.
      try (AutoCloseable _ = () -> pages.forEach(Page::close)) {
        BlockingQueue<List<Page>> pairs = pairs(pages);
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < AT_A_TIME; i++) {
          Callable<Void> some =
              () -> {
                for (int call = next.getAndIncrement();
                    call < number;
                    call = next.getAndIncrement()) {
                  // Two calls of one pair at a time would be one that both began.
                  List<Page> pair = pairs.take();
                  makeCall(pair, new Random(seed * 1000 + call));
                  pairs.add(pair);
                }
                return null;
              };
          done.add(callers.submit(some));
        }
        for (Future<?> each : done) {
          each.get();
        }
        for (Page page : pages.subList(1, pages.size())) {
          assertThat(page.active()).as("calls of " + page.name()).isEmpty();
        }
      }
    }
  }

  /** Each guest with the hub, whose own envelopes nobody counts. */
  private static BlockingQueue<List<Page>> pairs(List<Page> pages) {
    Page hub = pages.getFirst();
    return pages.stream()
        .skip(1)
        .map(guest -> List.of(hub, guest))
        .collect(Collectors.toCollection(LinkedBlockingQueue::new));
  }

  private void makeCall(List<Page> pair, Random random) throws Exception {
    int first = random.nextInt(2);
    Page caller = pair.get(first);
    Page callee = pair.get(1 - first);
    String channel = new UUID(random.nextLong(), random.nextLong()).toString();
    if (random.nextInt(12) == 0) {
      bothCall(caller, callee, channel, random);
      return;
    }
    Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
    EndedBy endedBy = EndedBy.values()[random.nextInt(EndedBy.values().length)];
    String reached = "";
    CompletableFuture<Integer> started = start(caller, callee, channel, random);
    List<WebSocket> watching = new ArrayList<>();
    CompletableFuture<Integer> accepted = CompletableFuture.completedFuture(200);
    if (moment != Moment.AT_ONCE) {
      reached = callee.await(channel, "incoming", "ringing");
      if (moment != Moment.RINGING && !reached.startsWith("ended")) {
        accepted = callee.post("/api/call/accept", request(channel, caller));
        if (moment != Moment.ACCEPTING) {
          reached = caller.await(channel, "connecting", "connected");
        }
        if (moment == Moment.CONNECTED && !reached.startsWith("ended")) {
          reached = caller.await(channel, "connected");
          callee.await(channel, "connected");
          if (!reached.startsWith("ended")) {
            use(caller, callee, channel, random, watching);
          }
        }
      }
    }
    pause(random, moment == Moment.AT_ONCE ? 15 : 60);
    boolean known = moment != Moment.AT_ONCE;
    switch (endedBy) {
      case CALLER -> end(caller, channel, started);
      case CALLEE -> {
        if (known && random.nextBoolean()) {
          int _ = AgentInProcess.get(callee.post("/api/call/reject", named(channel)));
        }
        end(known ? callee : caller, channel, started);
      }
      case BOTH -> {
        CompletableFuture<Integer> other = callee.post("/api/call/hangup", named(channel));
        end(caller, channel, started);
        int _ = AgentInProcess.get(other);
      }
    }
    String how = caller.await(channel);
    if (known) {
      callee.await(channel);
    }
    int _ = AgentInProcess.get(accepted);
    leave(watching, random);
    count(moment + " " + how);
  }

  /** Both sides call each other at once; one of the two calls goes on. */
  private void bothCall(Page one, Page other, String channel, Random random) throws Exception {
    String back = new UUID(random.nextLong(), random.nextLong()).toString();
    CompletableFuture<Integer> forth = start(one, other, channel, random);
    pause(random, 5);
    CompletableFuture<Integer> fro = start(other, one, back, random);
    pause(random, 200);
    for (Map.Entry<Page, String> call : Map.of(one, channel, other, back).entrySet()) {
      CompletableFuture<Integer> started = call.getKey() == one ? forth : fro;
      end(call.getKey(), call.getValue(), started);
    }
    // Where one call has taken the other's place, only the other side may know it.
    for (String each : List.of(channel, back)) {
      for (Page page : List.of(one, other)) {
        if (!page.state(each).isEmpty()) {
          int _ = AgentInProcess.get(page.post("/api/call/hangup", named(each)));
          page.await(each);
        }
      }
    }
    count("both called");
  }

  /** A call that rings, and one that is up, when the other side is killed. */
  private void callFromOneThatIsKilled(AgentInProcess hub) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient();
        Page page = hub.open(http);
        HeliographAgent doomed =
            new HeliographAgent(
                "--peer-name=" + DOOMED,
                "--signaling-type=websocket",
                "--signaling-url=" + hub.signalUrl(),
                "--signaling-token=" + hub.invitation(DOOMED),
                "--media-camera=test",
                "--media-microphone=test",
                "--ice-include-loopback=true")) {
      doomed.awaitLog("Joined the rendezvous");
      List<String> channels = List.of("doomed-connected", "doomed-ringing");
      for (String channel : channels) {
        JsonNode _ =
            doomed.post(
                "/api/call/start", HeliographAgent.call(channel).put("remote_peer", hub.name()));
        page.await(channel, "incoming");
        if (!channel.endsWith("ringing")) {
          ObjectNode accept = HeliographAgent.call(channel).put("remote_peer", DOOMED);
          int _ = AgentInProcess.get(page.post("/api/call/accept", accept));
          page.await(channel, "connected");
        }
      }
      doomed.kill();
      for (String channel : channels) {
        count(channel + " " + page.await(channel));
      }
      assertThat(page.active()).as("calls of the hub").isEmpty();
    }
  }

  private static CompletableFuture<Integer> start(
      Page caller, Page callee, String channel, Random random) {
    ObjectNode request = request(channel, callee);
    request.putObject("media").put("audio", true).put("video", random.nextInt(5) != 0);
    return caller.post("/api/call/start", request);
  }

  /** What pages do in a call: they watch, mute, switch the camera. */
  private static void use(
      Page caller, Page callee, String channel, Random random, List<WebSocket> watching)
      throws Exception {
    if (random.nextBoolean()) {
      Viewer viewer = new Viewer();
      String format = random.nextBoolean() ? "webm" : "frames";
      watching.add(AgentInProcess.get(callee.watch(channel, format, viewer)));
      viewer.seen.await();
    }
    if (random.nextInt(3) == 0) {
      int _ = AgentInProcess.get(caller.post("/api/call/toggle-video", named(channel)));
      int _ = AgentInProcess.get(caller.post("/api/call/toggle-audio", named(channel)));
    }
  }

  /** Some pages go without a word; the agent closes the others' sockets itself. */
  private static void leave(List<WebSocket> watching, Random random) {
    for (WebSocket socket : watching) {
      if (random.nextBoolean()) {
        socket.abort();
      }
    }
  }

  /** Ends a call whose start may still be on its way. */
  private static void end(Page page, String channel, CompletableFuture<Integer> started) {
    int status = AgentInProcess.get(page.post("/api/call/hangup", named(channel)));
    if (status == 404) {
      int _ = AgentInProcess.get(started);
      status = AgentInProcess.get(page.post("/api/call/hangup", named(channel)));
    }
    assertThat(status).as("answer to a hang-up").isIn(200, 404);
  }

  private static void pause(Random random, int mostMillis) throws InterruptedException {
    TimeUnit.MICROSECONDS.sleep(random.nextInt(1000 * mostMillis));
  }

  private static ObjectNode request(String channel, Page peer) {
    return named(channel).put("remote_peer", peer.name());
  }

  private static ObjectNode named(String channel) {
    return HeliographAgent.call(channel);
  }

  private void count(String outcome) {
    synchronized (outcomes) {
      outcomes.merge(outcome, 1, Integer::sum);
    }
  }

  /** Counts down when the first media came. */
  private static final class Viewer implements WebSocket.Listener {
    final CountDownLatch seen = new CountDownLatch(1);

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer media, boolean last) {
      seen.countDown();
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      seen.countDown();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable cause) {
      seen.countDown();
    }
  }

  // --- What is left -----------------------------------------------------------------------------

  /** What ends with a call ends on threads of its own: it is given time, and no more than that. */
  private static void assertNothingIsLeft(Callable<List<String>> count) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    List<String> left = count.call();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      Thread.sleep(300);
      left = count.call();
    }
    assertThat(left).as("what there is more of than before the calls").isEmpty();
  }

  /** Everything but what is shared by all calls. */
  private static List<String> leftOfCalls(ResourceCount before) throws Exception {
    ResourceCount now = ResourceCount.now();
    List<String> left = new ArrayList<>();
    left.addAll(ResourceCount.more(before.threads(), now.threads(), name -> !name.matches(POOLS)));
    left.addAll(ResourceCount.more(before.files(), now.files(), _ -> true));
    left.addAll(
        ResourceCount.more(before.objects(), now.objects(), name -> !name.matches(LASTING)));
    return left;
  }

  /** The agents are closed: their pools and listeners are gone, too. */
  private static List<String> leftOfAgents(ResourceCount atFirst) throws Exception {
    ResourceCount now = ResourceCount.now();
    List<String> left = new ArrayList<>();
    left.addAll(
        ResourceCount.more(
            atFirst.threads(), now.threads(), name -> name.matches(THREADS_OF_AN_AGENT)));
    left.addAll(
        ResourceCount.more(
            atFirst.files(), now.files(), name -> name.matches(SOCKETS_OF_AN_AGENT)));
    return left;
  }
}
