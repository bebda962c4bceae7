package org.heliograph.agent.http;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority with one below it that signs, as those are that browsers know. */
final class TestAuthority {
  private static final X500Name ROOT = new X500Name("CN=Root");
  private static final X500Name BELOW = new X500Name("CN=Below");

  private final KeyPair rootKeys = keys("EC");
  private final KeyPair belowKeys = keys("EC");
  private final X509Certificate root;
  private final X509Certificate below;
  private long serial = 1;

  TestAuthority() throws GeneralSecurityException, OperatorException, IOException {
    Instant now = Instant.now();
    root = sign(ROOT, rootKeys, ROOT, rootKeys, now.plus(Duration.ofDays(9)), true);
    below = sign(ROOT, rootKeys, BELOW, belowKeys, now.plus(Duration.ofDays(9)), true);
  }

  /** A certificate with its key. */
  record Issued(X509Certificate certificate, KeyPair keys) {}

  static KeyPair keys(String algorithm) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (algorithm.equals("EC")) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** One for a server, signed by the authority below. */
  Issued issue(KeyPair keys, Instant notAfter, String... names) throws Exception {
    return new Issued(
        sign(BELOW, belowKeys, new X500Name("CN=server"), keys, notAfter, false, names), keys);
  }

  /** The authority below the root. */
  X509Certificate below() {
    return below;
  }

  private X509Certificate sign(
      X500Name issuer,
      KeyPair by,
      X500Name subject,
      KeyPair keys,
      Instant notAfter,
      boolean authority,
      String... names)
      throws GeneralSecurityException, OperatorException, IOException {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(serial++),
            Date.from(notAfter.minus(Duration.ofDays(30))),
            Date.from(notAfter),
            subject,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    if (names.length > 0) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              Arrays.stream(names)
                  .map(name -> new GeneralName(GeneralName.dNSName, name))
                  .toArray(GeneralName[]::new)));
    }
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
  }

  /** Writes what is given, each as PEM, into one file, which takes the place of an older one. */
  static Path write(Path file, Object... contents) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      for (Object each : contents) {
        pem.writeObject(each);
      }
    }
    Path next =
        Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text.toString());
    return Files.move(next, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** What a client has that trusts the root, and nothing else. */
  SSLContext client() throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("root", root);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
