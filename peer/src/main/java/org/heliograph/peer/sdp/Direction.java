package org.heliograph.peer.sdp;

import java.util.Locale;

/** Which way media flows, from the view of who writes the description (RFC 8866 6.7). */
public enum Direction {
  SENDRECV(true, true),
  SENDONLY(true, false),
  RECVONLY(false, true),
  INACTIVE(false, false);

  private final boolean sends;
  private final boolean receives;

  Direction(boolean sends, boolean receives) {
    this.sends = sends;
    this.receives = receives;
  }

  /** The direction of a side that sends, receives, both or neither. */
  public static Direction of(boolean sends, boolean receives) {
    if (sends) {
      return receives ? SENDRECV : SENDONLY;
    }
    return receives ? RECVONLY : INACTIVE;
  }

  public boolean sends() {
    return sends;
  }

  public boolean receives() {
    return receives;
  }

  /** The same flow from the other side's view. */
  public Direction reversed() {
    return of(receives, sends);
  }

  /** The name of the attribute that says so. */
  public String attributeName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
