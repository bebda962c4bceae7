package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.bench.PathConditions.Jitter;

/**
 * One long call between two sides of Heliograph over a network that gets worse and better again
 * every minute. Prints a line a minute; at the end it fails unless pictures and sound came to the
 * end, stayed together, and neither process held more than before. docs/soak.md says how.
 *
 * <pre>Soak [MINUTES]</pre>
 */
public final class Soak {
  private static final int VIDEO_BITS_PER_SECOND = 1_000_000;
  private static final int GOOD_SECONDS = 20;
  private static final int OUTAGE_SECONDS = 2;
  private static final int BAD_UNTIL_SECOND = 42;
  private static final int REBIND_EVERY_MINUTES = 3;
  private static final long MINUTE_NANOS = 60_000_000_000L;

  /** Pictures must come in the last part of every minute, when the network is good again. */
  private static final long FLOW_NANOS = 10_000_000_000L;

  /**
   * Of the 1800 that a minute's camera takes; the outage alone costs 60, and at 300 kbit/s the
   * encoder takes fewer.
   */
  private static final int LEAST_PICTURES = 1000;

  private static final double MOST_DRIFT_MILLIS = 40;
  private static final long MOST_HEAP_GROWTH = 8L << 20;
  private static final long MOST_GROWTH_OUTSIDE = 16L << 20;
  private static final long MOST_RESIDENT_GROWTH = 64L << 20;
  private static final int MOST_MORE_THREADS_OR_FILES = 3;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** What a minute's bad part is like. */
  private record Weather(String name, PathConditions conditions) {}

  private static final List<Weather> WEATHERS =
      List.of(
          new Weather("5 % loss", PathConditions.good().withLoss(0.05, 1)),
          new Weather(
              "jitter",
              PathConditions.good()
                  .withJitter(Duration.ofMillis(40), Duration.ofMillis(160), Jitter.DRIFTING)),
          new Weather(
              "300 kbit/s", PathConditions.good().withBottleneck(300_000, Duration.ofMillis(300))),
          new Weather("bursts of loss", PathConditions.good().withLoss(0.05, 6)),
          new Weather(
              "reordering", PathConditions.good().withReordering(0.03, Duration.ofMillis(20))),
          new Weather(
              "1 Mbit/s", PathConditions.good().withBottleneck(1_000_000, Duration.ofMillis(300))),
          new Weather("20 % loss", PathConditions.good().withLoss(0.20, 1)));

