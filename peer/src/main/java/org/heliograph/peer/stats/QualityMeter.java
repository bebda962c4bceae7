package org.heliograph.peer.stats;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.heliograph.peer.Stats;

/**
 * Grades a connection by what has changed between one {@code getStats} and the next, a few seconds
 * later.
 */
public final class QualityMeter {
  private Map<String, InboundRtpStreamStats> before = Map.of();

  /** Nothing seen yet. */
  public QualityMeter() {}

  /** The quality since the last call; of the first call, without what needs two. */
  public ConnectionQuality update(List<Stats> stats) {
    Map<String, InboundRtpStreamStats> now = new HashMap<>();
    of(stats, InboundRtpStreamStats.class).forEach(stream -> now.put(stream.id(), stream));
    ConnectionQuality quality =
        new ConnectionQuality(roundTripTime(stats), fractionLost(now, stats), pictureRate(now));
    before = now;
    return quality;
  }

  /** What the media itself measures, which is newer than what the checks of the path do. */
  private static OptionalDouble roundTripTime(List<Stats> stats) {
    OptionalDouble ofMedia =
        of(stats, RemoteInboundRtpStreamStats.class)
            .filter(stream -> stream.roundTripTime() != null)
            .mapToDouble(RemoteInboundRtpStreamStats::roundTripTime)
            .max();
    return ofMedia.isPresent() ? ofMedia : roundTripOfPath(stats);
  }

  private static OptionalDouble roundTripOfPath(List<Stats> stats) {
    Optional<String> selected =
        of(stats, TransportStats.class).map(TransportStats::selectedCandidatePairId).findFirst();
    return of(stats, IceCandidatePairStats.class)
        .filter(pair -> Optional.of(pair.id()).equals(selected))
        .filter(pair -> pair.currentRoundTripTime() != null)
        .mapToDouble(IceCandidatePairStats::currentRoundTripTime)
        .findFirst();
  }

  private OptionalDouble fractionLost(Map<String, InboundRtpStreamStats> now, List<Stats> stats) {
    DoubleStream received =
        now.values().stream()
            .filter(stream -> before.containsKey(stream.id()))
            .mapToDouble(stream -> fractionLost(before.get(stream.id()), stream));
    DoubleStream sent =
        of(stats, RemoteInboundRtpStreamStats.class)
            .mapToDouble(RemoteInboundRtpStreamStats::fractionLost);
    return DoubleStream.concat(received, sent).max();
  }

  private static double fractionLost(InboundRtpStreamStats before, InboundRtpStreamStats now) {
    long lost = Math.max(0, now.packetsLost() - before.packetsLost());
    long received = Math.max(0, now.packetsReceived() - before.packetsReceived());
    return lost == 0 ? 0 : (double) lost / (lost + received);
  }

  /** Empty where no picture came: a camera that is off is no bad connection. */
  private OptionalLong pictureRate(Map<String, InboundRtpStreamStats> now) {
    return now.values().stream()
        .filter(stream -> stream.kind().equals("video"))
        .filter(stream -> before.containsKey(stream.id()))
        .filter(stream -> stream.framesReceived() > before.get(stream.id()).framesReceived())
        .filter(stream -> stream.timestamp() > before.get(stream.id()).timestamp())
        .mapToLong(stream -> bitsPerSecond(before.get(stream.id()), stream))
        .max();
  }

  private static long bitsPerSecond(InboundRtpStreamStats before, InboundRtpStreamStats now) {
    double seconds = (now.timestamp() - before.timestamp()) / 1000;
    return Math.round((mediaBytes(now) - mediaBytes(before)) * Byte.SIZE / seconds);
  }

  /** What makes losses good in advance shows nothing of the picture. */
  private static long mediaBytes(InboundRtpStreamStats stream) {
    Long ofProtection = stream.fecBytesReceived();
    return stream.bytesReceived() - (ofProtection == null ? 0 : ofProtection);
  }

  private static <T extends Stats> Stream<T> of(List<Stats> stats, Class<T> type) {
    return stats.stream().filter(type::isInstance).map(type::cast);
  }
}
