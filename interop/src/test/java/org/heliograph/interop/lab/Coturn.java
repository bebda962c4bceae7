package org.heliograph.interop.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** coturn on loopback, with a configuration, a certificate and ports of its own. */
public final class Coturn implements AutoCloseable {
  public static final String USER = "ann";
  public static final String PASSWORD = "correct horse";
  public static final String REALM = "heliograph.example";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final String address;
  private final Path folder;
  private final Subprocess process;
  private final int port;
  private final int tlsPort;

  /** Starts it with the long-term credential of {@link #USER}; further options may be added. */
  public static Coturn start(String... options) {
    List<String> all =
        new ArrayList<>(List.of("--lt-cred-mech", "--user=" + USER + ":" + PASSWORD));
    all.addAll(List.of(options));
    return new Coturn("127.0.0.1", all);
  }

  /** The same on IPv6's loopback address, with nothing of IPv4. */
  public static Coturn startOnIpv6() {
    return new Coturn("::1", List.of("--lt-cred-mech", "--user=" + USER + ":" + PASSWORD));
  }

  /** Starts it with credentials that end, minted from a secret. */
  public static Coturn withSecret(String secret) {
    return new Coturn("127.0.0.1", List.of("--use-auth-secret", "--static-auth-secret=" + secret));
  }

  private Coturn(String address, List<String> options) {
    this.address = address;
    try {
      folder = Files.createTempDirectory("coturn");
      port = freePort();
      tlsPort = freePort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Subprocess.run(
        Map.of(),
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-keyout",
            folder.resolve("key.pem").toString(),
            "-out",
            certificate().toString()),
        LIMIT);
    List<String> command =
        new ArrayList<>(
            List.of(
                "turnserver",
                "-n",
                "--no-cli",
                "--log-file=stdout",
                "--verbose",
                "--listening-ip=" + address,
                "--relay-ip=" + address,
                "--listening-port=" + port,
                "--tls-listening-port=" + tlsPort,
                "--no-dtls",
                "--cert=" + certificate(),
                "--pkey=" + folder.resolve("key.pem"),
                "--realm=" + REALM,
                "--allow-loopback-peers",
                "--relay-threads=1",
                "--pidfile=" + folder.resolve("pid"),
                "--userdb=" + folder.resolve("users")));
    command.addAll(options);
    process = Subprocess.start(Map.of(), command);
    try {
      process.awaitLine(line -> line.contains("Total General servers"), LIMIT);
    } catch (AssertionError doesNotStart) {
      close();
      throw doesNotStart;
    }
  }

  /** A port that nothing uses, neither over UDP nor over TCP. */
  private int freePort() throws IOException {
    InetAddress local = InetAddress.ofLiteral(address);
    while (true) {
      try (ServerSocket tcp = new ServerSocket(0, 1, local);
          DatagramSocket _ = new DatagramSocket(tcp.getLocalPort(), local)) {
        return tcp.getLocalPort();
      } catch (BindException taken) {
        // Then another one.
      }
    }
  }

  /** The URL of the server over a transport: udp, tcp or tls. */
  public String url(String transport) {
    return switch (transport) {
      case "tls" -> "turns:localhost:" + tlsPort;
      case "tcp" -> "turn:" + host() + ":" + port + "?transport=tcp";
      default -> "turn:" + host() + ":" + port;
    };
  }

  private String host() {
    return address.contains(":") ? '[' + address + ']' : address;
  }

  public int port() {
    return port;
  }

  /** The file of the certificate that the server shows, which signed itself. */
  public Path certificate() {
    return folder.resolve("certificate.pem");
  }

  /** Waits for a line of the log. */
  public String awaitLine(String part) {
    return process.awaitLine(line -> line.contains(part), LIMIT);
  }

  public String log() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
    Subprocess.deleteTree(folder);
  }
}
