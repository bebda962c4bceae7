package org.heliograph.agent.http;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.text.Cause;

/**
 * A certificate of the user's own: its chain and its key in PEM files (RFC 7468), as an authority
 * or an ACME client (certbot, lego, acme.sh) gives them. An ACME client puts new ones in their
 * place every few weeks, often behind a symbolic link. The key is PKCS#8, or in the older forms for
 * RSA and EC, and not encrypted.
 */
public final class CertificateFiles {
  /** A chain has a few kilobytes. */
  private static final long SIZE_LIMIT = 1 << 20;

  private final Path chain;
  private final Path key;

  /** Those that are configured. */
  public CertificateFiles(AgentConfig.Rendezvous.Certificate configured) {
    this.chain = configured.chain();
    this.key = configured.key();
  }

  /** The file of the certificate. */
  Path chain() {
    return chain;
  }

  /** What a file is until it is changed or replaced. */
  private record FileState(Object inode, Instant modified, long size) {}

  /** What both files are until one is changed or replaced; empty for one that is not there. */
  record State(Optional<Object> chain, Optional<Object> key) {}

  /** To be compared with that of another time: as long as they are equal, the files are. */
  State state() {
    return new State(state(chain), state(key));
  }

  private static Optional<Object> state(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(
          new FileState(now.fileKey(), now.lastModifiedTime().toInstant(), now.size()));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /**
   * Reads both.
   *
   * @throws IOException in words, if they cannot be read, are no such files, do not belong together
   *     or hold at another time
   */
  public RendezvousCertificate read() throws IOException {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Object each : objects(chain, "rendezvous.certificate")) {
      if (each instanceof X509CertificateHolder certificate) {
        certificates.add(certificate(certificate));
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(
          chain
              + " (rendezvous.certificate) has no certificate in it. It must be a PEM file, with"
              + " lines such as \"-----BEGIN CERTIFICATE-----\".");
    }
    X509Certificate own = certificates.getFirst();
    PrivateKey privateKey = readKey(own.getPublicKey());
    if (!belongs(privateKey, own.getPublicKey())) {
      boolean another =
          certificates.stream().anyMatch(each -> belongs(privateKey, each.getPublicKey()));
      throw new IOException(
          another
              ? chain
                  + " (rendezvous.certificate) has the server's certificate behind that of its"
                  + " issuer. It must be the first in the file."
              : "The key in "
                  + key
                  + " is not that of the certificate in "
                  + chain
                  + ". Name the pair that was issued together (rendezvous.certificate,"
                  + " rendezvous.key).");
    }
    Instant now = Instant.now();
    if (now.isAfter(own.getNotAfter().toInstant())) {
      throw new IOException(
          "The certificate in "
              + chain
              + " has expired on "
              + day(own.getNotAfter().toInstant())
              + ". Renew it, or remove rendezvous.certificate from the configuration.");
    }
    if (now.isBefore(own.getNotBefore().toInstant())) {
      throw new IOException(
          "The certificate in "
              + chain
              + " holds only from "
              + own.getNotBefore().toInstant()
              + " on, and it is "
              + now.truncatedTo(ChronoUnit.SECONDS)
              + ". Look at this machine's clock.");
    }
    try {
      return RendezvousCertificate.of(privateKey, ordered(certificates));
    } catch (GeneralSecurityException cause) {
      throw new IOException(
          "The certificate in " + chain + " cannot be used: " + cause.getMessage(), cause);
    }
  }

  private static String day(Instant moment) {
    return moment.toString().substring(0, 10);
  }

  /** From the server's certificate to the last issuer in the file; what else there is is left. */
  private static List<X509Certificate> ordered(List<X509Certificate> certificates) {
    List<X509Certificate> rest = new ArrayList<>(certificates);
    List<X509Certificate> chain = new ArrayList<>(List.of(rest.removeFirst()));
    while (true) {
      X509Certificate last = chain.getLast();
      Optional<X509Certificate> issuer =
          rest.stream()
              .filter(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
              .findFirst();
      if (issuer.isEmpty()) {
        return chain;
      }
      rest.remove(issuer.get());
      chain.add(issuer.get());
    }
  }

  private X509Certificate certificate(X509CertificateHolder read) throws IOException {
    try {
      return new JcaX509CertificateConverter().getCertificate(read);
    } catch (GeneralSecurityException malformed) {
      throw new IOException(
          chain
              + " (rendezvous.certificate) has a certificate in it that cannot be read: "
              + malformed.getMessage(),
          malformed);
    }
  }

  private PrivateKey readKey(PublicKey counterpart) throws IOException {
    for (Object each : objects(key, "rendezvous.key")) {
      switch (each) {
        case PrivateKeyInfo pkcs8 -> {
          return privateKey(pkcs8, counterpart);
        }
        case PEMKeyPair older -> {
          return privateKey(older.getPrivateKeyInfo(), counterpart);
        }
        case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
            throw new IOException(
                "The key in "
                    + key
                    + " (rendezvous.key) is encrypted, and the agent has nobody to ask for its"
                    + " password. \"openssl pkey -in FILE -out NEWFILE\" writes it without.");
        default -> {
          // The certificate, or the name of the key's curve.
        }
      }
    }
    throw new IOException(
        key
            + " (rendezvous.key) has no key in it. It must be a PEM file, with a line such as"
            + " \"-----BEGIN PRIVATE KEY-----\"."
            + (key.equals(chain)
                ? " Where it is a file of its own, name it in rendezvous.key."
                : ""));
  }

  /**
   * @param counterpart tells the curve of a key that does not name its own (RFC 5915 3)
   */
  private PrivateKey privateKey(PrivateKeyInfo read, PublicKey counterpart) throws IOException {
    ASN1ObjectIdentifier kind = read.getPrivateKeyAlgorithm().getAlgorithm();
    boolean curveMissing =
        kind.equals(X9ObjectIdentifiers.id_ecPublicKey)
            && read.getPrivateKeyAlgorithm().getParameters() == null
            && counterpart.getAlgorithm().equals("EC");
    PrivateKeyInfo info =
        curveMissing
            ? new PrivateKeyInfo(
                SubjectPublicKeyInfo.getInstance(counterpart.getEncoded()).getAlgorithm(),
                read.parsePrivateKey())
            : read;
    String algorithm =
        kind.equals(PKCSObjectIdentifiers.rsaEncryption)
            ? "RSA"
            : kind.equals(X9ObjectIdentifiers.id_ecPublicKey)
                ? "EC"
                : kind.equals(EdECObjectIdentifiers.id_Ed25519) ? "Ed25519" : kind.getId();
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (GeneralSecurityException unknown) {
      throw new IOException(
          "The key in "
              + key
              + " (rendezvous.key) cannot be used ("
              + algorithm
              + "). RSA and EC keys can.",
          unknown);
    }
  }

  private static boolean belongs(PrivateKey key, PublicKey to) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] sample = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(to);
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException anotherKind) {
      return false;
    }
  }

  private static List<Object> objects(Path file, String configKey) throws IOException {
    String subject = file + " (" + configKey + ")";
    String text = read(file, subject);
    List<Object> objects = new ArrayList<>();
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
        objects.add(next);
      }
      return objects;
    } catch (IOException | RuntimeException malformed) {
      throw new IOException(
          subject + " is damaged: what stands between its BEGIN and its END is not what they say.",
          malformed);
    }
  }

  private static String read(Path file, String subject) throws IOException {
    try {
      return Files.size(file) > SIZE_LIMIT
          ? "" // A PEM file of nothing that is looked for.
          : Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException missing) {
      throw new IOException(subject + " is not there.", missing);
    } catch (AccessDeniedException denied) {
      throw new IOException(
          subject
              + " may not be read by this user. Let him read it, or have the ACME client copy it to"
              + " where he may when it is renewed.",
          denied);
    } catch (IOException unreadable) {
      throw new IOException(
          subject + " cannot be read: " + Cause.words(unreadable) + ".", unreadable);
    }
  }
}
