package org.heliograph.peer.sdp;

/**
 * The originator of a session (RFC 8866 5.2). In WebRTC only the identification and the version
 * mean something (RFC 8829 5.2.1); the address is a placeholder.
 *
 * @param username {@code -} where there is none
 * @param sessionId a number that names the session, kept as text because peers write up to 64 bits
 *     and more
 * @param sessionVersion a number that grows with each changed description, of any number of digits
 *     (RFC 8866 5.2) and hence kept as text, too
 * @param addressType {@code IP4} or {@code IP6}
 * @param address the originator's address
 */
public record Origin(
    String username, String sessionId, String sessionVersion, String addressType, String address) {
  /** Stands for a line that could not be read: nothing depends on what it says. */
  static final Origin UNKNOWN = of(0, 0);

  /** The origin of a description made here: no user name, no address (RFC 8829 5.2.1). */
  public static Origin of(long sessionId, long sessionVersion) {
    return new Origin(
        "-", Long.toString(sessionId), Long.toString(sessionVersion), "IP4", "127.0.0.1");
  }

  @Override
  public String toString() {
    return username + " " + sessionId + " " + sessionVersion + " IN " + addressType + " " + address;
  }
}
