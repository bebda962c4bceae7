package org.heliograph.peer;

import java.util.List;
import java.util.Objects;

/**
 * A STUN or TURN server (W3C {@code RTCIceServer}).
 *
 * @param urls {@code stun:}, {@code turn:} and {@code turns:} URLs (RFC 7064, RFC 7065); {@code
 *     stuns:} ones are passed over
 * @param username the long-term credential's user name; empty for STUN
 * @param credential the long-term credential's password, which {@link #toString} leaves out; empty
 *     for STUN
 */
public record IceServer(List<String> urls, String username, String credential) {
  /**
   * Checks the URLs.
   *
   * @throws IllegalArgumentException if one cannot be read, or a TURN server has no credential
   */
  public IceServer {
    urls = List.copyOf(urls);
    Objects.requireNonNull(username, "username");
    Objects.requireNonNull(credential, "credential");
    for (String url : urls) {
      if (IceUrl.parse(url).isTurn() && (username.isEmpty() || credential.isEmpty())) {
        throw new IllegalArgumentException(
            "the ICE server " + url + " needs a user name and a credential");
      }
    }
  }

  @Override
  public String toString() {
    return "IceServer[urls=" + urls + ", username=" + username + "]";
  }
}
