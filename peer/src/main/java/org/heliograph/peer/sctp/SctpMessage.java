package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A message to be sent.
 *
 * @param stream 0 to {@link SctpAssociation#MAX_STREAMS} − 1
 * @param payloadProtocol the PPID, unsigned 32 bits
 * @param payload position to limit, one octet and more; not to be changed any more
 * @param ordered whether it waits for its turn on the stream
 * @param maxRetransmits how often each part of it may be sent again; empty for as often as needed
 * @param lifetimeNanos how long it is tried at all; empty for as long as needed
 */
public record SctpMessage(
    int stream,
    long payloadProtocol,
    ByteBuffer payload,
    boolean ordered,
    OptionalInt maxRetransmits,
    OptionalLong lifetimeNanos) {
  /** A message that arrives, in its turn. */
  public static SctpMessage reliable(int stream, long payloadProtocol, ByteBuffer payload) {
    return new SctpMessage(
        stream, payloadProtocol, payload, true, OptionalInt.empty(), OptionalLong.empty());
  }
}
