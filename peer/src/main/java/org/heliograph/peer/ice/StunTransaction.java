package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A request under way, with the retransmissions of RFC 8489 6.2.1: the interval doubles from one to
 * the next, but here not beyond two seconds, so that a lost path is known as such in time.
 */
final class StunTransaction {
  /** The least first interval that RFC 8445 14.3 allows. */
  static final Duration INITIAL_RTO = Duration.ofMillis(500);

  /** The first interval while a path that was lost is replaced, when a lost packet costs more. */
  static final Duration RECOVERY_RTO = Duration.ofMillis(200);

  private static final Duration MAX_RTO = Duration.ofSeconds(2);

  private final TransactionId id;
  private final InetSocketAddress local;
  private final InetSocketAddress remote;
  private final ByteBuffer request;
  private final long firstSentNanos;
  private int transmissionsLeft;
  private int transmissions = 1;
  private long rtoNanos;
  private long dueNanos;

  /**
   * A request that is sent now for the first time.
   *
   * @param request copied
   * @param transmissions how often it is sent at most, this time included
   */
  StunTransaction(
      long nowNanos,
      TransactionId id,
      InetSocketAddress local,
      InetSocketAddress remote,
      ByteBuffer request,
      int transmissions,
      Duration rto) {
    this.id = id;
    this.local = local;
    this.remote = remote;
    this.request = ByteBuffer.allocate(request.remaining()).put(request.duplicate()).flip();
    firstSentNanos = nowNanos;
    transmissionsLeft = transmissions - 1;
    rtoNanos = rto.toNanos();
    dueNanos = nowNanos + rtoNanos;
  }

  TransactionId id() {
    return id;
  }

  InetSocketAddress local() {
    return local;
  }

  InetSocketAddress remote() {
    return remote;
  }

  /** The time since the request left. */
  long elapsedNanos(long nowNanos) {
    return nowNanos - firstSentNanos;
  }

  /** Whether it was sent more than once, so that nobody knows which one an answer belongs to. */
  boolean isRetransmitted() {
    return transmissions > 1;
  }

  /** When to retransmit or give up. */
  long dueNanos() {
    return dueNanos;
  }

  /** Whether the last transmission has been waited for in vain. */
  boolean isExpired(long nowNanos) {
    return transmissionsLeft == 0 && nowNanos >= dueNanos;
  }

  /** Sends once more. */
  void retransmit(long nowNanos, IceAgent.Output output) {
    output.send(local, remote, nextTransmission(nowNanos));
  }

  /** The request once more, to be sent now. */
  ByteBuffer nextTransmission(long nowNanos) {
    transmissionsLeft--;
    transmissions++;
    rtoNanos = Math.max(rtoNanos, Math.min(2 * rtoNanos, MAX_RTO.toNanos()));
    dueNanos = nowNanos + rtoNanos;
    return request.duplicate();
  }
}
