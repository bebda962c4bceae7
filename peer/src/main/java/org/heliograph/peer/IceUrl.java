package org.heliograph.peer;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.heliograph.peer.ice.TurnServer;
import org.heliograph.peer.ice.TurnTransport;

/**
 * The URL of a STUN or TURN server (RFC 7064, RFC 7065).
 *
 * @param scheme what the server is, and whether TLS is spoken with it
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port 3478 where none is written, 5349 for {@code turns:}
 * @param transport UDP where none is written, TCP for {@code turns:}
 */
public record IceUrl(Scheme scheme, String host, int port, Transport transport) {
  /** What stands before the colon. */
  public enum Scheme {
    /** A STUN server. */
    STUN,
    /** A TURN server. */
    TURN,
    /** A TURN server over TLS. */
    TURNS
  }

  /** What carries the messages to the server. */
  public enum Transport {
    /** Datagrams. */
    UDP,
    /** A connection; with TLS over it in {@code turns:}. */
    TCP
  }

  private static final Pattern SYNTAX =
      Pattern.compile(
          "(stuns?|turns?):(?:\\[([0-9A-Fa-f:.]+)]|([0-9A-Za-z._~%-]+))(?::(\\d{1,5}))?"
              + "(\\?transport=(\\w+))?",
          Pattern.CASE_INSENSITIVE);

  private static final int PORT = 3478;
  private static final int SECURE_PORT = 5349;

  public IceUrl {
    Objects.requireNonNull(scheme, "scheme");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(transport, "transport");
  }

  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException if it is none of these, with a sentence that says why
   */
  public static IceUrl parse(String url) {
    Matcher matcher = SYNTAX.matcher(url);
    if (!matcher.matches()) {
      throw refused(
          url,
          "it must be stun:HOST, turn:HOST or turns:HOST, maybe with :PORT, and for TURN with"
              + " ?transport=udp or ?transport=tcp");
    }
    String written = matcher.group(1).toUpperCase(Locale.ROOT);
    if (written.equals("STUNS")) {
      throw refused(
          url,
          "STUN over TLS tells the address of its own connection, which is of no use to a call; ask"
              + " the server with stun:, or name a relay with turns:");
    }
    Scheme scheme = Scheme.valueOf(written);
    String host = matcher.group(2) == null ? matcher.group(3) : matcher.group(2);
    int port = scheme == Scheme.TURNS ? SECURE_PORT : PORT;
    if (matcher.group(4) != null) {
      port = Integer.parseInt(matcher.group(4));
    }
    if (port < 1 || port > 65_535) {
      throw refused(url, "a port is a number from 1 to 65535");
    }
    if (matcher.group(5) != null && scheme == Scheme.STUN) {
      throw refused(url, "a STUN URL names no transport (RFC 7064 3.1)");
    }
    String named = matcher.group(6);
    Transport transport =
        switch (named == null ? "" : named.toLowerCase(Locale.ROOT)) {
          case "" -> scheme == Scheme.TURNS ? Transport.TCP : Transport.UDP;
          case "udp" -> Transport.UDP;
          case "tcp" -> Transport.TCP;
          default -> throw refused(url, "its transport must be udp or tcp");
        };
    if (scheme == Scheme.TURNS && transport == Transport.UDP) {
      throw refused(url, "TURN over DTLS is not spoken here; without ?transport=udp it is TLS");
    }
    return new IceUrl(scheme, host, port, transport);
  }

  private static IllegalArgumentException refused(String url, String reason) {
    return new IllegalArgumentException("the ICE server URL \"" + url + "\": " + reason);
  }

  /** Whether this is a TURN server. */
  public boolean isTurn() {
    return scheme != Scheme.STUN;
  }

  /** The URL with everything written out that it may leave out. */
  @Override
  public String toString() {
    String url =
        scheme.name().toLowerCase(Locale.ROOT)
            + ':'
            + (host.contains(":") ? '[' + host + ']' : host)
            + ':'
            + port;
    return isTurn() ? url + "?transport=" + transport.name().toLowerCase(Locale.ROOT) : url;
  }

  TurnServer toTurnServer(String username, String credential) {
    if (!isTurn()) {
      throw new IllegalArgumentException("no TURN server: " + this);
    }
    TurnTransport over =
        scheme == Scheme.TURNS
            ? TurnTransport.TLS
            : transport == Transport.TCP ? TurnTransport.TCP : TurnTransport.UDP;
    return new TurnServer(host, port, over, username, credential);
  }
}
