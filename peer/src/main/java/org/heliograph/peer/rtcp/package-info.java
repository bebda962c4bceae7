/**
 * RTCP packets: a record for each type, and {@link org.heliograph.peer.rtcp.RtcpCompound} which
 * reads and writes them. SSRCs and RTP time stamps are unsigned 32 bits in a {@code long}; NTP time
 * is 64 bits, seconds since 1900 in the upper and their fraction in the lower half.
 */
package org.heliograph.peer.rtcp;
