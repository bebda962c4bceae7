/**
 * The one transport of a connection: which protocol a datagram is for (RFC 7983), DTLS before SRTP
 * (RFC 5764), the path that ICE found, and what both sides agreed on for it. Not exported.
 *
 * <p>{@link org.heliograph.peer.transport.MediaTransport} is the way in and out: a received
 * datagram enters it first, a sent one leaves it last.
 */
package org.heliograph.peer.transport;
