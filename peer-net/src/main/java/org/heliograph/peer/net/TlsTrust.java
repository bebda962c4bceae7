package org.heliograph.peer.net;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whose certificates are believed: those in a file of one's own, else those of the system, else
 * those that come with Java. They are read once, on a thread of their own, as that takes a while.
 */
final class TlsTrust {
  /** Where the distributions keep the authorities that the machine's owner trusts. */
  private static final List<Path> SYSTEM =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"));

  private static final Map<Optional<Path>, CompletableFuture<SSLContext>> CONTEXTS =
      new ConcurrentHashMap<>();

  private TlsTrust() {}

  /** What makes engines that believe the authorities of a PEM file, or of the system. */
  static CompletableFuture<SSLContext> context(Optional<Path> authorities) {
    CompletableFuture<SSLContext> context =
        CONTEXTS.computeIfAbsent(authorities, TlsTrust::beginToRead);
    if (context.isCompletedExceptionally()) {
      CONTEXTS.remove(authorities, context); // The file may be mended until the next call.
    }
    return context;
  }

  private static CompletableFuture<SSLContext> beginToRead(Optional<Path> authorities) {
    CompletableFuture<SSLContext> context = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("heliograph-tls-trust")
        .start(
            () -> {
              try {
                context.complete(read(authorities));
              } catch (IOException | GeneralSecurityException | RuntimeException | Error e) {
                context.completeExceptionally(
                    new IOException("the certificate authorities cannot be read: " + e, e));
              }
            });
    return context;
  }

  private static SSLContext read(Optional<Path> authorities)
      throws IOException, GeneralSecurityException {
    Optional<Path> file =
        authorities.or(() -> SYSTEM.stream().filter(Files::isReadable).findFirst());
    KeyStore trusted = null; // Java's own.
    if (file.isPresent()) {
      trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      try (InputStream pem = new BufferedInputStream(Files.newInputStream(file.get()))) {
        for (Certificate certificate :
            CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
          trusted.setCertificateEntry("authority" + number++, certificate);
        }
      }
      if (number == 0) {
        throw new IOException(file.get() + " has no certificate");
      }
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }
}
