package org.heliograph.peer.srtp;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a DTLS association hands to SRTP.
 *
 * @param profile what was negotiated
 * @param local protects what this side sends
 * @param remote protects what the other side sends
 */
public record SrtpKeys(SrtpProfile profile, SrtpMasterKey local, SrtpMasterKey remote) {
  public SrtpKeys {
    Objects.requireNonNull(profile, "profile");
    local.requireLengthsOf(profile);
    remote.requireLengthsOf(profile);
  }

  /**
   * Takes apart what the DTLS exporter gave (RFC 5764 4.2): client key, server key, client salt,
   * server salt.
   *
   * @param keyingMaterial {@link SrtpProfile#keyingMaterialLength()} octets
   * @param localIsClient whether this side was the DTLS client
   */
  public static SrtpKeys ofKeyingMaterial(
      SrtpProfile profile, byte[] keyingMaterial, boolean localIsClient) {
    if (keyingMaterial.length != profile.keyingMaterialLength()) {
      throw new IllegalArgumentException(
          "%s takes %d octets of keying material, not %d"
              .formatted(profile, profile.keyingMaterialLength(), keyingMaterial.length));
    }
    int keyLength = profile.keyLength();
    int salts = 2 * keyLength;
    int saltLength = profile.saltLength();
    SrtpMasterKey client =
        new SrtpMasterKey(
            Arrays.copyOfRange(keyingMaterial, 0, keyLength),
            Arrays.copyOfRange(keyingMaterial, salts, salts + saltLength));
    SrtpMasterKey server =
        new SrtpMasterKey(
            Arrays.copyOfRange(keyingMaterial, keyLength, salts),
            Arrays.copyOfRange(keyingMaterial, salts + saltLength, salts + 2 * saltLength));
    return localIsClient
        ? new SrtpKeys(profile, client, server)
        : new SrtpKeys(profile, server, client);
  }
}
