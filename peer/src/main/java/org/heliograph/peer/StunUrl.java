package org.heliograph.peer;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A STUN server's URL (RFC 7064).
 *
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port 3478 where none is written
 */
record StunUrl(String host, int port) {
  private static final int DEFAULT_PORT = 3478;
  private static final Pattern SYNTAX =
      Pattern.compile("stun:(?:\\[([0-9A-Fa-f:.]+)]|([^:?\\[\\]]+))(?::(\\d{1,5}))?");

  /** Reads a URL; empty if it is another kind, such as {@code turn:}. */
  static Optional<StunUrl> parse(String url) {
    Matcher matcher = SYNTAX.matcher(url);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    int port = matcher.group(3) == null ? DEFAULT_PORT : Integer.parseInt(matcher.group(3));
    return port >= 1 && port <= 65_535 ? Optional.of(new StunUrl(host, port)) : Optional.empty();
  }
}
