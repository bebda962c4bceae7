package org.heliograph.peer.dtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A self-signed certificate and its key (W3C {@code RTCCertificate}): ECDSA on P-256, which every
 * WebRTC implementation must support (RFC 8827 6.5). It may serve one connection or many; one for
 * each keeps connections from being linked.
 */
public final class DtlsCertificate {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration LIFETIME = Duration.ofDays(30);
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);
  private static final int SERIAL_NUMBER_BITS = 64;

  private final PrivateKey privateKey;
  private final byte[] encoded;
  private final Fingerprint fingerprint;

  private DtlsCertificate(PrivateKey privateKey, byte[] encoded) {
    this.privateKey = privateKey;
    this.encoded = encoded;
    this.fingerprint = Fingerprint.of(Fingerprint.Hash.SHA_256, encoded);
  }

  /** Generates a key pair and a certificate that is valid from yesterday for a month. */
  public static DtlsCertificate generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      KeyPair keyPair = generator.generateKeyPair();
      // Nobody looks at the name or the dates: the fingerprint is the identity (RFC 8827 6.5).
      X500Name name = new X500Name("CN=WebRTC");
      Instant now = Instant.now();
      byte[] encoded =
          new JcaX509v3CertificateBuilder(
                  name,
                  new BigInteger(SERIAL_NUMBER_BITS, RANDOM).setBit(0),
                  Date.from(now.minus(CLOCK_SKEW)),
                  Date.from(now.plus(LIFETIME)),
                  name,
                  keyPair.getPublic())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keyPair.getPrivate()))
              .getEncoded();
      return new DtlsCertificate(keyPair.getPrivate(), encoded);
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException("this Java runtime cannot make an ECDSA certificate", e);
    }
  }

  /** What the session description says of it. */
  public Fingerprint fingerprint() {
    return fingerprint;
  }

  PrivateKey privateKey() {
    return privateKey;
  }

  /** The certificate in DER. */
  public byte[] encoded() {
    return encoded.clone();
  }
}
