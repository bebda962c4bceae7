package org.heliograph.agent.call;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.heliograph.peer.MediaKind;
import org.heliograph.record.RecordedStream;
import org.heliograph.session.TrackId;

/**
 * Which stream of one recording each track is. A track keeps its stream while the recording lasts;
 * the first of its kind and side is the stream of that name, unless another was that before.
 */
final class RecordedTracks {
  private final Map<TrackId, RecordedStream> streams = new ConcurrentHashMap<>();
  private final AtomicInteger lastNumber = new AtomicInteger(RecordedStream.FIRSTS);

  /**
   * The stream of a track whose frame has come; empty where there are too many.
   *
   * @param name what the track is called, if anything
   */
  Optional<RecordedStream> stream(
      TrackId track, MediaKind kind, boolean own, boolean first, Optional<String> name) {
    RecordedStream known = streams.get(track);
    return known == null ? add(track, kind, own, first, name) : Optional.of(known);
  }

  /** The stream of a track, if any of its frames has come. */
  Optional<RecordedStream> stream(TrackId track) {
    return Optional.ofNullable(streams.get(track));
  }

  private synchronized Optional<RecordedStream> add(
      TrackId track, MediaKind kind, boolean own, boolean first, Optional<String> name) {
    RecordedStream ofFirst = own ? RecordedStream.own(kind) : RecordedStream.remote(kind);
    if (first && !streams.containsValue(ofFirst)) {
      streams.put(track, ofFirst);
      return Optional.of(ofFirst);
    }
    if (lastNumber.get() >= RecordedStream.MAX_NUMBER) {
      return Optional.empty();
    }
    int number = lastNumber.incrementAndGet();
    String title = name.orElse(ofFirst.title() + " " + (number - RecordedStream.FIRSTS + 1));
    RecordedStream added = new RecordedStream(number, kind, own, title, Optional.of(track));
    streams.put(track, added);
    return Optional.of(added);
  }

  /** The track that a stream is, if any of its frames has come. */
  Optional<TrackId> of(RecordedStream stream) {
    return streams.entrySet().stream()
        .filter(entry -> entry.getValue().equals(stream))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
