package org.heliograph.peer.ice;

import java.util.Objects;

/**
 * A TURN server and the long-term credential for it (RFC 8656, RFC 8489 9.2).
 *
 * @param name the host as it was written, which the certificate of a TLS server must name
 * @param port the port
 * @param transport how it is reached
 * @param username the user name; with time-limited credentials, the expiry and the user's name
 * @param password the password, which {@link #toString} leaves out
 */
public record TurnServer(
    String name, int port, TurnTransport transport, String username, String password) {
  public TurnServer {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(username, "username");
    Objects.requireNonNull(password, "password");
  }

  /** The server as a URL (RFC 7065). */
  @Override
  public String toString() {
    String host = name.contains(":") ? '[' + name + ']' : name;
    return switch (transport) {
      case UDP -> "turn:" + host + ':' + port + "?transport=udp";
      case TCP -> "turn:" + host + ':' + port + "?transport=tcp";
      case TLS -> "turns:" + host + ':' + port + "?transport=tcp";
    };
  }
}
