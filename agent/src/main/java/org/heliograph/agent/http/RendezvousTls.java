package org.heliograph.agent.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.heliograph.text.RepeatedLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rendezvous' TLS, with the certificate that it has made itself or with one of the user's own.
 * The latter's files are looked at when a connection comes: two look-ups in the file system beside
 * a handshake, in all ways in which a file can be replaced, and nothing while nobody comes. New
 * ones that cannot be used leave the old in use, and are read again when they change again, because
 * chain and key are not written at the same moment.
 */
final class RendezvousTls extends SslContextFactory.Server {
  private static final Logger log = LoggerFactory.getLogger(RendezvousTls.class);

  private final RepeatedLog warnings = new RepeatedLog(log);
  private final Optional<CertificateFiles> files;

  /** Before the files are read, so that a change meanwhile is one that is seen. */
  private CertificateFiles.State read;

  private volatile RendezvousCertificate certificate;

  /** With a certificate that stays. */
  RendezvousTls(RendezvousCertificate certificate) {
    this.files = Optional.empty();
    use(certificate);
  }

  /**
   * With a certificate that is renewed.
   *
   * @throws IOException in words, if it cannot be used
   */
  RendezvousTls(CertificateFiles files) throws IOException {
    this.files = Optional.of(files);
    this.read = files.state();
    use(files.read());
  }

  private void use(RendezvousCertificate next) {
    certificate = next;
    setKeyStore(next.keyStore());
    setKeyStorePassword(next.password());
    // An address in the URL sends no SNI.
    setSniRequired(false);
  }

  /** That with which new connections are answered. */
  RendezvousCertificate certificate() {
    return certificate;
  }

  @Override
  public SSLEngine newSSLEngine(InetSocketAddress address) {
    files.ifPresent(this::renew);
    return super.newSSLEngine(address);
  }

  private synchronized void renew(CertificateFiles from) {
    CertificateFiles.State now = from.state();
    if (!now.equals(read)) {
      read = now;
      try {
        RendezvousCertificate next = from.read();
        reload(_ -> use(next));
        log.info(
            "The rendezvous uses the new certificate in {}, good until {}",
            from.chain(),
            next.notAfter());
      } catch (Exception unusable) { // What reload() declares.
        log.warn(
            "The certificate before stays in use, because the new one cannot be used: {}",
            unusable.getMessage());
      }
    }
    if (Instant.now().isAfter(certificate.notAfter())) {
      warnings.warn(
          "",
          "expired",
          "The rendezvous' certificate has expired on "
              + certificate.notAfter()
              + ", and "
              + from.chain()
              + " has no newer one: guests' browsers warn of it.");
    }
  }
}
