package org.heliograph.signaling;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The tokens of a rendezvous: each belongs to one name and gives signalling under it, nothing else.
 * They are derived from a secret, so that nothing needs to be kept: with a configured secret they
 * stay valid over restarts, otherwise they last as long as the process.
 */
public final class Invitations {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec secret;

  /**
   * @param secret what the tokens are derived from; empty for a random one
   */
  public Invitations(Optional<String> secret) {
    byte[] key =
        secret.map(text -> text.getBytes(StandardCharsets.UTF_8)).orElseGet(Invitations::random);
    this.secret = new SecretKeySpec(key, ALGORITHM);
  }

  private static byte[] random() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return key;
  }

  /** The token of a name. */
  public String token(String name) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      byte[] derived = mac.doFinal(("invitation:" + name).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(derived);
    } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Whether a token is that of a name; takes as long whatever the token is. */
  public boolean accepts(String name, String token) {
    return MessageDigest.isEqual(
        token(name).getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
  }
}
