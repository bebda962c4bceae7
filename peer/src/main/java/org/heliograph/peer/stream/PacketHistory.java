package org.heliograph.peer.stream;

import java.nio.ByteBuffer;

/**
 * The last packets of a stream, for those that are asked for again. Each is kept without its header
 * extensions, which are new with each transmission. Its size is fixed and its storage is used again
 * and again.
 */
final class PacketHistory {
  /** A packet as it was first sent. */
  static final class Entry {
    private boolean used;
    private int sequenceNumber;
    private long timestamp;
    private boolean marker;
    private long firstSentNanos;
    private long lastSentNanos;
    private byte[] payload = new byte[0];
    private int payloadLength;

    int sequenceNumber() {
      return sequenceNumber;
    }

    long timestamp() {
      return timestamp;
    }

    boolean marker() {
      return marker;
    }

    int payloadLength() {
      return payloadLength;
    }

    long firstSentNanos() {
      return firstSentNanos;
    }

    long lastSentNanos() {
      return lastSentNanos;
    }

    void sentAgain(long nowNanos) {
      lastSentNanos = nowNanos;
    }

    void copyPayloadTo(ByteBuffer out) {
      out.put(payload, 0, payloadLength);
    }
  }

  private final Entry[] entries;

  /**
   * @param capacity how many packets are kept, a power of two
   */
  PacketHistory(int capacity) {
    entries = new Entry[capacity];
  }

  /** Keeps a packet in the place of the oldest. The payload is position to limit of the buffer. */
  void add(int sequenceNumber, long timestamp, boolean marker, ByteBuffer payload, long nowNanos) {
    int index = sequenceNumber & (entries.length - 1);
    Entry entry = entries[index];
    if (entry == null) {
      entry = new Entry();
      entries[index] = entry;
    }
    int length = payload.remaining();
    if (entry.payload.length < length) {
      entry.payload = new byte[length];
    }
    payload.get(payload.position(), entry.payload, 0, length);
    entry.used = true;
    entry.sequenceNumber = sequenceNumber;
    entry.timestamp = timestamp;
    entry.marker = marker;
    entry.payloadLength = length;
    entry.firstSentNanos = nowNanos;
    entry.lastSentNanos = nowNanos;
  }

  /** The packet of that number, 0 to 65535, or null if it is not kept any more. */
  Entry find(int sequenceNumber) {
    Entry entry = entries[sequenceNumber & (entries.length - 1)];
    return entry != null && entry.used && entry.sequenceNumber == sequenceNumber ? entry : null;
  }
}