  /** What both processes hold. */
  private record Holdings(long heap, long outside, long resident, int threads, int files) {
    static Holdings of(JsonNode resources) {
      return new Holdings(
          resources.path("heap").asLong(),
          resources.path("native").asLong(),
          resources.path("resident").asLong(),
          resources.path("threads").asInt(),
          resources.path("files").asInt());
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "heap %.1f MB, outside it %.1f MB, resident %d MB, %d threads, %d files",
          heap / 1048576.0,
          outside / 1048576.0,
          resident >> 20,
          threads,
          files);
    }
  }

  /**
   * A minute's outcome.
   *
   * @param skewMillis how much more sound than picture was on its way at its quickest; only its
   *     changes mean something
   */
  private record Minute(double skewMillis, Holdings sender, Holdings receiver) {}

  private final int minutes;
  private final List<String> failures = new ArrayList<>();
  private final List<Minute> measured = new ArrayList<>();

  private Soak(int minutes) {
    this.minutes = minutes;
  }

  /** Takes the number of minutes, 60 where none is given. */
  public static void main(String[] arguments) throws Exception {
    int minutes = arguments.length == 0 ? 60 : Integer.parseInt(arguments[0]);
    if (minutes < 2) {
      throw new IllegalArgumentException("nothing can be compared in less than 2 minutes");
    }
    Soak soak = new Soak(minutes);
    try (Side sender = side(true);
        Side receiver = side(false);
        NetworkCall call = new NetworkCall(sender, receiver, "soak", 1)) {
      long start = System.nanoTime();
      for (int minute = 0; minute < minutes; minute++) {
        soak.minute(minute, start + minute * MINUTE_NANOS, sender, receiver, call.path());
      }
    }
    soak.compare();
    soak.failures.forEach(System.out::println);
    System.out.println(
        soak.failures.isEmpty()
            ? minutes + " minutes, and nothing is amiss"
            : soak.failures.size() + " things are amiss");
    System.exit(soak.failures.isEmpty() ? 0 : 1);
  }

  private static Side side(boolean sends) throws java.io.IOException {
    return new Side(Side.Stack.HELIOGRAPH, sends, VIDEO_BITS_PER_SECOND, Map.of());
  }

  /** The whole way of a minute: good, bad, gone, good again; then what came of it. */
  private void minute(int minute, long from, Side sender, Side receiver, EmulatedPath path)
      throws InterruptedException {
    Weather weather = WEATHERS.get(minute % WEATHERS.size());
    boolean rebinds = minute % REBIND_EVERY_MINUTES == 1;
    path.setConditions(PathConditions.good());
    sleepUntil(from + TimeUnit.SECONDS.toNanos(GOOD_SECONDS));
    path.setConditions(weather.conditions());
    sleepUntil(from + TimeUnit.SECONDS.toNanos(BAD_UNTIL_SECOND - OUTAGE_SECONDS));
    path.setConditions(PathConditions.good().withLoss(1, 1));
    sleepUntil(from + TimeUnit.SECONDS.toNanos(BAD_UNTIL_SECOND));
    path.setConditions(PathConditions.good());
    if (rebinds) {
      path.rebindSender();
    }
    long to = from + MINUTE_NANOS;
    sleepUntil(to);
    JsonNode received = ask(receiver, "report");
    Minute result =
        new Minute(
            skewMillis(received),
            Holdings.of(ask(sender, "resources")),
            Holdings.of(ask(receiver, "resources")));
    measured.add(result);
    int pictures = received.path("pictures").size();
    if (pictures < LEAST_PICTURES) {
      failures.add("minute " + (minute + 1) + ": only " + pictures + " pictures");
    }
    if (!flows(received, "pictures", to) || !flows(received, "sounds", to)) {
      failures.add("minute " + (minute + 1) + ": pictures or sound did not come back");
    }
    System.out.printf(
        Locale.ROOT,
        "minute %d, %s%s: %d pictures, %d undecodable, %d packets of sound, sound against picture"
            + " %+.0f ms; sender %s; receiver %s%n",
        minute + 1,
        weather.name(),
        rebinds ? ", a new path" : "",
        pictures,
        received.path("undecodable").asInt(),
        received.path("sounds").size(),
        result.skewMillis() - measured.getFirst().skewMillis(),
        result.sender(),
        result.receiver());
  }

  private static JsonNode ask(Side side, String question) {
    side.tell(question);
    return side.await(question, LIMIT);
  }

  private static boolean flows(JsonNode received, String kind, long to) {
    for (JsonNode each : received.path(kind)) {
      if (to - each.get(0).asLong() < FLOW_NANOS) {
        return true;
      }
    }
    return false;
  }

  /**
   * How much earlier on the common time line sound stands than picture, for what was quickest on
   * its way: the path's delay is the same for both in a good part of the minute, and falls out.
   */
  private static double skewMillis(JsonNode received) {
    return (quickest(received.path("sounds"), 1) - quickest(received.path("pictures"), 3)) / 1e6;
  }

  private static long quickest(JsonNode frames, int timeColumn) {
    long quickest = Long.MAX_VALUE;
    for (JsonNode each : frames) {
      quickest = Math.min(quickest, each.get(0).asLong() - each.get(timeColumn).asLong());
    }
    return quickest;
  }

  /** The last minute beside an early one, in which all classes are loaded and all pools filled. */
  private void compare() {
    int settled = Math.max(1, minutes / 6);
    Minute early = measured.get(settled - 1);
    Minute last = measured.getLast();
    for (Minute minute : measured) {
      double drift = minute.skewMillis() - measured.getFirst().skewMillis();
      if (Math.abs(drift) > MOST_DRIFT_MILLIS) {
        failures.add(String.format(Locale.ROOT, "sound and picture are %.0f ms apart", drift));
      }
    }
    compare("sender", early.sender(), last.sender());
    compare("receiver", early.receiver(), last.receiver());
  }

  private void compare(String side, Holdings early, Holdings last) {
    if (last.heap() - early.heap() > MOST_HEAP_GROWTH
        || last.outside() - early.outside() > MOST_GROWTH_OUTSIDE
        || last.resident() - early.resident() > MOST_RESIDENT_GROWTH
        || last.threads() - early.threads() > MOST_MORE_THREADS_OR_FILES
        || last.files() - early.files() > MOST_MORE_THREADS_OR_FILES) {
      failures.add("the " + side + " holds more: " + early + " → " + last);
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
