package org.heliograph.peer.dtls;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.Vector;
import java.util.stream.IntStream;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.SignatureScheme;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsExtensionsUtils;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;

/**
 * What both roles insist on in one handshake (RFC 8827 6.5): the version, the algorithms, the
 * certificates and the SRTP profile; and the keys that come of it.
 */
final class AssociationTerms {
  static final ProtocolVersion[] VERSIONS = ProtocolVersion.DTLSv12.only();

  /** A client offers them all; a server can only use those for its own kind of certificate. */
  private static final int[] CIPHER_SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  };

  private static final int[] ECDSA_CIPHER_SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  };

  private static final List<Integer> NAMED_GROUPS =
      List.of(NamedGroup.x25519, NamedGroup.secp256r1, NamedGroup.secp384r1);

  private static final SignatureAndHashAlgorithm OWN_SIGNATURE_ALGORITHM =
      SignatureScheme.getSignatureAndHashAlgorithm(SignatureScheme.ecdsa_secp256r1_sha256);

  private static final List<SignatureAndHashAlgorithm> SIGNATURE_ALGORITHMS =
      IntStream.of(
              SignatureScheme.ecdsa_secp256r1_sha256,
              SignatureScheme.ecdsa_secp384r1_sha384,
              SignatureScheme.rsa_pss_rsae_sha256,
              SignatureScheme.rsa_pss_rsae_sha384,
              SignatureScheme.rsa_pkcs1_sha256,
              SignatureScheme.rsa_pkcs1_sha384,
              SignatureScheme.rsa_pkcs1_sha512)
          .mapToObj(SignatureScheme::getSignatureAndHashAlgorithm)
          .toList();

  /**
   * The JDK's own providers do the work: see docs/dtls-srtp.md for what that was measured to win.
   */
  private static final JcaTlsCrypto CRYPTO = newCrypto();

  private final DtlsConfiguration configuration;
  private byte[] remoteCertificate;
  private SrtpProfile profile;
  private SrtpKeys keys;
  private DtlsFailure breach;
  private boolean remoteHasClosed;

  AssociationTerms(DtlsConfiguration configuration) {
    this.configuration = configuration;
  }

  private static JcaTlsCrypto newCrypto() {
    SecureRandom random = new SecureRandom();
    return new JcaTlsCrypto(new JdkThenBouncyCastle(), random, random) {};
  }

  DtlsRole role() {
    return configuration.role();
  }

  static JcaTlsCrypto crypto() {
    return CRYPTO;
  }

  static int[] cipherSuites() {
    return CIPHER_SUITES.clone();
  }

  static int[] cipherSuitesForOwnCertificate() {
    return ECDSA_CIPHER_SUITES.clone();
  }

  @SuppressWarnings("JdkObsolete") // Bouncy Castle takes a Vector.
  static Vector<Integer> namedGroups() {
    return new Vector<>(NAMED_GROUPS);
  }

  static boolean supportsGroup(int namedGroup) {
    return NAMED_GROUPS.contains(namedGroup);
  }

  @SuppressWarnings("JdkObsolete") // Bouncy Castle takes a Vector.
  static Vector<SignatureAndHashAlgorithm> signatureAlgorithms() {
    return new Vector<>(SIGNATURE_ALGORITHMS);
  }

  /** This side's certificate, and its key to sign with. */
  TlsCredentialedSigner credentials(TlsContext context) throws IOException {
    DtlsCertificate certificate = configuration.certificate();
    TlsCertificate[] chain = {CRYPTO.createCertificate(certificate.encoded())};
    return new JcaDefaultTlsCredentialedSigner(
        new TlsCryptoParameters(context),
        CRYPTO,
        certificate.privateKey(),
        new Certificate(chain),
        OWN_SIGNATURE_ALGORITHM);
  }

  /** Insists on the certificate that was signalled. That the other side has its key, TLS checks. */
  void checkRemoteCertificate(Certificate remote) throws IOException {
    if (remote == null || remote.isEmpty()) {
      throw breach(
          AlertDescription.bad_certificate,
          Reason.WRONG_CERTIFICATE,
          "the other side sent no certificate");
    }
    byte[] certificate = remote.getCertificateAt(0).getEncoded();
    if (!Fingerprint.match(configuration.remoteFingerprints(), certificate)) {
      throw breach(
          AlertDescription.bad_certificate,
          Reason.WRONG_CERTIFICATE,
          "the other side's certificate has the fingerprint %s, but its session description says %s"
              .formatted(
                  Fingerprint.of(Fingerprint.Hash.SHA_256, certificate).toAttribute(),
                  configuration.remoteFingerprints().stream()
                      .map(Fingerprint::toAttribute)
                      .toList()));
    }
    remoteCertificate = certificate;
  }

  /** The other side's certificate in DER, once it was checked. */
  Optional<byte[]> remoteCertificate() {
    return Optional.ofNullable(remoteCertificate);
  }

  /**
   * Insists on the extended master secret: without it no key may be exported from an association
   * (RFC 7627 5.4), and the keys of SRTP are exported ones. docs/dtls-srtp.md says more.
   *
   * @param extensions the other side's, which may be null
   */
  void checkExtendedMasterSecret(Hashtable<?, ?> extensions) throws IOException {
    if (!TlsExtensionsUtils.hasExtendedMasterSecretExtension(extensions)) {
      throw noExtendedMasterSecret();
    }
  }

  private TlsFatalAlert noExtendedMasterSecret() {
    return breach(
        AlertDescription.handshake_failure,
        Reason.NO_EXTENDED_MASTER_SECRET,
        "the other side's DTLS does not have the extended master secret (RFC 7627), without which"
            + " no keys for SRTP may be made; a newer version of its software will have it");
  }

  /** What a client offers (RFC 5764 4.1.1). */
  UseSRTPData srtpOffer() {
    return useSrtp(configuration.srtpProfiles());
  }

  /** What a server answers to the client's offer, which may be null. */
  UseSRTPData srtpAnswer(UseSRTPData offer) throws IOException {
    for (SrtpProfile wanted : configuration.srtpProfiles()) {
      if (offer != null
          && IntStream.of(offer.getProtectionProfiles()).anyMatch(id -> id == wanted.id())) {
        profile = wanted;
        return useSrtp(List.of(wanted));
      }
    }
    throw noSrtpProfile();
  }

  /** Takes a server's answer, which may be null. */
  void acceptSrtpAnswer(UseSRTPData answer) throws IOException {
    int[] ids = answer == null ? new int[0] : answer.getProtectionProfiles();
    Optional<SrtpProfile> answered = ids.length == 1 ? SrtpProfile.ofId(ids[0]) : Optional.empty();
    profile =
        answered.filter(configuration.srtpProfiles()::contains).orElseThrow(this::noSrtpProfile);
  }

  private static UseSRTPData useSrtp(List<SrtpProfile> profiles) {
    return new UseSRTPData(profiles.stream().mapToInt(SrtpProfile::id).toArray(), new byte[0]);
  }

  private TlsFatalAlert noSrtpProfile() {
    return breach(
        AlertDescription.handshake_failure,
        Reason.NO_SRTP_PROFILE,
        "no SRTP profile in common; this side has " + configuration.srtpProfiles());
  }

  private TlsFatalAlert breach(short alert, Reason reason, String message) {
    breach = new DtlsFailure(reason, message);
    return new TlsFatalAlert(alert, message);
  }

  /** Exports the keys (RFC 5764 4.2) from a handshake that is complete. */
  void exportKeys(TlsContext context) throws IOException {
    if (!context.getSecurityParametersConnection().isExtendedMasterSecret()) {
      throw noExtendedMasterSecret();
    }
    if (profile == null) {
      throw noSrtpProfile();
    }
    byte[] keyingMaterial =
        context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, profile.keyingMaterialLength());
    keys = SrtpKeys.ofKeyingMaterial(profile, keyingMaterial, role() == DtlsRole.CLIENT);
  }

  /** Takes notice of an alert that the other side sent. */
  void noteAlert(short description) {
    remoteHasClosed |= description == AlertDescription.close_notify;
  }

  boolean remoteHasClosed() {
    return remoteHasClosed;
  }

  SrtpKeys keys() {
    return keys;
  }

  /** Which term the other side did not meet, if that ended the handshake. */
  Optional<DtlsFailure> breach() {
    return Optional.ofNullable(breach);
  }
}
