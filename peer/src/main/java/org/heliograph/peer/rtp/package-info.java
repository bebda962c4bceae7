/**
 * RTP packets (RFC 3550 5.1), their header extensions (RFC 8285), retransmission (RFC 4588), and
 * the unwrapping of their counters. Nothing here has state beyond one packet but the unwrappers.
 */
package org.heliograph.peer.rtp;
