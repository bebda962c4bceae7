/**
 * The receiving half of a transport's media: what finds a packet's stream (RFC 9143 9.2), restores
 * order, asks for what is missing (NACK, RFC 4585), repairs and assembles frames, and puts them on
 * the sender's common clock for lip sync. Not exported.
 *
 * <p>{@link org.heliograph.peer.stream.receive.ReceiveStream} is one section's stream; {@link
 * org.heliograph.peer.stream.receive.SourceTable} finds it for a packet.
 */
package org.heliograph.peer.stream.receive;
