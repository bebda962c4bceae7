package org.heliograph.peer;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A STUN or TURN server (W3C {@code RTCIceServer}).
 *
 * @param urls {@code stun:}, {@code turn:} and {@code turns:} URLs (RFC 7064, RFC 7065)
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

  /**
   * A server whose credentials end: it shares a secret with whoever mints them, and knows nobody
   * ("A REST API for access to TURN services", draft-uberti-behave-turn-rest; coturn's {@code
   * use-auth-secret}).
   *
   * @param secret what the server was given too
   * @param user a name for the server's log
   * @param expiry when the credential ends; an allocation made before goes on until its refresh
   */
  public static IceServer withSharedSecret(
      List<String> urls, String secret, String user, Instant expiry) {
    String username = expiry.getEpochSecond() + ":" + user;
    try {
      Mac mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
      byte[] password = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
      return new IceServer(urls, username, Base64.getEncoder().encodeToString(password));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA1", e);
    }
  }

  @Override
  public String toString() {
    return "IceServer[urls=" + urls + ", username=" + username + "]";
  }
}
