package org.heliograph.peer.ice;

import java.util.Locale;

/** How a TURN server is reached (RFC 8656 3.1). What it relays is UDP in any case. */
public enum TurnTransport {
  /** Datagrams, from the sockets that checks are sent from. */
  UDP(3),
  /** A TCP connection, for networks that let no UDP out. */
  TCP(2),
  /** TLS over TCP, for networks that let nothing else out. */
  TLS(1);

  private final int preference;

  TurnTransport(int preference) {
    this.preference = preference;
  }

  /** As W3C's {@code relayProtocol} has it. */
  String token() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The greater, the better: a lost segment of TCP holds up all that is sent after it. */
  int preference() {
    return preference;
  }
}
