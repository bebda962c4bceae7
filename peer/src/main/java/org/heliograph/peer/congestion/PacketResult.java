package org.heliograph.peer.congestion;

/**
 * What became of one packet, by transport-wide feedback.
 *
 * @param transportSequenceNumber its number, unwrapped
 * @param sentNanos when it was sent, on the driver's clock
 * @param arrivalNanos when it arrived, on the receiver's clock, of which only differences mean
 *     something; {@link #NOT_RECEIVED} if it has not arrived yet
 * @param bytes its length, without SRTP and below
 */
public record PacketResult(
    long transportSequenceNumber, long sentNanos, long arrivalNanos, int bytes) {
  /** The arrival time of a packet that has not arrived. */
  public static final long NOT_RECEIVED = Long.MIN_VALUE;

  /** Whether the packet has arrived. */
  public boolean received() {
    return arrivalNanos != NOT_RECEIVED;
  }
}
