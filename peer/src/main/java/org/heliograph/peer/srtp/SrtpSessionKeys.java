package org.heliograph.peer.srtp;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that protect packets, derived once from a master key (RFC 3711 4.3, key derivation rate
 * 0).
 */
final class SrtpSessionKeys {
  /** The parts of a session, with their labels (RFC 3711 4.3.1 and 4.3.2). */
  enum Part {
    RTP(0),
    RTCP(3);

    private final int firstLabel;

    Part(int firstLabel) {
      this.firstLabel = firstLabel;
    }
  }

  private static final int AUTHENTICATION_KEY_LENGTH = 20;
  private static final int BLOCK_LENGTH = 16;
  private static final int LABEL_OFFSET = 7;

  private final byte[] encryptionKey;
  private final byte[] authenticationKey;
  private final byte[] salt;

  SrtpSessionKeys(byte[] encryptionKey, byte[] authenticationKey, byte[] salt) {
    this.encryptionKey = encryptionKey;
    this.authenticationKey = authenticationKey;
    this.salt = salt;
  }

  static SrtpSessionKeys derive(SrtpMasterKey master, Part part) {
    int label = part.firstLabel;
    return new SrtpSessionKeys(
        derive(master, label, master.key().length),
        derive(master, label + 1, AUTHENTICATION_KEY_LENGTH),
        derive(master, label + 2, master.salt().length));
  }

  private static byte[] derive(SrtpMasterKey master, int label, int length) {
    byte[] counterBlock = new byte[BLOCK_LENGTH];
    System.arraycopy(master.salt(), 0, counterBlock, 0, master.salt().length);
    counterBlock[LABEL_OFFSET] ^= (byte) label;
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE,
          new SecretKeySpec(master.key(), "AES"),
          new IvParameterSpec(counterBlock));
      return cipher.doFinal(new byte[length]);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime has no AES in counter mode", e);
    }
  }

  byte[] encryptionKey() {
    return encryptionKey;
  }

  byte[] authenticationKey() {
    return authenticationKey;
  }

  byte[] salt() {
    return salt;
  }
}
