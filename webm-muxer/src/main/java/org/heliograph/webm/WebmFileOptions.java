package org.heliograph.webm;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link WebmFile} is written.
 *
 * @param clusterDuration the longest that a cluster lasts, 100 ms to 30 s. A cluster is held in
 *     memory until it is whole, so this is also what a crash can lose
 * @param indexBytes how much room is kept for the index (Cues) in front of the clusters, 1 kB to 16
 *     MB; a cue takes about 25 bytes. When it is full, every other cue is left out
 * @param writingApp the name of the program that writes
 * @param title what the file is called within; empty for none
 * @param date when the file's time 0 was
 */
public record WebmFileOptions(
    Duration clusterDuration,
    int indexBytes,
    String writingApp,
    String title,
    Optional<Instant> date) {
  private static final Duration SHORTEST_CLUSTER = Duration.ofMillis(100);
  private static final int SMALLEST_INDEX = 1 << 10;
  private static final int LARGEST_INDEX = 16 << 20;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public WebmFileOptions {
    Objects.requireNonNull(writingApp, "writingApp");
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(date, "date");
    if (clusterDuration.compareTo(SHORTEST_CLUSTER) < 0
        || clusterDuration.compareTo(WebmOptions.MAX_CLUSTER_DURATION) > 0) {
      throw new IllegalArgumentException(
          "clusterDuration %s is not within %s to %s"
              .formatted(clusterDuration, SHORTEST_CLUSTER, WebmOptions.MAX_CLUSTER_DURATION));
    }
    if (indexBytes < SMALLEST_INDEX || indexBytes > LARGEST_INDEX) {
      throw new IllegalArgumentException(
          "indexBytes %d is not within %d to %d"
              .formatted(indexBytes, SMALLEST_INDEX, LARGEST_INDEX));
    }
  }

  /** Clusters of a second, and room for over a thousand cues: with one every 5 s, 90 minutes. */
  public static WebmFileOptions defaults() {
    return new WebmFileOptions(Duration.ofSeconds(1), 28 << 10, "Heliograph", "", Optional.empty());
  }

  /** The same with clusters of that duration. */
  public WebmFileOptions withClusterDuration(Duration duration) {
    return new WebmFileOptions(duration, indexBytes, writingApp, title, date);
  }

  /** The same with that much room for the index. */
  public WebmFileOptions withIndexBytes(int bytes) {
    return new WebmFileOptions(clusterDuration, bytes, writingApp, title, date);
  }

  /** The same with that title. */
  public WebmFileOptions withTitle(String newTitle) {
    return new WebmFileOptions(clusterDuration, indexBytes, writingApp, newTitle, date);
  }

  /** The same with that date. */
  public WebmFileOptions withDate(Instant newDate) {
    return new WebmFileOptions(
        clusterDuration, indexBytes, writingApp, title, Optional.of(newDate));
  }
}
