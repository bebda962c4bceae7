package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.heliograph.agent.config.AgentConfig;
import org.heliograph.agent.life.Usage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rendezvous with a certificate of the user's own, in files that somebody renews. */
class OwnCertificateTest {
  private final Instant nextMonth = Instant.now().plus(Duration.ofDays(30));

  @TempDir Path directory;
  private final KeyPair keys = TestAuthority.keys("EC");
  private TestAuthority authority;
  private TestAuthority.Issued first;
  private Path chain;
  private Path key;
  private Optional<RendezvousServer> server = Optional.empty();

  @BeforeEach
  void issue() throws Exception {
    authority = new TestAuthority();
    first = authority.issue(keys, nextMonth, "localhost", "calls.example.org");
    chain = directory.resolve("fullchain.pem");
    key = directory.resolve("privkey.pem");
    write(first);
  }

  @AfterEach
  void close() {
    server.ifPresent(RendezvousServer::close);
  }

  private void write(TestAuthority.Issued issued) throws IOException {
    TestAuthority.write(key, issued.keys().getPrivate());
    TestAuthority.write(chain, issued.certificate(), authority.below());
  }

  private RendezvousServer start(String listen, String url) throws IOException {
    RendezvousServer started =
        new RendezvousServer(
            new AgentConfig.Rendezvous(
                listen,
                0,
                true,
                List.of("guest"),
                false,
                Optional.empty(),
                Optional.of(new AgentConfig.Rendezvous.Certificate(chain, key)),
                Optional.of(url).filter(text -> !text.isEmpty()).map(URI::create)),
            "agent",
            List::of,
            new Usage());
    server = Optional.of(started);
    started.start(directory);
    return started;
  }

