package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.VirtualDisplay;
import org.heliograph.interop.lab.WailsApp;
import org.heliograph.interop.lab.Webview;

/**
 * Measures calls between Chromium and a WebKitGTK webview through the agent: start-up, time to the
 * first picture, latency in both formats, CPU and memory. docs/measurements.md has the results.
 */
public final class CallBench {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int STARTS = 3;
  private static final int WARM_CALLS = 3;
  private static final int LOAD_SECONDS = 30;

  /** {@code _SC_CLK_TCK} of Linux on every architecture. */
  private static final double TICKS_PER_SECOND = 100;

  private final VirtualDisplay display = new VirtualDisplay();
  private final SoundServer sound = new SoundServer();

  private static final String CONNECT = "--connect=";

  private CallBench() throws IOException {}

  /**
   * Measures everything; with {@code --connect=N} only how long N later calls of one agent take to
   * their first picture, in frames.
   */
  public static void main(String[] arguments) throws Exception {
    int connects = 0;
    for (String argument : arguments) {
      if (!argument.startsWith(CONNECT)) {
        throw new IllegalArgumentException("--connect=N, not " + argument);
      }
      connects = Integer.parseInt(argument.substring(CONNECT.length()));
    }
    System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).strip());
    CallBench bench = new CallBench();
    try {
      if (connects > 0) {
        bench.calls("frames", connects, false);
      } else {
        startUp();
        for (String format : List.of("webm", "frames")) {
          bench.calls(format, WARM_CALLS, true);
        }
      }
    } finally {
      bench.sound.close();
      bench.display.close();
    }
    System.out.println("load average " + Files.readString(Path.of("/proc/loadavg")).strip());
  }

  private static HeliographAgent agent() throws IOException {
    return new HeliographAgent("--media-camera=test", "--media-microphone=test");
  }

  private static void startUp() throws IOException {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      long begun = System.nanoTime();
      try (HeliographAgent _ = agent()) {
        millis.add((System.nanoTime() - begun) / 1e6);
      }
    }
    System.out.println("start of the process to \"ready\", ms: " + rounded(millis));
  }

  private void calls(String format, int warm, boolean whole) throws Exception {
    Path site = Files.createTempDirectory("heliograph-bench");
    Map<String, String> environment = new HashMap<>(display.environment());
    environment.putAll(sound.environment());
    try (HeliographAgent agent = agent();
        Page other = new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
        Webview app =
            new WailsApp(site)
                .open(environment, agent, format, false, Webview.Acceleration.ALWAYS)) {
      other.open(agent.invitation());
      other.evaluate(
          "globalThis.pictureCode = (() => { " + pictureCode() + "; return pictureCode; })()");
      other.evaluate("pictureCode.replaceDevices(620)");
      List<Double> first = new ArrayList<>();
      for (int i = 0; i <= warm; i++) {
        first.add(call(app, other));
        if (i < warm) {
          hangUp(app, other);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%s: answer to first picture on the page, ms: cold %.0f, warm %s%n",
          format,
          first.getFirst(),
          rounded(first.subList(1, first.size())));
      if (whole) {
        System.out.println(
            format + ": Chromium's canvas to the page, ms: " + latency(app, "remote"));
        System.out.println(
            format + ": agent's camera to the self-view, ms: " + latency(app, "own"));
        load(format, agent);
      }
      hangUp(app, other);
    }
  }

  /** The time, on the page's clock, from the call's "connecting" to a picture with a code. */
  private static double call(Page app, Page other) {
    app.await("app.connected", LIMIT);
    other.await("document.body.dataset.state === 'idle'", LIMIT);
    app.evaluate(
        """
        app.ended = null;
        globalThis.begun = null;
        globalThis.shown = null;
        globalThis.onState ??= app.client.addEventListener('state', ({ detail }) => {
          if (detail.state === 'connecting') begun ??= performance.now();
        }) ?? true;
        await app.call('guest');
        const look = () => {
          if (begun !== null && app.code(remote) !== null) shown = performance.now();
          else requestAnimationFrame(look);
        };
        look();
        """);
    other.await("document.body.dataset.state === 'ringing'", LIMIT);
    other.click("#accept");
    return app.await("shown !== null && { millis: shown - begun }", LIMIT).get("millis").asDouble();
  }

  private static void hangUp(Page app, Page other) {
    app.evaluate("await app.client.hangup(app.channel)");
    app.await("app.ended", LIMIT);
    other.await("document.body.dataset.state === 'idle'", LIMIT);
  }

  /** The code is the sender's wall clock, on the same machine. */
  private static String latency(Page app, String element) throws InterruptedException {
    TimeUnit.SECONDS.sleep(5);
    JsonNode seen =
        app.evaluate(
            """
            const seen = [];
            let last = null;
            const end = performance.now() + 10000;
            while (performance.now() < end) {
              const code = app.code(%s);
              if (code !== null && code !== last) {
                last = code;
                seen.push((Date.now() - code + 2 ** 24) %% 2 ** 24);
              }
              await new Promise(done => requestAnimationFrame(done));
            }
            return seen;
            """
                .formatted(element));
    double[] millis = new double[seen.size()];
    for (int i = 0; i < millis.length; i++) {
      millis[i] = seen.get(i).asDouble();
    }
    Arrays.sort(millis);
    return millis.length == 0
        ? "no picture"
        : "p50 %.0f, p95 %.0f of %d pictures"
            .formatted(millis[millis.length / 2], millis[millis.length * 95 / 100], millis.length);
  }

  /** CPU of half a minute of the call, by process, and memory at its end. */
  private static void load(String format, HeliographAgent agent) throws Exception {
    Map<Long, Double> before = processorSeconds();
    TimeUnit.SECONDS.sleep(LOAD_SECONDS);
    Map<Long, Double> after = processorSeconds();
    Map<String, double[]> byKind = new TreeMap<>();
    after.forEach(
        (pid, seconds) -> {
          if (before.containsKey(pid)) {
            double[] sum = byKind.computeIfAbsent(kind(pid, agent), _ -> new double[2]);
            sum[0] += seconds - before.get(pid);
            sum[1] += residentMegabytes(pid);
          }
        });
    byKind.forEach(
        (kind, sum) ->
            System.out.printf(
                Locale.ROOT,
                "%s: %s: %.1f %% of one core, %.0f MB resident%n",
                format,
                kind,
                100 * sum[0] / LOAD_SECONDS,
                sum[1]));
  }

  private static Map<Long, Double> processorSeconds() {
    Map<Long, Double> seconds = new HashMap<>();
    ProcessHandle.current()
        .descendants()
        .forEach(
            process -> {
              try {
                String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                double ticks = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
                seconds.put(process.pid(), ticks / TICKS_PER_SECOND);
              } catch (IOException ended) {
                // It has ended.
              }
            });
    return seconds;
  }

  private static String kind(long pid, HeliographAgent agent) {
    if (pid == agent.pid()) {
      return "agent";
    }
    try {
      String command = Files.readString(Path.of("/proc/" + pid + "/cmdline")).replace('\0', ' ');
      if (command.contains("chromedriver") || command.contains("Xvfb")) {
        return "test equipment";
      }
      if (command.contains("--type=renderer")) {
        return "Chromium renderer (its PeerConnection, codecs and the canvas camera)";
      }
      if (command.contains("chromium")) {
        return "Chromium's other processes";
      }
      return command.contains("WebKit") ? "webview" : "test equipment";
    } catch (IOException ended) {
      return "ended";
    }
  }

  private static double residentMegabytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return Double.parseDouble(line.replaceAll("\\D+", "")) / 1024;
        }
      }
    } catch (IOException ended) {
      // It has ended.
    }
    return 0;
  }

  private static String rounded(List<Double> millis) {
    return millis.stream().map(each -> "%.0f".formatted(each)).toList().toString();
  }

  private static String pictureCode() throws IOException {
    try (var stream = CallBench.class.getResourceAsStream("/picture-code.js")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
