package org.heliograph.webm;

import java.time.Duration;
import java.util.Objects;

/**
 * How a {@link WebmMuxer} writes.
 *
 * @param clusterDuration how much time a cluster holds before the next one begins; zero gives each
 *     packet its own cluster, which has the lowest latency
 * @param timecodeScale the unit of all times, 1 µs to 1 s; players expect {@linkplain #live() 1 ms}
 * @param writingApp the name of the program that writes
 */
public record WebmOptions(Duration clusterDuration, Duration timecodeScale, String writingApp) {
  /**
   * The longest cluster: a block's time within its cluster has 16 bits, and a cluster is held in
   * memory until it is whole.
   */
  public static final Duration MAX_CLUSTER_DURATION = Duration.ofSeconds(30);

  /**
   * @throws IllegalArgumentException if a duration is out of range
   */
  public WebmOptions {
    Objects.requireNonNull(writingApp, "writingApp");
    requireWithin("clusterDuration", clusterDuration, Duration.ZERO, MAX_CLUSTER_DURATION);
    requireWithin("timecodeScale", timecodeScale, Duration.ofNanos(1_000), Duration.ofSeconds(1));
  }

  /** One cluster per packet, in milliseconds. */
  public static WebmOptions live() {
    return new WebmOptions(Duration.ZERO, Duration.ofMillis(1), "Heliograph");
  }

  /** The same with clusters of that duration. */
  public WebmOptions withClusterDuration(Duration duration) {
    return new WebmOptions(duration, timecodeScale, writingApp);
  }

  private static void requireWithin(
      String name, Duration value, Duration smallest, Duration largest) {
    if (value.compareTo(smallest) < 0 || value.compareTo(largest) > 0) {
      throw new IllegalArgumentException(
          name + " " + value + " is not within " + smallest + " to " + largest);
    }
  }
}
