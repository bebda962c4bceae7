package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;
import org.heliograph.peer.srtp.SrtpVerdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against the command {@code openssl}, over UDP on the loopback interface: both roles, both kinds
 * of certificate, both profiles; the keying material that each side exports fits the other's.
 */
@Timeout(60)
class OpensslTest {
  private static final String KEYING_MATERIAL = "Keying material: ";

  @TempDir Path directory;
  private Process openssl;
  private Optional<Path> opensslConfiguration = Optional.empty();

  @AfterEach
  void noProcessAndNoThreadIsLeft() throws Exception {
    if (openssl != null) {
      openssl.destroyForcibly().waitFor();
    }
    HandshakeThreads.awaitNone();
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of("ec", SrtpProfile.AEAD_AES_128_GCM, 1400),
        Arguments.of("rsa", SrtpProfile.AEAD_AES_128_GCM, 300),
        Arguments.of("ec", SrtpProfile.AES128_CM_HMAC_SHA1_80, 300),
        Arguments.of("rsa", SrtpProfile.AES128_CM_HMAC_SHA1_80, 1400));
  }

  /** OpenSSL's server answers the first message by asking for a cookie (RFC 6347 4.2.1). */
  @ParameterizedTest
  @MethodSource("kinds")
  void opensslAsTheServer(String kind, SrtpProfile profile, int mtu) throws Exception {
    Fingerprint fingerprint = makeCertificate(kind);
    List<String> command = command("s_server", profile, mtu);
    command.addAll(List.of("-accept", "127.0.0.1:0", "-naccept", "1", "-Verify", "1"));
    try (BufferedReader output = start(command);
        Writer input = openssl.outputWriter();
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      String accept = await(output, "ACCEPT ");
      int port = Integer.parseInt(accept.substring(accept.lastIndexOf(':') + 1));
      UdpEndpoint client =
          new UdpEndpoint(
              socket,
              new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
              new DtlsConfiguration(DtlsRole.CLIENT, TestCertificates.FIRST, List.of(fingerprint)));
      client.transport.start(System.nanoTime());
      client.runUntil(() -> client.transport.state() != DtlsState.CONNECTING);
      assertThat(client.failures).isEmpty();

      SrtpKeys remote = SrtpKeys.ofKeyingMaterial(profile, keyingMaterial(output), false);
      assertCarryBothWays(client.connections.getFirst(), remote);

      client.transport.close();
      await(output, "CONNECTION CLOSED");
      assertThat(openssl.waitFor()).isZero();
      input.flush();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void opensslAsTheClient(String kind, SrtpProfile profile, int mtu) throws Exception {
    Fingerprint fingerprint = makeCertificate(kind);
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      UdpEndpoint server =
          new UdpEndpoint(
              socket,
              null,
              new DtlsConfiguration(DtlsRole.SERVER, TestCertificates.FIRST, List.of(fingerprint)));
      server.transport.start(System.nanoTime());
      List<String> command = command("s_client", profile, mtu);
      command.addAll(List.of("-connect", "127.0.0.1:" + socket.getLocalPort()));
      try (BufferedReader output = start(command);
          Writer input = openssl.outputWriter()) {
        server.runUntil(() -> server.transport.state() != DtlsState.CONNECTING);
        assertThat(server.failures).isEmpty();

        SrtpKeys remote = SrtpKeys.ofKeyingMaterial(profile, keyingMaterial(output), true);
        assertCarryBothWays(server.connections.getFirst(), remote);

        input.write("Q\n");
        input.flush();
        server.runUntil(() -> server.transport.state() != DtlsState.CONNECTED);
        assertThat(server.closedByRemote).isEqualTo(1);
        assertThat(openssl.waitFor()).isZero();
      }
    }
  }

  /** HelloRequest (RFC 5246 7.4.1.1) in an association that is up. */
  @Test
  void renegotiationThatAServerAsksForIsPassedOver() throws Exception {
    Fingerprint fingerprint = makeCertificate("ec");
    List<String> command = command("s_server", SrtpProfile.AEAD_AES_128_GCM, 1400);
    command.addAll(List.of("-accept", "127.0.0.1:0", "-naccept", "1", "-Verify", "1"));
    try (BufferedReader output = start(command);
        Writer input = openssl.outputWriter();
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      UdpEndpoint client = client(socket, await(output, "ACCEPT "), fingerprint);
      client.runUntil(() -> client.transport.state() != DtlsState.CONNECTING);
      assertThat(client.failures).isEmpty();
      keyingMaterial(output);
      int before = client.datagramsReceived;

      input.write("r\n");
      input.flush();
      client.runUntil(() -> client.datagramsReceived > before);

      assertThat(client.transport.state()).isEqualTo(DtlsState.CONNECTED);
      client.transport.send(ByteBuffer.wrap("still here\n".getBytes(StandardCharsets.US_ASCII)));
      await(output, "still here");
      client.transport.close();
    }
  }

  /** ClientHello in an association that is up, sent again and again. */
  @Test
  void renegotiationThatAClientBeginsIsPassedOver() throws Exception {
    Fingerprint fingerprint = makeCertificate("ec");
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      UdpEndpoint server = server(socket, fingerprint);
      List<String> command = command("s_client", SrtpProfile.AEAD_AES_128_GCM, 1400);
      command.addAll(List.of("-connect", "127.0.0.1:" + socket.getLocalPort()));
      try (BufferedReader output = start(command);
          Writer input = openssl.outputWriter()) {
        server.runUntil(() -> server.transport.state() != DtlsState.CONNECTING);
        keyingMaterial(output);
        int sent = server.datagramsSent;
        int before = server.datagramsReceived;

        input.write("R\n");
        input.flush();
        await(output, "RENEGOTIATING");
        server.runUntil(() -> server.datagramsReceived >= before + 2);

        assertThat(server.transport.state()).isEqualTo(DtlsState.CONNECTED);
        assertThat(server.failures).isEmpty();
        assertThat(server.datagramsSent).isEqualTo(sent);
        server.transport.close();
      }
    }
  }

  @Test
  void aServerWithoutTheExtendedMasterSecretIsRefusedInWords() throws Exception {
    Fingerprint fingerprint = makeCertificate("ec");
    List<String> command = command("s_server", SrtpProfile.AEAD_AES_128_GCM, 1400);
    command.addAll(List.of("-accept", "127.0.0.1:0", "-naccept", "1", "-Verify", "1"));
    withoutExtendedMasterSecret();
    try (BufferedReader output = start(command);
        Writer input = openssl.outputWriter();
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      UdpEndpoint client = client(socket, await(output, "ACCEPT "), fingerprint);
      client.runUntil(() -> client.transport.state() != DtlsState.CONNECTING);
      assertRefusedForWantOfTheExtendedMasterSecret(client);
      input.flush();
    }
  }

  @Test
  void aClientWithoutTheExtendedMasterSecretIsRefusedInWords() throws Exception {
    Fingerprint fingerprint = makeCertificate("ec");
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      UdpEndpoint server = server(socket, fingerprint);
      List<String> command = command("s_client", SrtpProfile.AEAD_AES_128_GCM, 1400);
      command.addAll(List.of("-connect", "127.0.0.1:" + socket.getLocalPort()));
      withoutExtendedMasterSecret();
      try (BufferedReader output = start(command)) {
        server.runUntil(() -> server.transport.state() != DtlsState.CONNECTING);
        assertRefusedForWantOfTheExtendedMasterSecret(server);
        assertThat(output).isNotNull();
      }
    }
  }

  private static void assertRefusedForWantOfTheExtendedMasterSecret(Endpoint endpoint) {
    assertThat(endpoint.failures)
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.reason()).isEqualTo(DtlsFailure.Reason.NO_EXTENDED_MASTER_SECRET);
              assertThat(failure.message()).contains("extended master secret (RFC 7627)");
            });
  }

  private UdpEndpoint client(DatagramSocket socket, String accept, Fingerprint remote) {
    int port = Integer.parseInt(accept.substring(accept.lastIndexOf(':') + 1));
    UdpEndpoint client =
        new UdpEndpoint(
            socket,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            new DtlsConfiguration(DtlsRole.CLIENT, TestCertificates.FIRST, List.of(remote)));
    client.transport.start(System.nanoTime());
    return client;
  }

  private static UdpEndpoint server(DatagramSocket socket, Fingerprint remote) {
    UdpEndpoint server =
        new UdpEndpoint(
            socket,
            null,
            new DtlsConfiguration(DtlsRole.SERVER, TestCertificates.FIRST, List.of(remote)));
    server.transport.start(System.nanoTime());
    return server;
  }

  /** As OpenSSL 1.0.2 is, and what was built upon it. */
  private void withoutExtendedMasterSecret() throws IOException {
    opensslConfiguration = Optional.of(directory.resolve("openssl.cnf"));
    Files.writeString(
        opensslConfiguration.get(),
        """
        openssl_conf = init
        [init]
        ssl_conf = ssl
        [ssl]
        system_default = defaults
        [defaults]
        Options = -ExtendedMasterSecret
        """);
  }

  private Fingerprint makeCertificate(String kind) throws Exception {
    List<String> key =
        kind.equals("ec")
            ? List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
            : List.of("-newkey", "rsa:2048");
    List<String> command = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes"));
    command.addAll(key);
    command.addAll(List.of("-subj", "/CN=test", "-keyout", "key.pem", "-out", "certificate.pem"));
    try (BufferedReader output = start(command)) {
      assertThat(output.lines().toList()).isNotNull();
      assertThat(openssl.waitFor()).isZero();
    }
    try (InputStream in = Files.newInputStream(directory.resolve("certificate.pem"))) {
      byte[] certificate =
          CertificateFactory.getInstance("X.509").generateCertificate(in).getEncoded();
      return Fingerprint.of(Fingerprint.Hash.SHA_256, certificate);
    }
  }

  private static List<String> command(String name, SrtpProfile profile, int mtu) {
    String srtp =
        switch (profile) {
          case AEAD_AES_128_GCM -> "SRTP_AEAD_AES_128_GCM";
          case AES128_CM_HMAC_SHA1_80 -> "SRTP_AES128_CM_SHA1_80";
        };
    return new ArrayList<>(
        List.of(
            // So that a test that waits for its output in vain ends.
            "timeout",
            "40",
            "openssl",
            name,
            "-dtls1_2",
            "-use_srtp",
            srtp,
            "-mtu",
            Integer.toString(mtu),
            "-cert",
            "certificate.pem",
            "-key",
            "key.pem",
            "-keymatexport",
            "EXTRACTOR-dtls_srtp",
            "-keymatexportlen",
            Integer.toString(profile.keyingMaterialLength())));
  }

  private BufferedReader start(List<String> command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
      opensslConfiguration.ifPresent(
          file -> builder.environment().put("OPENSSL_CONF", file.toString()));
      openssl = builder.start();
      return openssl.inputReader();
    } catch (IOException e) {
      throw new AssertionError("this test needs the command openssl (package openssl)", e);
    }
  }

  private static byte[] keyingMaterial(BufferedReader output) throws IOException {
    String line = await(output, KEYING_MATERIAL);
    int begin = line.indexOf(KEYING_MATERIAL) + KEYING_MATERIAL.length();
    return HexFormat.of().parseHex(line.substring(begin).strip());
  }

  private static String await(BufferedReader output, String text) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.contains(text)) {
        return line;
      }
      lines.add(line);
    }
    throw new AssertionError("openssl ended without '" + text + "':\n" + String.join("\n", lines));
  }

  private static void assertCarryBothWays(SrtpKeys one, SrtpKeys other) {
    assertThat(one.profile()).isEqualTo(other.profile());
    assertThat(carries(one, other)).isTrue();
    assertThat(carries(other, one)).isTrue();
  }

  private static boolean carries(SrtpKeys from, SrtpKeys to) {
    ByteBuffer packet = ByteBuffer.allocate(100).put(0, (byte) 0x80).limit(60);
    new OutboundSrtp(from).protectRtp(packet);
    return new InboundSrtp(to).unprotectRtp(packet) == SrtpVerdict.ACCEPTED;
  }

  /** An endpoint with a socket and the system's clock. */
  private static final class UdpEndpoint extends Endpoint {
    private static final int MAX_WAIT_MILLIS = 1000;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(40);

    private final DatagramSocket socket;
    private InetSocketAddress remote;
    private int datagramsReceived;

    UdpEndpoint(DatagramSocket socket, InetSocketAddress remote, DtlsConfiguration configuration) {
      super(configuration);
      this.socket = socket;
      this.remote = remote;
    }

    @Override
    public void send(ByteBuffer datagram) {
      super.send(datagram);
      for (byte[] octets : takeSent()) {
        try {
          socket.send(new DatagramPacket(octets, octets.length, remote));
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    }

    void runUntil(BooleanSupplier done) throws IOException {
      DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
      long end = System.nanoTime() + LIMIT_NANOS;
      while (!done.getAsBoolean()) {
        long now = System.nanoTime();
        assertThat(now - end).as("nanoseconds over the test's limit").isNegative();
        long due = transport.nextTimeoutNanos().orElse(Long.MAX_VALUE);
        long wait = Math.clamp((due - now) / 1_000_000, 1, MAX_WAIT_MILLIS);
        socket.setSoTimeout((int) wait);
        try {
          packet.setLength(2000);
          socket.receive(packet);
          datagramsReceived++;
          remote = (InetSocketAddress) packet.getSocketAddress();
          transport.handleDatagram(
              System.nanoTime(), ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
        } catch (SocketTimeoutException e) {
          transport.handleTimeout(System.nanoTime());
        }
      }
    }
  }
}
