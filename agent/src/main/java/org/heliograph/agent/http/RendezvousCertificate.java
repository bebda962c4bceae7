package org.heliograph.agent.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.heliograph.agent.file.OwnersFile;
import org.heliograph.text.Cause;

/**
 * The rendezvous' certificate with its key: of the user's own ({@link CertificateFiles}), or
 * self-signed (ECDSA P-256). The latter is made once and kept, readable by the user only, so that a
 * browser has to be told of it only once; it is made anew when it is about to expire or the machine
 * has got an address that it does not name.
 *
 * @param keyStore holds key and certificate
 * @param password opens the key store; it guards nothing, the file's permissions do
 * @param fingerprint SHA-256 of the certificate, as browsers show it
 * @param names the DNS names and addresses that it is for (RFC 5280 4.2.1.6)
 * @param notAfter when it expires
 * @param selfSigned whether no authority has signed it, so that browsers warn of it
 */
public record RendezvousCertificate(
    KeyStore keyStore,
    String password,
    String fingerprint,
    List<String> names,
    Instant notAfter,
    boolean selfSigned) {
  private static final String ALIAS = "rendezvous";
  private static final String PASSWORD = "heliograph";
  private static final int DAYS_VALID = 730;
  private static final int DAYS_RENEWED_BEFORE = 30;

  /** The kept certificate, or a new one. */
  static RendezvousCertificate loadOrCreate(Path directory, String listen) throws IOException {
    Path file = directory.resolve("rendezvous.p12");
    Set<String> names = namesOf(listen);
    try {
      if (Files.exists(file)) {
        KeyStore kept = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
          kept.load(in, PASSWORD.toCharArray());
        }
        if (kept.getCertificate(ALIAS) instanceof X509Certificate certificate
            && serves(certificate, names)) {
          return of(kept);
        }
      }
      KeyStore made = create(names);
      keep(made, directory, file);
      return of(made);
    } catch (IOException cause) {
      throw Cause.in(
          "The rendezvous' certificate cannot be kept in " + file,
          cause,
          "Set XDG_DATA_HOME to a directory of yours that has room; a damaged file may be"
              + " removed.");
    } catch (GeneralSecurityException | OperatorException cause) {
      throw new IOException(
          "The certificate in "
              + file
              + " can neither be used nor made: "
              + cause.getMessage()
              + ". Remove the file, and another one is made.",
          cause);
    }
  }

  /**
   * One of the user's own.
   *
   * @param chain the server's certificate, then those of its issuers
   */
  static RendezvousCertificate of(PrivateKey key, List<X509Certificate> chain)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(ALIAS, key, PASSWORD.toCharArray(), chain.toArray(Certificate[]::new));
    return of(store);
  }

  private static RendezvousCertificate of(KeyStore store) throws GeneralSecurityException {
    X509Certificate certificate = (X509Certificate) store.getCertificate(ALIAS);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return new RendezvousCertificate(
        store,
        PASSWORD,
        HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest),
        names(certificate),
        certificate.getNotAfter().toInstant(),
        certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal()));
  }

  private static List<String> names(X509Certificate certificate) throws GeneralSecurityException {
    Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
    return alternatives == null
        ? List.of()
        : alternatives.stream()
            .filter(each -> each.get(1) instanceof String)
            .map(each -> (String) each.get(1))
            .toList();
  }

  /**
   * Whether a browser takes it for a host (RFC 9525 6.3): by the name itself, or by a wildcard in
   * the place of its first label.
   */
  public boolean isFor(String host) {
    String wild = "*" + host.substring(Math.max(0, host.indexOf('.')));
    return names.stream()
        .anyMatch(each -> each.equalsIgnoreCase(host) || each.equalsIgnoreCase(wild));
  }

  private static boolean serves(X509Certificate certificate, Set<String> names)
      throws GeneralSecurityException {
    Instant renewal = Instant.now().plus(DAYS_RENEWED_BEFORE, ChronoUnit.DAYS);
    return certificate.getNotAfter().toInstant().isAfter(renewal)
        && names(certificate).containsAll(names);
  }

  /** Every name under which the listener can be reached. */
  private static Set<String> namesOf(String listen) throws IOException {
    Set<String> names = new TreeSet<>(Set.of("localhost", "127.0.0.1"));
    InetAddress address = InetAddress.getByName(listen);
    if (address.isAnyLocalAddress()) {
      names.addAll(OwnAddresses.all());
    } else {
      names.add(OwnAddresses.text(address));
      if (!listen.contains(":")) { // In the certificate an IPv6 address is written in one way only.
        names.add(listen);
      }
    }
    return names;
  }

  private static KeyStore create(Set<String> names)
      throws GeneralSecurityException, OperatorException, IOException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    Instant now = Instant.now();
    X500Name self = new X500Name("CN=Heliograph rendezvous");
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            self,
            new BigInteger(127, new SecureRandom()),
            Date.from(now.minus(1, ChronoUnit.HOURS)),
            Date.from(now.plus(DAYS_VALID, ChronoUnit.DAYS)),
            self,
            keys.getPublic());
    GeneralName[] alternatives =
        names.stream()
            .map(
                name ->
                    new GeneralName(
                        name.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName,
                        name))
            .toArray(GeneralName[]::new);
    builder
        .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives))
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        ALIAS, keys.getPrivate(), PASSWORD.toCharArray(), new Certificate[] {certificate});
    return store;
  }

  private static void keep(KeyStore store, Path directory, Path file)
      throws IOException, GeneralSecurityException {
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    store.store(content, PASSWORD.toCharArray());
    OwnersFile.replace(file, content::writeTo);
  }
}
