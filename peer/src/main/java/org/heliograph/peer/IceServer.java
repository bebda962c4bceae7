package org.heliograph.peer;

import java.util.List;

/**
 * A STUN or TURN server (W3C {@code RTCIceServer}).
 *
 * @param urls {@code stun:} and {@code turn:} URLs (RFC 7064, RFC 7065); those of TURN are left out
 *     with a warning, as no relay is used yet
 * @param username the long-term credential's user name; empty for STUN
 * @param credential the long-term credential's password; empty for STUN
 */
public record IceServer(List<String> urls, String username, String credential) {
  public IceServer {
    urls = List.copyOf(urls);
  }
}
