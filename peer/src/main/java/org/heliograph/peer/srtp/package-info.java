/**
 * SRTP and SRTCP (RFC 3711, RFC 7714) keyed by DTLS (RFC 5764): one {@code OutboundSrtp} and one
 * {@code InboundSrtp} for each DTLS association.
 */
package org.heliograph.peer.srtp;
