package org.heliograph.peer.sctp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The messages that wait to be sent, stream by stream. Streams take turns, message by message,
 * because the parts of a message follow one another without a gap (RFC 9260 6.9).
 */
final class SendQueue {
  /** What a waiting message costs beside its payload, roughly. */
  private static final int MESSAGE_OVERHEAD = 128;

  private final SctpListener listener;
  private final long maxCost;
  private final Map<Integer, Stream> streams = new HashMap<>();
  private final Deque<Stream> turns = new ArrayDeque<>();
  private final List<OutgoingMessage> fresh = new ArrayList<>();
  private OutgoingMessage current;
  private long cost;

  private static final class Stream {
    private final Deque<OutgoingMessage> messages = new ArrayDeque<>();
    private int nextSequence;
    private boolean paused;
  }

  SendQueue(SctpListener listener, long maxCost) {
    this.listener = listener;
    this.maxCost = maxCost;
  }

  /** Whether there is room for a message of that length. */
  boolean accepts(int length) {
    return cost + length + MESSAGE_OVERHEAD <= maxCost;
  }

  void add(SctpMessage message) {
    OutgoingMessage outgoing = new OutgoingMessage(message);
    Stream stream = stream(message.stream());
    stream.messages.add(outgoing);
    cost += message.payload().remaining() + MESSAGE_OVERHEAD;
    if (message.lifetimeNanos().isPresent()) {
      fresh.add(outgoing);
    }
    if (stream.messages.size() == 1 && !stream.paused) {
      turns.add(stream);
    }
  }

  private Stream stream(int id) {
    return streams.computeIfAbsent(id, _ -> new Stream());
  }

  /** Lets the lives of the messages begin that were added since the last call. */
  void startLives(long nowNanos) {
    fresh.forEach(message -> message.startLife(nowNanos));
    fresh.clear();
  }

  /** The message whose next part is to be sent, or null. */
  OutgoingMessage next(long nowNanos) {
    if (current != null && (current.isBegun() || !current.isExpired(nowNanos))) {
      return current;
    }
    current = null;
    while (!turns.isEmpty()) {
      Stream stream = turns.peek();
      OutgoingMessage message = stream.messages.peek();
      if (!message.isExpired(nowNanos)) {
        current = message;
        return message;
      }
      // Nothing of it was sent, so nobody waits for it.
      dequeued(message, message.remaining());
      finish(stream);
    }
    return null;
  }

  /** A part of the message that {@link #next} gave goes out; its first gives it its number. */
  void sent(OutgoingMessage message, long tsn, int octets) {
    Stream stream = turns.peek();
    if (!message.isBegun()) {
      message.begin(tsn, message.message().ordered() ? stream.nextSequence++ : 0);
    }
    message.advance(tsn, octets);
    dequeued(message, octets);
    if (message.remaining() == 0) {
      finish(stream);
    }
  }

  /** A message that was begun is given up, and what was not sent of it with it. */
  void giveUp(OutgoingMessage message) {
    if (message == current) {
      Stream stream = turns.peek();
      dequeued(message, message.remaining());
      finish(stream);
    }
  }

  /** The stream's first message is done; the next stream has its turn. */
  private void finish(Stream stream) {
    current = null;
    turns.remove();
    cost -= MESSAGE_OVERHEAD;
    stream.messages.remove();
    if (!stream.messages.isEmpty()) {
      turns.add(stream);
    }
  }

  private void dequeued(OutgoingMessage message, int octets) {
    cost -= octets;
    listener.onDequeued(message.message(), octets);
  }

  /** Drops what was not begun on a stream. */
  void discard(int id) {
    Stream stream = stream(id);
    int kept = !stream.messages.isEmpty() && stream.messages.peek().isBegun() ? 1 : 0;
    while (stream.messages.size() > kept) {
      OutgoingMessage dropped = stream.messages.removeLast();
      cost -= MESSAGE_OVERHEAD;
      dequeued(dropped, dropped.remaining());
    }
    if (kept == 0) {
      turns.remove(stream);
      if (current != null && current.message().stream() == id) {
        current = null;
      }
    }
  }

  boolean isEmpty() {
    return turns.isEmpty();
  }

  /** Whether nothing waits on a stream. */
  boolean isEmpty(int id) {
    Stream stream = streams.get(id);
    return stream == null || stream.messages.isEmpty();
  }

  /** Nothing is sent on a stream until {@link #restart}. */
  void pause(int id) {
    stream(id).paused = true;
  }

  /** The stream begins anew. */
  void restart(int id) {
    Stream stream = stream(id);
    stream.paused = false;
    stream.nextSequence = 0;
    if (stream.messages.isEmpty()) {
      streams.remove(id);
    } else {
      turns.add(stream);
    }
  }
}
