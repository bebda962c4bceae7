package org.heliograph.peer.stream.send;

import java.nio.ByteBuffer;
import org.heliograph.peer.stream.PayloadFormat;
import org.heliograph.peer.stream.Redundancy;

/**
 * The last packets of a stream, for those that are asked for again. Each is kept without its header
 * extensions, which are new with each transmission. Its size is fixed and its storage is used again
 * and again.
 */
final class PacketHistory {
  /** How many packets a video stream keeps, some seconds' worth; a power of two. */
  static final int VIDEO_CAPACITY = 1024;

  /** The same for sound. */
  static final int AUDIO_CAPACITY = 128;

  /** A packet as it was first sent, or is about to be. */
  static final class Entry {
    private boolean used;
    private boolean sent;
    private boolean queuedAgain;
    private PayloadFormat format;
    private int sequenceNumber;
    private long timestamp;
    private boolean marker;
    private int wrappedType;
    private long firstSentNanos;
    private long lastSentNanos;
    private byte[] payload = new byte[0];
    private int payloadLength;

    PayloadFormat format() {
      return format;
    }

    int sequenceNumber() {
      return sequenceNumber;
    }

    long timestamp() {
      return timestamp;
    }

    boolean marker() {
      return marker;
    }

    /** The payload type that it has within RED (RFC 2198), or {@link Redundancy#NONE}. */
    int wrappedType() {
      return wrappedType;
    }

    /** Whether it is forward error correction, which nobody needs a second time. */
    boolean isSum() {
      return wrappedType != Redundancy.NONE && wrappedType != format.payloadType();
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

    /** Whether it has left for the first time. */
    boolean sent() {
      return sent;
    }

    /** Whether it waits to be sent again. */
    boolean queuedAgain() {
      return queuedAgain;
    }

    void queueAgain() {
      queuedAgain = true;
    }

    void sentFirst(long nowNanos) {
      sent = true;
      firstSentNanos = nowNanos;
      lastSentNanos = nowNanos;
    }

    void sentAgain(long nowNanos) {
      queuedAgain = false;
      lastSentNanos = nowNanos;
    }

    /** The bytes that are kept, {@link #payloadLength()} of them. */
    byte[] payload() {
      return payload;
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

  /**
   * Keeps a packet in the place of the oldest.
   *
   * @param wrappedType the payload type that it has within RED, or {@link Redundancy#NONE}
   * @param payload its payload, position to limit
   */
  Entry add(
      PayloadFormat format,
      int sequenceNumber,
      long timestamp,
      boolean marker,
      int wrappedType,
      ByteBuffer payload) {
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
    entry.format = format;
    entry.sequenceNumber = sequenceNumber;
    entry.timestamp = timestamp;
    entry.marker = marker;
    entry.wrappedType = wrappedType;
    entry.payloadLength = length;
    entry.sent = false;
    entry.queuedAgain = false;
    return entry;
  }

  /** The packet of that number, 0 to 65535, or null if it is not kept any more. */
  Entry find(int sequenceNumber) {
    Entry entry = entries[sequenceNumber & (entries.length - 1)];
    return entry != null && entry.used && entry.sequenceNumber == sequenceNumber ? entry : null;
  }

  /** Keeps nothing of what there is. */
  void forgetAll() {
    for (Entry entry : entries) {
      if (entry != null) {
        entry.used = false;
      }
    }
  }
}
