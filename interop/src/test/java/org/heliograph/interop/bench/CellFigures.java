package org.heliograph.interop.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * What one stack achieved on one network. bench/README.md says how each figure is taken.
 *
 * @param framesSent pictures that the sender encoded in the measured time
 * @param framesDelivered pictures taken in the measured time that were handed out, each once
 * @param undecodable pictures that were handed out and could not be decoded
 * @param freezes times of more than 200 ms without a picture
 * @param frozenMillis their length together
 * @param longestFreezeMillis the longest
 * @param concealedPercent how much of the sound had to be made up
 * @param delayMedianMillis from the camera to the picture's being handed out
 * @param delay95Millis the same, the 95th percentile
 * @param ownBufferMillis how much of that libwebrtc says that its jitter buffer added on average;
 *     null for Heliograph, which has none
 * @param receivedKilobitsPerSecond what came through the network, all headers included
 * @param bottleneckUsePercent that as a share of what the bottleneck carries; null without one
 * @param width the pictures' width on average
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record CellFigures(
    long framesSent,
    long framesDelivered,
    long undecodable,
    int freezes,
    long frozenMillis,
    long longestFreezeMillis,
    double concealedPercent,
    long delayMedianMillis,
    long delay95Millis,
    Long ownBufferMillis,
    long receivedKilobitsPerSecond,
    Double bottleneckUsePercent,
    long width) {
  private static final long FREEZE_NANOS = 200_000_000;

  /** What a player holds back of sound that comes evenly. */
  private static final long PLAYER_BUFFER_NANOS = 60_000_000;

  /** What was needed so lately may be needed again. */
  private static final long PLAYER_REMEMBERS_NANOS = 2_000_000_000;

  /** How much faster than it comes a player plays sound to win back delay. */
  private static final double PLAYER_WINS_BACK = 0.1;

  private static final long GAP_TOLERANCE_NANOS = 1_000_000;

  /** What a side counted itself, at the beginning and at the end of the measured time. */
  record Marks(JsonNode begin, JsonNode end) {
    private double grown(String stream, String name) {
      return end.path(stream).path(name).asDouble() - begin.path(stream).path(name).asDouble();
    }

    private boolean has(String stream, String name) {
      return end.path(stream).has(name);
    }

    /** How many processor cores it was using. */
    double cores(double seconds) {
      return (end.path("processorSeconds").asDouble() - begin.path("processorSeconds").asDouble())
          / seconds;
    }
  }

  /**
   * Takes the figures.
   *
   * @param from when measuring began, on the clock of {@link System#nanoTime()}
   * @param received what the receiver was handed
   * @param through what the network let through towards it
   */
  static CellFigures of(
      NetworkRow row,
      long from,
      Marks sender,
      Marks receiver,
      JsonNode received,
      EmulatedPath.Counts through) {
    long to = from + row.seconds() * 1_000_000_000L;
    List<long[]> pictures = new ArrayList<>();
    List<Long> handedOut = new ArrayList<>();
    double widths = 0;
    for (JsonNode each : received.path("pictures")) {
      long nanos = each.get(0).asLong();
      if (nanos >= from && nanos <= to) {
        handedOut.add(nanos);
      }
      long delay = delayMillis(nanos, each.get(1).asInt());
      long taken = nanos - delay * 1_000_000;
      if (taken >= from && taken < to) {
        pictures.add(new long[] {each.get(1).asInt(), delay});
        widths += each.get(2).asInt();
      }
    }
    long[] delays = pictures.stream().mapToLong(each -> each[1]).sorted().toArray();
    long[] freezes = freezes(handedOut, from, to);
    long bits = 8 * through.deliveredBytes();
    return new CellFigures(
        framesSent(sender),
        pictures.stream().mapToLong(each -> each[0]).distinct().count(),
        received.path("undecodable").asLong(),
        freezes.length,
        Arrays.stream(freezes).sum(),
        Arrays.stream(freezes).max().orElse(0),
        concealedPercent(receiver, received, from, to),
        percentile(delays, 0.5),
        percentile(delays, 0.95),
        receiver.has("inbound-video", "jitterBufferDelay")
            ? Math.round(
                1000
                    * receiver.grown("inbound-video", "jitterBufferDelay")
                    / receiver.grown("inbound-video", "jitterBufferEmittedCount"))
            : null,
        bits / row.seconds() / 1000,
        row.capacityBits() == 0 ? null : rounded(100.0 * bits / row.capacityBits()),
        Math.round(widths / Math.max(1, pictures.size())));
  }

  private static long delayMillis(long nanos, int code) {
    long difference = Math.floorMod(Film.code(nanos) - code, Film.CODE_MODULUS);
    return difference > Film.CODE_MODULUS / 2 ? difference - Film.CODE_MODULUS : difference;
  }

  private static long framesSent(Marks sender) {
    String name = sender.has("outbound-video", "framesEncoded") ? "framesEncoded" : "framesSent";
    return Math.round(sender.grown("outbound-video", name));
  }

  private static long[] freezes(List<Long> handedOut, long from, long to) {
    List<Long> freezes = new ArrayList<>();
    long last = from;
    for (long nanos : handedOut) {
      addIfFrozen(freezes, nanos - last);
      last = nanos;
    }
    addIfFrozen(freezes, to - last);
    return freezes.stream().mapToLong(Long::longValue).toArray();
  }

  private static void addIfFrozen(List<Long> freezes, long nanos) {
    if (nanos > FREEZE_NANOS) {
      freezes.add(nanos / 1_000_000);
    }
  }

  /**
   * What libwebrtc counts as made up. Heliograph hands sound on and plays none, so the same kind of
   * player is put behind it: one that waits for what is late, plays with that delay from then on,
   * and wins it back little by little. What it had to wait for, and what never came, is made up.
   */
  private static double concealedPercent(Marks receiver, JsonNode received, long from, long to) {
    if (receiver.has("inbound-audio", "concealedSamples")) {
      return rounded(
          100
              * receiver.grown("inbound-audio", "concealedSamples")
              / receiver.grown("inbound-audio", "totalSamplesReceived"));
    }
    long shortest = Long.MAX_VALUE;
    for (JsonNode each : received.path("sounds")) {
      shortest = Math.min(shortest, each.get(0).asLong() - each.get(1).asLong());
    }
    long missing = 0;
    long delay = PLAYER_BUFFER_NANOS;
    Deque<long[]> lately = new ArrayDeque<>(); // when, and how late: the latest first
    long end = Long.MIN_VALUE;
    long lastHandedOut = from;
    for (JsonNode each : received.path("sounds")) {
      long nanos = each.get(0).asLong();
      if (nanos < from || nanos > to) {
        continue;
      }
      long time = each.get(1).asLong();
      long duration = each.get(2).asLong();
      if (end != Long.MIN_VALUE && time - end > GAP_TOLERANCE_NANOS) {
        missing += time - end;
      }
      long lateness = nanos - time - shortest;
      while (!lately.isEmpty() && lately.peekLast()[1] <= lateness) {
        lately.removeLast();
      }
      lately.addLast(new long[] {nanos, lateness});
      while (lately.peekFirst()[0] < nanos - PLAYER_REMEMBERS_NANOS) {
        lately.removeFirst();
      }
      long needed = Math.max(PLAYER_BUFFER_NANOS, lately.peekFirst()[1]);
      delay = Math.max(Math.min(delay, needed), delay - Math.round(duration * PLAYER_WINS_BACK));
      if (lateness > delay) {
        missing += lateness - delay;
        delay = lateness;
      }
      end = time + duration;
      lastHandedOut = nanos;
    }
    missing += Math.max(0, to - lastHandedOut - delay);
    return rounded(100.0 * missing / (to - from));
  }

  private static long percentile(long[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)];
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
