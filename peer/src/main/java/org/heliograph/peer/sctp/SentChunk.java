package org.heliograph.peer.sctp;

/** A DATA chunk that was sent and is not yet acknowledged with all those before it. */
final class SentChunk {
  /** The header of a DATA chunk with that of every chunk (RFC 9260 3.3.1). */
  static final int HEADER_LENGTH = 16;

  enum State {
    /** Sent; nothing is known of it. */
    UNDER_WAY,
    /** Lost; it is to be sent again. */
    LOST,
    /** The other side has it, but not all of those before it. */
    RECEIVED,
    /** Its message was given up; the other side is told to wait for it no more. */
    ABANDONED
  }

  private final OutgoingMessage message;
  private final int offset;
  private final int length;
  private State state = State.UNDER_WAY;
  private long sentNanos;
  private int transmissions;
  private int misses;
  private long missesCountFromTsn;

  SentChunk(OutgoingMessage message, int offset, int length) {
    this.message = message;
    this.offset = offset;
    this.length = length;
  }

  OutgoingMessage message() {
    return message;
  }

  int offset() {
    return offset;
  }

  /** The length of its part of the message. */
  int length() {
    return length;
  }

  /** What it counts against the windows. */
  int size() {
    return HEADER_LENGTH + length;
  }

  boolean isFirst() {
    return offset == 0;
  }

  boolean isLast() {
    return offset + length == message.length();
  }

  State state() {
    return state;
  }

  void setState(State state) {
    this.state = state;
  }

  /**
   * It goes out, for the first time or again.
   *
   * @param nextTsn the TSN after the last that was sent: only what is sent later than this chunk
   *     can show that it was lost
   */
  void transmitted(long nowNanos, long nextTsn) {
    state = State.UNDER_WAY;
    sentNanos = nowNanos;
    transmissions++;
    misses = 0;
    missesCountFromTsn = nextTsn;
  }

  long sentNanos() {
    return sentNanos;
  }

  int transmissions() {
    return transmissions;
  }

  /**
   * A chunk with that TSN came, and this one did not.
   *
   * @return how often that has happened
   */
  int missed(long newlyReceivedTsn) {
    return newlyReceivedTsn >= missesCountFromTsn ? ++misses : misses;
  }
}
