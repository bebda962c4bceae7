package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Puts messages together from their parts, and those of a stream in order (RFC 9260 6.5, 6.6, 6.9).
 *
 * <p>The parts of a message have TSNs that follow one another. So parts are joined by TSN alone,
 * into runs, whatever stream they are of; a run with a beginning and an end is a message.
 */
final class Reassembly {
  /** What a part or a message that waits costs beside its payload, roughly. */
  private static final int PART_OVERHEAD = 128;

  private static final int LAST_FLAG = 1;
  private static final int FIRST_FLAG = 2;
  private static final int UNORDERED_FLAG = 4;

  private final SctpListener listener;
  private final int maxMessageLength;
  private final NavigableMap<Long, Run> byFirstTsn = new TreeMap<>();
  private final Map<Long, Run> byLastTsn = new HashMap<>();
  private final Map<Integer, Stream> streams = new HashMap<>();
  private long cost;

  /** Parts of one message with nothing missing between them. */
  private static final class Run {
    private final int stream;
    private final int sequence;
    private final boolean ordered;
    private Deque<byte[]> parts = new ArrayDeque<>();
    private final long payloadProtocol;
    private final long firstTsn;
    private long lastTsn;
    private final boolean hasFirst;
    private boolean hasLast;
    private int length;

    Run(long tsn, int flags, int stream, int sequence, long payloadProtocol, byte[] part) {
      this.stream = stream;
      this.ordered = (flags & UNORDERED_FLAG) == 0;
      this.sequence = sequence;
      this.payloadProtocol = payloadProtocol;
      this.firstTsn = tsn;
      this.lastTsn = tsn;
      this.hasFirst = (flags & FIRST_FLAG) != 0;
      this.hasLast = (flags & LAST_FLAG) != 0;
      this.length = part.length;
      parts.add(part);
    }

    boolean isComplete() {
      return hasFirst && hasLast;
    }

    boolean isOfSameMessage(Run other) {
      return stream == other.stream
          && ordered == other.ordered
          && (!ordered || sequence == other.sequence);
    }

    /** Takes over what follows. */
    Run join(Run next) {
      if (parts.size() >= next.parts.size()) {
        parts.addAll(next.parts);
      } else {
        while (!parts.isEmpty()) {
          next.parts.addFirst(parts.removeLast());
        }
        parts = next.parts;
      }
      lastTsn = next.lastTsn;
      hasLast = next.hasLast;
      length += next.length;
      return this;
    }

    int cost() {
      return length + PART_OVERHEAD * parts.size();
    }

    byte[] payload() {
      if (parts.size() == 1) {
        return parts.element();
      }
      ByteBuffer payload = ByteBuffer.allocate(length);
      parts.forEach(payload::put);
      return payload.array();
    }
  }

  /** Messages of a stream that are whole, and wait for those before them. */
  private static final class Stream {
    private final TreeMap<Long, Run> waiting = new TreeMap<>();
    private long nextSequence;
  }

  Reassembly(SctpListener listener, int maxMessageLength) {
    this.listener = listener;
    this.maxMessageLength = maxMessageLength;
  }

  /** What is held, in octets with what it costs beside. */
  long cost() {
    return cost;
  }

  /**
   * Takes a part that has not come before, and hands on what is whole by it and has its turn.
   *
   * @param flags those of its DATA chunk
   * @param payload copied
   */
  void add(long tsn, int flags, int stream, int sequence, long payloadProtocol, ByteBuffer payload)
      throws ProtocolViolation {
    byte[] part = new byte[payload.remaining()];
    payload.get(part);
    Run run = new Run(tsn, flags, stream, sequence, payloadProtocol, part);
    cost += run.cost();
    if (!run.hasFirst) {
      run = joined(byLastTsn.get(tsn - 1), run);
    }
    if (!run.hasLast) {
      run = joined(run, byFirstTsn.get(tsn + 1));
    }
    if (run.length > maxMessageLength) {
      throw new ProtocolViolation("a message is longer than " + maxMessageLength + " octets");
    }
    if (run.isComplete()) {
      complete(run);
    } else {
      byFirstTsn.put(run.firstTsn, run);
      byLastTsn.put(run.lastTsn, run);
    }
  }

  /** Joins two neighbours, one of which may be null: the one that is kept is not. */
  private Run joined(Run before, Run after) throws ProtocolViolation {
    if (before == null) {
      return after;
    }
    if (after == null) {
      return before;
    }
    if (before.hasLast || after.hasFirst || !before.isOfSameMessage(after)) {
      throw new ProtocolViolation("parts of two messages are mixed");
    }
    remove(before);
    remove(after);
    return before.join(after);
  }

  private void remove(Run run) {
    byFirstTsn.remove(run.firstTsn, run);
    byLastTsn.remove(run.lastTsn, run);
  }

  private void complete(Run message) {
    if (!message.ordered) {
      hand(message);
      return;
    }
    Stream stream = stream(message.stream);
    long sequence = Serial.unwrap16(message.sequence, stream.nextSequence);
    if (sequence == stream.nextSequence) {
      stream.nextSequence++;
      hand(message);
      handOnWaiting(stream);
    } else if (sequence < stream.nextSequence
        || stream.waiting.putIfAbsent(sequence, message) != null) {
      // Given up before, or its number was used twice.
      cost -= message.cost();
    }
  }

  private Stream stream(int id) {
    return streams.computeIfAbsent(id, _ -> new Stream());
  }

  private void handOnWaiting(Stream stream) {
    while (!stream.waiting.isEmpty() && stream.waiting.firstKey() == stream.nextSequence) {
      stream.nextSequence++;
      hand(stream.waiting.pollFirstEntry().getValue());
    }
  }

  private void hand(Run message) {
    cost -= message.cost();
    listener.onMessage(message.stream, message.payloadProtocol, message.payload());
  }

  /** What is incomplete up to a TSN was given up by the other side (RFC 3758 3.6). */
  void skipTo(long tsn) {
    while (!byFirstTsn.isEmpty() && byFirstTsn.firstKey() <= tsn) {
      Run run = byFirstTsn.pollFirstEntry().getValue();
      byLastTsn.remove(run.lastTsn);
      cost -= run.cost();
    }
  }

  /** A stream's messages up to a number were given up: those that are here have their turn. */
  void skipOn(int id, int sequence) {
    Stream stream = stream(id);
    long last = Serial.unwrap16(sequence, stream.nextSequence);
    while (!stream.waiting.isEmpty() && stream.waiting.firstKey() <= last) {
      hand(stream.waiting.pollFirstEntry().getValue());
    }
    stream.nextSequence = Math.max(stream.nextSequence, last + 1);
    handOnWaiting(stream);
  }

  /** A stream begins anew (RFC 6525 5.2.2). */
  void reset(int id) {
    Stream stream = streams.remove(id);
    if (stream != null) {
      stream.waiting.values().forEach(message -> cost -= message.cost());
    }
  }

  /** All streams begin anew. */
  void resetAll() {
    for (Integer id : streams.keySet().toArray(Integer[]::new)) {
      reset(id);
    }
  }
}
