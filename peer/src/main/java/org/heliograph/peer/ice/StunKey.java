package org.heliograph.peer.ice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key for MESSAGE-INTEGRITY (RFC 8489 14.5), with its HMAC ready for use by one thread. */
public final class StunKey {
  private final Mac mac;

  private StunKey(byte[] key) {
    try {
      mac = Mac.getInstance("HmacSHA1");
      mac.init(new SecretKeySpec(key, "HmacSHA1"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA1", e);
    }
  }

  /** The key of the short-term credential mechanism (RFC 8489 9.1.1): the password itself. */
  public static StunKey shortTerm(String password) {
    return new StunKey(password.getBytes(StandardCharsets.UTF_8));
  }

  /** A key made otherwise, such as the hash of a long-term credential (RFC 8489 9.2.2). */
  public static StunKey of(byte[] key) {
    return new StunKey(key);
  }

  Mac mac() {
    return mac;
  }
}
