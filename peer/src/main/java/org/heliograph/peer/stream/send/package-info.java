/**
 * The sending half of a transport's media: what turns frames into RTP packets (RFC 3550, 7741,
 * 9628, 7587), numbers them, keeps them for NACK (RFC 4585, 4588), adds redundancy (RFC 2198, 5109)
 * and paces them. Not exported.
 *
 * <p>{@link org.heliograph.peer.stream.send.SendStream} is one section's stream; {@link
 * org.heliograph.peer.stream.send.Pacer} is the connection's queue before the transport.
 */
package org.heliograph.peer.stream.send;
