package org.heliograph.peer.srtp;

/** What became of a received packet. */
public enum SrtpVerdict {
  /** Authentic and new; now in the clear. */
  ACCEPTED,
  /** Too short for its headers, or not RTP or RTCP of version 2. */
  MALFORMED,
  /** Seen already, or so old that nobody can tell. */
  REPLAYED,
  /** The tag does not fit: forged, damaged, of another association, or of a roll-over missed. */
  NOT_AUTHENTIC,
  /** From a source that is one too many. */
  TOO_MANY_SOURCES
}
