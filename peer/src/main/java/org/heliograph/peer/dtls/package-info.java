/**
 * DTLS 1.2 (RFC 6347) with SRTP keying (RFC 5764) between certificates known by their fingerprints
 * (RFC 8122): one {@code DtlsTransport} for each association, without socket and clock.
 */
package org.heliograph.peer.dtls;
