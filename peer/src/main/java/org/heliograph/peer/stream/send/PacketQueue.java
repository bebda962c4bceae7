package org.heliograph.peer.stream.send;

/**
 * Packets that wait for their turn, first in, first out: each named by its stream and its sequence
 * number, under which the stream's {@link PacketHistory} keeps it. Bounded, and without an object
 * for each packet.
 */
final class PacketQueue {
  private static final int FIRST_CAPACITY = 64;

  /** No more wait at a time: what a history holds. */
  static final int MAX_PACKETS = PacketHistory.VIDEO_CAPACITY;

  private SendStream[] streams = new SendStream[FIRST_CAPACITY];
  private int[] sequenceNumbers = new int[FIRST_CAPACITY];
  private int[] lengths = new int[FIRST_CAPACITY];
  private int head;
  private int size;
  private long bytes;

  /** Adds a packet, unless too many wait. */
  boolean add(SendStream stream, int sequenceNumber, int length) {
    if (size == MAX_PACKETS) {
      return false;
    }
    if (size == streams.length) {
      grow();
    }
    int tail = (head + size) & (streams.length - 1);
    streams[tail] = stream;
    sequenceNumbers[tail] = sequenceNumber;
    lengths[tail] = length;
    size++;
    bytes += length;
    return true;
  }

  private void grow() {
    int capacity = streams.length;
    SendStream[] oldStreams = streams;
    int[] oldNumbers = sequenceNumbers;
    int[] oldLengths = lengths;
    streams = new SendStream[2 * capacity];
    sequenceNumbers = new int[2 * capacity];
    lengths = new int[2 * capacity];
    for (int i = 0; i < size; i++) {
      int from = (head + i) & (capacity - 1);
      streams[i] = oldStreams[from];
      sequenceNumbers[i] = oldNumbers[from];
      lengths[i] = oldLengths[from];
    }
    head = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** What waits, in bytes of payload. */
  long bytes() {
    return bytes;
  }

  /** The first packet's stream. */
  SendStream firstStream() {
    return streams[head];
  }

  /** The first packet's sequence number. */
  int firstSequenceNumber() {
    return sequenceNumbers[head];
  }

  /** Takes the first packet away. */
  void removeFirst() {
    streams[head] = null;
    bytes -= lengths[head];
    head = (head + 1) & (streams.length - 1);
    size--;
  }

  /** Takes a stream's packets away. */
  void removeAll(SendStream stream) {
    for (int i = size; i > 0; i--) {
      SendStream owner = firstStream();
      int number = firstSequenceNumber();
      int length = lengths[head];
      removeFirst();
      if (!owner.equals(stream)) {
        add(owner, number, length);
      }
    }
  }
}