  /** What a client is shown that trusts the authority's root, and asks for localhost. */
  private X509Certificate shown() throws Exception {
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), server.orElseThrow().port());
        SSLSocket socket =
            (SSLSocket)
                authority
                    .client()
                    .getSocketFactory()
                    .createSocket(plain, "localhost", plain.getPort(), true)) {
      socket.setSoTimeout(10_000);
      SSLParameters strict = socket.getSSLParameters();
      strict.setEndpointIdentificationAlgorithm("HTTPS");
      socket.setSSLParameters(strict);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  @Test
  void aBrowserTakesItWithoutAWord() throws Exception {
    RendezvousServer started = start("127.0.0.1", "");
    assertThat(shown()).isEqualTo(first.certificate());
    assertThat(Files.exists(directory.resolve("rendezvous.p12"))).isFalse();
    assertThat(started.certificate().orElseThrow().names()).contains("calls.example.org");
  }

  @Test
  void theAgentsOwnIsWarnedOfBeforehandWithItsFingerprint() throws Exception {
    RendezvousServer made =
        new RendezvousServer(
            new AgentConfig.Rendezvous(
                "127.0.0.1", 0, true, List.of("guest"), false, Optional.empty()),
            "agent",
            List::of,
            new Usage());
    server = Optional.of(made);
    made.start(directory);
    assertThat(made.certificateWarning().orElseThrow())
        .contains("warns", "fingerprint", "rendezvous.certificate", "rendezvous.url");
  }

  @Test
  void theLinksNameWhatItIsFor() throws Exception {
    RendezvousServer everywhere = start("0.0.0.0", "");
    assertThat(everywhere.invitation("guest"))
        .startsWith("https://localhost:" + everywhere.port() + "/remote/#token=");
    assertThat(everywhere.certificateWarning()).isEmpty();
    everywhere.close();

    RendezvousServer named = start("127.0.0.1", "https://calls.example.org:8711");
    assertThat(named.invitation("guest"))
        .startsWith("https://calls.example.org:8711/remote/#token=");
    assertThat(named.signalUrl()).isEqualTo("wss://calls.example.org:8711/signal");
    assertThat(named.certificateWarning()).isEmpty();
    named.close();

    RendezvousServer numbered = start("127.0.0.1", "");
    assertThat(numbered.certificateWarning().orElseThrow())
        .contains("localhost, calls.example.org", "not for 127.0.0.1", "rendezvous.url");
  }

  // --- Renewal ----------------------------------------------------------------------------------

  private TestAuthority.Issued another() throws Exception {
    return authority.issue(TestAuthority.keys("EC"), nextMonth, "localhost");
  }

  @Test
  void renewedFilesAreUsedWithoutARestart() throws Exception {
    RendezvousServer started = start("127.0.0.1", "");
    assertThat(shown()).isEqualTo(first.certificate());
    TestAuthority.Issued second = another();
    write(second);
    assertThat(shown()).isEqualTo(second.certificate());
    assertThat(shown()).isEqualTo(second.certificate());
    assertThat(started.certificate().orElseThrow().notAfter())
        .isEqualTo(second.certificate().getNotAfter().toInstant());
  }

  /** As certbot does it: live/fullchain.pem leads to archive/fullchain1.pem, then to another. */
  @Test
  void soAreThoseBehindALinkThatIsSetAnew() throws Exception {
    Path live = Files.createDirectory(directory.resolve("live"));
    Path archived = chain;
    Path archivedKey = key;
    chain = Files.createSymbolicLink(live.resolve("chain.pem"), archived);
    key = Files.createSymbolicLink(live.resolve("key.pem"), archivedKey);
    RendezvousServer _ = start("127.0.0.1", "");
    TestAuthority.Issued second = another();
    lead(key, TestAuthority.write(directory.resolve("key2.pem"), second.keys().getPrivate()));
    lead(
        chain,
        TestAuthority.write(
            directory.resolve("chain2.pem"), second.certificate(), authority.below()));
    assertThat(shown()).isEqualTo(second.certificate());
  }

  private void lead(Path link, Path to) throws IOException {
    Path next = Files.createSymbolicLink(directory.resolve("next"), to);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void betweenTheTwoFilesTheOldOnesStayInUse() throws Exception {
    RendezvousServer _ = start("127.0.0.1", "");
    TestAuthority.Issued second = another();
    TestAuthority.write(chain, second.certificate(), authority.below());
    assertThat(shown()).isEqualTo(first.certificate());
    Files.delete(key);
    assertThat(shown()).isEqualTo(first.certificate());
    TestAuthority.write(key, second.keys().getPrivate());
    assertThat(shown()).isEqualTo(second.certificate());
  }

  // --- Forms ------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void keysAreTakenInTheirOldFormsAndTheNewOne(String algorithm) throws Exception {
    TestAuthority.Issued issued =
        authority.issue(TestAuthority.keys(algorithm), nextMonth, "localhost");
    // JcaPEMWriter writes RSA and EC keys in their old forms, and a generator's as PKCS#8.
    write(issued);
    assertThat(read().names()).containsExactly("localhost");
    TestAuthority.write(key, new JcaPKCS8Generator(issued.keys().getPrivate(), null));
    assertThat(Files.readString(key)).startsWith("-----BEGIN PRIVATE KEY-----");
    assertThat(read().names()).containsExactly("localhost");
  }

  @Test
  void bothMayBeInOneFileWithWhateverOrderOfIssuersAndText() throws Exception {
    key = chain;
    TestAuthority.write(
        chain,
        keys.getPrivate(),
        first.certificate(),
        another().certificate(), // Nobody's issuer.
        authority.below());
    Files.writeString(chain, "Bag Attributes\n  friendlyName: ü\n" + Files.readString(chain));
    assertThat(read().keyStore().getCertificateChain("rendezvous"))
        .containsExactly(first.certificate(), authority.below());
  }

  private RendezvousCertificate read() throws IOException {
    return new CertificateFiles(new AgentConfig.Rendezvous.Certificate(chain, key)).read();
  }

  // --- In words ---------------------------------------------------------------------------------

  private void assertRefused(String... words) {
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(words)
        .hasMessageNotContaining("Exception");
    assertThatThrownBy(() -> start("127.0.0.1", "")).hasMessageContainingAll(words);
  }

  @Test
  void anotherKeyIsRefused() throws Exception {
    TestAuthority.write(key, TestAuthority.keys("EC").getPrivate());
    assertRefused("not that of the certificate", key.toString(), chain.toString());
    TestAuthority.write(key, TestAuthority.keys("RSA").getPrivate());
    assertRefused("not that of the certificate");
  }

  @Test
  void anIssuerBeforeTheServersIsRefused() throws Exception {
    TestAuthority.write(chain, authority.below(), first.certificate());
    assertRefused("must be the first", chain.toString());
  }

  @Test
  void oneOfAnotherTimeIsRefused() throws Exception {
    write(authority.issue(keys, Instant.now().minus(Duration.ofDays(1)), "localhost"));
    assertRefused("has expired on 2", "Renew it");
    write(authority.issue(keys, Instant.now().plus(Duration.ofDays(40)), "localhost"));
    assertRefused("holds only from", "clock");
  }

  @Test
  void anEncryptedKeyIsRefused() throws Exception {
    TestAuthority.write(
        key,
        new JcaPKCS8Generator(
            keys.getPrivate(),
            new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.PBE_SHA1_3DES)
                .setPassword("secret".toCharArray())
                .build()));
    assertThat(Files.readString(key)).contains("BEGIN ENCRYPTED PRIVATE KEY");
    assertRefused("encrypted", "openssl pkey");
    Files.writeString(
        key,
        """
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF

        AAAA
        -----END RSA PRIVATE KEY-----
        """);
    assertRefused("encrypted", "openssl pkey");
  }

  @Test
  void whatIsNoSuchFileIsRefused() throws Exception {
    TestAuthority.write(key, first.certificate());
    assertRefused("has no key", "rendezvous.key");
    Files.delete(key);
    assertRefused("is not there", "rendezvous.key");
    write(first);
    Files.writeString(chain, "hello");
    assertRefused("has no certificate", "rendezvous.certificate");
    Files.write(chain, new byte[] {0x30, (byte) 0x82, 0, 0, -1, -2});
    assertRefused("has no certificate");
    Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertRefused("is damaged", "rendezvous.certificate");
    Files.writeString(chain, "-----BEGIN CERTIFICATE-----\nMIIB", StandardCharsets.US_ASCII);
    assertRefused("is damaged");
    Files.write(chain, new byte[2_000_000]);
    assertRefused("has no certificate");
    Files.delete(chain);
    Files.createDirectory(chain);
    assertRefused("cannot be read: it is a directory.");
  }

  @Test
  void aKindOfKeyThatIsNotKnownIsRefused() throws Exception {
    AlgorithmIdentifier kind =
        new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.6.1.4.1.99999.1"));
    TestAuthority.write(key, new PrivateKeyInfo(kind, new DEROctetString(new byte[32])));
    assertRefused("cannot be used", "RSA and EC");
  }
}
