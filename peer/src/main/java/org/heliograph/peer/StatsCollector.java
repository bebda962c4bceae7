package org.heliograph.peer;

import java.time.Instant;
import java.util.List;
import org.heliograph.peer.ice.Candidate;

final class StatsCollector {
  StatsCollector(
      MediaTransport transport,
      MediaStreams streams,
      Negotiator negotiator,
      long nowNanos,
      Instant wallClock) {}

  List<Stats> collect(long nowNanos, List<Candidate> localCandidates) {
    return List.of();
  }
}
