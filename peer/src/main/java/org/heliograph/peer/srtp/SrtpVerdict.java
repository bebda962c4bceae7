package org.heliograph.peer.srtp;

/** What became of a packet that was received, or that is to be sent. */
public enum SrtpVerdict {
  /** Authentic, new and now in the clear; or protected. */
  ACCEPTED,
  /** Too short for its headers, or not RTP or RTCP of version 2. */
  MALFORMED,
  /** Seen or protected already, or so old that nobody can tell. */
  REPLAYED,
  /** The tag does not fit: forged, damaged, of another association, or of a roll-over missed. */
  NOT_AUTHENTIC,
  /** From a source that is one too many. */
  TOO_MANY_SOURCES,
  /** To be sent after all indices of its source were used (RFC 3711 9.2). */
  KEY_USED_UP
}
