/**
 * SCTP over DTLS (RFC 9260, RFC 8261) as WebRTC's data channels need it (RFC 8831): one path, both
 * sides opening at once, partial reliability (RFC 3758), stream reset (RFC 6525). Like every
 * protocol here it has no socket, no thread and no clock.
 */
package org.heliograph.peer.sctp;
