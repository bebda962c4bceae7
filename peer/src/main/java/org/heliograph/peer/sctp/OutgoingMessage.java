package org.heliograph.peer.sctp;

/** A message on its way out: how far it is, and until when it is worth sending. */
final class OutgoingMessage {
  private final SctpMessage message;
  private long deadlineNanos = Timer.NEVER;
  private int sent;
  private int streamSequence;
  private long firstTsn = -1;
  private long lastTsn;
  private boolean abandoned;

  OutgoingMessage(SctpMessage message) {
    this.message = message;
  }

  SctpMessage message() {
    return message;
  }

  int length() {
    return message.payload().remaining();
  }

  /** Its lifetime begins. */
  void startLife(long nowNanos) {
    message.lifetimeNanos().ifPresent(lifetime -> deadlineNanos = nowNanos + lifetime);
  }

  boolean isExpired(long nowNanos) {
    return nowNanos >= deadlineNanos;
  }

  /** Whether a part that was sent that often may be sent once more. */
  boolean mayBeSentAgain(int transmissions, long nowNanos) {
    return !isExpired(nowNanos)
        && transmissions <= message.maxRetransmits().orElse(Integer.MAX_VALUE);
  }

  boolean isBegun() {
    return firstTsn >= 0;
  }

  /** How many octets were not sent yet. */
  int remaining() {
    return length() - sent;
  }

  int sent() {
    return sent;
  }

  /** The first part is sent: it gets its number in the stream. */
  void begin(long tsn, int streamSequence) {
    firstTsn = tsn;
    this.streamSequence = streamSequence;
  }

  /** A part goes out under a TSN. */
  void advance(long tsn, int octets) {
    lastTsn = tsn;
    sent += octets;
  }

  int streamSequence() {
    return streamSequence;
  }

  long firstTsn() {
    return firstTsn;
  }

  long lastTsn() {
    return lastTsn;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  void abandon() {
    abandoned = true;
  }
}
