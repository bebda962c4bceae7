package org.heliograph.peer.srtp;

/** One direction's master key and master salt (RFC 3711 3.2.1). It prints neither. */
public final class SrtpMasterKey {
  private final byte[] key;
  private final byte[] salt;

  /**
   * Copies both.
   *
   * @param key as long as the profile's {@link SrtpProfile#keyLength()}
   * @param salt as long as the profile's {@link SrtpProfile#saltLength()}
   */
  public SrtpMasterKey(byte[] key, byte[] salt) {
    this.key = key.clone();
    this.salt = salt.clone();
  }

  byte[] key() {
    return key;
  }

  byte[] salt() {
    return salt;
  }

  void requireLengthsOf(SrtpProfile profile) {
    if (key.length != profile.keyLength() || salt.length != profile.saltLength()) {
      throw new IllegalArgumentException(
          "%s takes a key of %d and a salt of %d octets, not %d and %d"
              .formatted(
                  profile, profile.keyLength(), profile.saltLength(), key.length, salt.length));
    }
  }
}
