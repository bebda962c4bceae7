package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.heliograph.agent.log.Log;
import org.heliograph.interop.bench.LatencyFigures.Seen;
import org.heliograph.interop.bench.LatencyFigures.Spread;
import org.heliograph.interop.bench.Side.Stack;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.interop.lab.VirtualDisplay;
import org.heliograph.interop.lab.Webview;

/**
 * How late a page shows and plays a call, and how well it keeps picture and sound together: in a
 * real WebKitGTK webview and in real Chromium, by the codes in the pixels and beeps at the
 * loudspeaker, over an emulated network, in each way into the page; and beside them the same stream
 * through FFmpeg's live WebM and through Chromium's own WebRTC. bench/README.md says how.
 *
 * <pre>LatencyBench [--seconds=60] [--engines=…] [--ways=…] [CONDITION…]</pre>
 */
public final class LatencyBench implements AutoCloseable {
  private static final int VIDEO_BITS_PER_SECOND = 1_500_000;
  private static final int SETTLE_SECONDS = 6;
  private static final Duration OUTAGE = Duration.ofMillis(1500);
  private static final Duration AFTER_OUTAGE = Duration.ofSeconds(6);
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long SEED = 20_26;
  private static final int JOINS = 10;

  /**
   * What the sound server lets a program buffer: as a sound card would. Without it a null sink's
   * half a second is measured, in Chromium.
   */
  private static final String PLAY_OUT_MILLIS = "30";

  private enum Engine {
    WEBKITGTK,
    CHROMIUM
  }

  /** How the call comes into the page. */
  private enum Way {
    FRAMES_SILENT("WebCodecs, without sound"),
    FRAMES("WebCodecs"),
    WEBM("MediaSource"),
    FFMPEG("FFmpeg's live WebM, plain MediaSource"),
    WEBRTC("Chromium's own WebRTC");

    private final String title;

    Way(String title) {
      this.title = title;
    }
  }

  private enum Condition {
    CLEAN,
    JITTER_30,
    JITTER_60,
    OUTAGE,
    LOADED,
    /** The network is good, and the page comes and goes. */
    JOIN;

    PathConditions path() {
      Duration least = PathConditions.good().leastDelay();
      return switch (this) {
        case CLEAN, OUTAGE, LOADED, JOIN -> PathConditions.good();
        case JITTER_30 ->
            PathConditions.good()
                .withJitter(least, least.plusMillis(30), PathConditions.Jitter.DRIFTING);
        case JITTER_60 ->
            PathConditions.good()
                .withJitter(least, least.plusMillis(60), PathConditions.Jitter.DRIFTING);
      };
    }
  }

  private final int seconds;
  private final SoundServer sound = new SoundServer();
  private final Ear ear = new Ear(sound);
  private final VirtualDisplay display = new VirtualDisplay();
  private final LatencySite site = new LatencySite();
  private final Path folder = Files.createTempDirectory("heliograph-latency");
  private final Side sender =
      new Side(Stack.HELIOGRAPH, true, VIDEO_BITS_PER_SECOND, sound.environment());
  private final AgentParticipant agent =
      new AgentParticipant("--ice-include-loopback=true", "--api-allowed-origins=" + site.origin());
  private int calls;

  private LatencyBench(int seconds) throws IOException {
    this.seconds = seconds;
    site.offer(agent);
  }

