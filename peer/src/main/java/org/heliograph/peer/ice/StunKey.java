package org.heliograph.peer.ice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key for a message's integrity (RFC 8489 14.5, 14.6), with its HMAC ready for one thread. */
public final class StunKey {
  private final Mac mac;
  private final boolean sha256;

  private StunKey(byte[] key, boolean sha256) {
    this.sha256 = sha256;
    String algorithm = sha256 ? "HmacSHA256" : "HmacSHA1";
    try {
      mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(key, algorithm));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  /** The key of the short-term credential mechanism (RFC 8489 9.1.1): the password itself. */
  public static StunKey shortTerm(String password) {
    return new StunKey(password.getBytes(StandardCharsets.UTF_8), false);
  }

  /** The key of the long-term credential mechanism (RFC 8489 9.2.2), for MESSAGE-INTEGRITY. */
  public static StunKey longTerm(String username, String realm, String password) {
    return new StunKey(hash("MD5", username + ':' + realm + ':' + password), false);
  }

  /**
   * The key of the long-term credential mechanism for MESSAGE-INTEGRITY-SHA256, which goes with
   * password algorithms (RFC 8489 9.2.4, 18.5.1).
   *
   * @param passwordSha256 whether the password's algorithm is SHA-256, otherwise MD5
   */
  static StunKey longTermSha256(
      String username, String realm, String password, boolean passwordSha256) {
    String digested = username + ':' + realm + ':' + password;
    return new StunKey(hash(passwordSha256 ? "SHA-256" : "MD5", digested), true);
  }

  /** A key made otherwise, for MESSAGE-INTEGRITY. */
  public static StunKey of(byte[] key) {
    return new StunKey(key, false);
  }

  /** The value of USERHASH (RFC 8489 14.4). */
  static byte[] userHash(String username, String realm) {
    return hash("SHA-256", username + ':' + realm);
  }

  private static byte[] hash(String algorithm, String text) {
    try {
      return MessageDigest.getInstance(algorithm).digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  /** Whether this key makes MESSAGE-INTEGRITY-SHA256. */
  boolean isSha256() {
    return sha256;
  }

  Mac mac() {
    return mac;
  }
}