  /** Measures what is named, or all. */
  public static void main(String[] arguments) throws Exception {
    Log.setLevel("warn");
    int seconds = 60;
    Set<Engine> engines = EnumSet.allOf(Engine.class);
    Set<Way> ways = EnumSet.allOf(Way.class);
    Set<Condition> conditions = EnumSet.noneOf(Condition.class);
    for (String argument : arguments) {
      if (argument.startsWith("--seconds=")) {
        seconds = Integer.parseInt(value(argument));
      } else if (argument.startsWith("--engines=")) {
        engines = some(Engine.class, value(argument));
      } else if (argument.startsWith("--ways=")) {
        ways = some(Way.class, value(argument));
      } else {
        conditions.addAll(some(Condition.class, argument));
      }
    }
    if (conditions.isEmpty()) {
      conditions = EnumSet.allOf(Condition.class);
    }
    System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).strip());
    try (LatencyBench bench = new LatencyBench(seconds)) {
      for (Engine engine : engines) {
        bench.measure(engine, ways, conditions);
      }
    }
    System.exit(0);
  }

  private static String value(String argument) {
    return argument.substring(argument.indexOf('=') + 1);
  }

  private static <E extends Enum<E>> Set<E> some(Class<E> type, String names) {
    Set<E> found = EnumSet.noneOf(type);
    for (String name : names.split(",", -1)) {
      found.add(Enum.valueOf(type, name.toUpperCase(Locale.ROOT).replace('-', '_')));
    }
    return found;
  }

  private void measure(Engine engine, Set<Way> ways, Set<Condition> conditions) throws Exception {
    try (Page page = open(engine)) {
      page.await("typeof page === 'object'", LIMIT);
      Set<Way> throughAgent = EnumSet.copyOf(ways);
      throughAgent.remove(Way.WEBRTC);
      if (!throughAgent.isEmpty()) {
        try (NetworkCall call = new NetworkCall(sender, agent, channel(), SEED);
            AgentTap tap = new AgentTap(agent.agent(), agent.channel())) {
          for (Way way : throughAgent) {
            show(page, way);
            for (Condition condition : conditions) {
              if (condition == Condition.JOIN) {
                join(engine, way, page);
              } else {
                measure(engine, way, condition, page, call, tap);
              }
            }
            page.evaluate("page.hide()");
          }
        }
      }
      if (ways.contains(Way.WEBRTC) && engine == Engine.CHROMIUM) {
        try (BrowserParticipant browser = new BrowserParticipant(page);
            NetworkCall call = new NetworkCall(sender, browser, channel(), SEED)) {
          for (Condition condition : conditions) {
            if (condition != Condition.JOIN) {
              measure(engine, Way.WEBRTC, condition, page, call, null);
            }
          }
        }
      }
    }
  }

  private String channel() {
    return "latency-" + ++calls;
  }

  private Page open(Engine engine) throws IOException {
    Map<String, String> environment = new HashMap<>(sound.environment());
    environment.put("PULSE_LATENCY_MSEC", PLAY_OUT_MILLIS);
    return switch (engine) {
      case WEBKITGTK -> {
        environment.putAll(display.environment());
        yield new Webview(environment, folder, site.origin() + "/");
      }
      case CHROMIUM -> {
        Page page =
            new Chromium(environment, List.of("--autoplay-policy=no-user-gesture-required"));
        page.open(site.origin() + "/");
        yield page;
      }
    };
  }

  private void show(Page page, Way way) {
    switch (way) {
      case FFMPEG -> page.evaluate("page.showPlain('" + site.liveAddress() + "')");
      default ->
          page.evaluate(
              "await page.showElement(%s, %s)"
                  .formatted(attributes(way), way != Way.FRAMES_SILENT));
    }
    page.await("page.seen.length > 10", LIMIT);
  }

  /** Of the element that shows the call. */
  private ObjectNode attributes(Way way) {
    return Program.JSON
        .createObjectNode()
        .put("agent", agent.agent().url())
        .put("token", agent.agent().token())
        .put("channel", agent.channel())
        .put("format", way == Way.WEBM ? "webm" : "frames");
  }

  /**
   * How soon who joins in the middle of the call sees a whole picture: an element that is put into
   * the page, and a page that is loaded again.
   */
  private void join(Engine engine, Way way, Page page) throws Exception {
    if (way == Way.FFMPEG) {
      return;
    }
    String withSound = Boolean.toString(way != Way.FRAMES_SILENT);
    String join = "return await page.join(%s, %s)".formatted(attributes(way), withSound);
    String comeBack =
        "location.hash = encodeURIComponent(JSON.stringify([%s, %s])); location.reload()"
            .formatted(attributes(way), withSound);
    Random chance = new Random(SEED);
    List<Double> elements = new ArrayList<>();
    List<Double> reloads = new ArrayList<>();
    for (int i = 0; i < JOINS; i++) {
      page.evaluate("page.hide()");
      // Some find a key frame that has just come, others have one asked for.
      TimeUnit.MILLISECONDS.sleep(chance.nextInt(200, 4000));
      elements.add(page.evaluate(join).asDouble());
    }
    for (int i = 0; i < JOINS; i++) {
      page.evaluate("page.old = true; setTimeout(() => { " + comeBack + " })");
      TimeUnit.MILLISECONDS.sleep(chance.nextInt(2000, 5000));
      reloads.add(page.await("!page.old && page.joined", LIMIT).asDouble());
    }
    System.out.printf(
        Locale.ROOT,
        "%-9s %-38s %-9s element to picture %9s, at most %.0f  reload to picture %9s, at most"
            + " %.0f%n",
        engine.name().toLowerCase(Locale.ROOT),
        way.title,
        "join",
        Spread.of(elements),
        Collections.max(elements),
        Spread.of(reloads),
        Collections.max(reloads));
  }

  /** One line of the result. */
  private void measure(
      Engine engine, Way way, Condition condition, Page page, NetworkCall call, AgentTap tap)
      throws Exception {
    call.path().setConditions(condition.path());
    try (Load _ = condition == Condition.LOADED ? new Load() : null) {
      TimeUnit.SECONDS.sleep(SETTLE_SECONDS);
      page.evaluate("page.seen = []; page.problems = []");
      long from = System.nanoTime();
      long outageEnd = 0;
      if (condition == Condition.OUTAGE) {
        call.path().setConditions(condition.path().withLoss(1, 1));
        TimeUnit.NANOSECONDS.sleep(OUTAGE.toNanos());
        call.path().setConditions(condition.path());
        outageEnd = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep(AFTER_OUTAGE.toNanos());
        from = System.nanoTime();
      }
      TimeUnit.SECONDS.sleep(seconds);
      long to = System.nanoTime();
      List<Seen> seen = seen(page);
      LatencyFigures figures =
          LatencyFigures.of(
              from,
              to,
              seen,
              tap == null ? Map.of() : tap.pictures(),
              ear.beeps(),
              tap == null ? Map.of() : tap.beeps());
      print(engine, way, condition, figures, back(outageEnd, seen));
      JsonNode problems = page.evaluate("return page.problems");
      if (!problems.isEmpty()) {
        System.out.println("  the page complains: " + problems);
      }
    }
  }

  /** After how many milliseconds a picture was seen that was taken after the outage. */
  private static double back(long outageEnd, List<Seen> seen) {
    return seen.stream()
        .filter(picture -> picture.nanos() > outageEnd)
        .filter(picture -> (picture.nanos() - outageEnd) / 1e6 >= picture.age())
        .mapToDouble(picture -> (picture.nanos() - outageEnd) / 1e6)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static List<Seen> seen(Page page) {
    Instant now = Instant.now();
    double clockOffset = now.getEpochSecond() * 1e3 + now.getNano() / 1e6 - System.nanoTime() / 1e6;
    List<Seen> seen = new ArrayList<>();
    for (JsonNode each : page.evaluate("return page.seen")) {
      long nanos = (long) ((each.get(1).asDouble() - clockOffset) * 1e6);
      seen.add(new Seen(each.get(0).asInt(), nanos));
    }
    return seen;
  }

  private static void print(
      Engine engine, Way way, Condition condition, LatencyFigures figures, double back) {
    System.out.printf(
        Locale.ROOT,
        "%-9s %-38s %-9s agent to picture %9s  to sound %9s  camera to picture %9s"
            + "  to sound %9s  sound behind picture %9s  growth %4.0f  shown %3.0f %%"
            + "  standstill %4.0f%s%n",
        engine.name().toLowerCase(Locale.ROOT),
        way.title,
        condition.name().toLowerCase(Locale.ROOT),
        figures.agentToPicture(),
        figures.agentToSound(),
        figures.cameraToPicture(),
        figures.microphoneToSound(),
        figures.soundBehindPicture(),
        figures.growth(),
        figures.shownPercent(),
        figures.longestStandstill(),
        condition == Condition.OUTAGE ? "  back after %.0f".formatted(back) : "");
  }

  /** Keeps every processor busy. */
  private static final class Load implements AutoCloseable {
    private final List<Subprocess> loops = new ArrayList<>();

    Load() {
      for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
        loops.add(Subprocess.start(Map.of(), List.of("sh", "-c", "while :; do :; done")));
      }
    }

    @Override
    public void close() {
      loops.forEach(Subprocess::close);
    }
  }

  @Override
  public void close() {
    sender.close();
    agent.close();
    site.close();
    ear.close();
    sound.close();
    display.close();
    Subprocess.deleteTree(folder);
  }
}
