package org.heliograph.interop.network;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Subprocess;

/** coturn at the internet's own address, over UDP, TCP and TLS. */
final class LabTurnServer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int PORT = 3478;
  private static final int TLS_PORT = 5349;

  private final Path certificate;
  private final Subprocess process;

  LabTurnServer(NetworkLab lab, Path folder) {
    certificate = folder.resolve("certificate.pem");
    Path key = folder.resolve("key.pem");
    List<String> openssl =
        new ArrayList<>(
            List.of(
                "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
                    .split(" ")));
    openssl.addAll(
        List.of("-subj", "/CN=lab", "-addext", "subjectAltName=IP:" + NetworkLab.SERVER));
    openssl.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
    Subprocess.run(Map.of(), openssl, LIMIT);
    String server =
        String.join(
            " ",
            "turnserver -n --no-cli --log-file=stdout --verbose --no-dtls --lt-cred-mech"
                + " --realm=lab",
            "'--user=" + LabPeerProgram.USER + ":" + LabPeerProgram.PASSWORD + "'",
            "--listening-ip=" + NetworkLab.SERVER,
            "--relay-ip=" + NetworkLab.SERVER,
            "--listening-port=" + PORT,
            "--tls-listening-port=" + TLS_PORT,
            "--cert=" + certificate,
            "--pkey=" + key,
            "--pidfile=" + folder.resolve("pid"),
            "--userdb=" + folder.resolve("users"),
            "--relay-threads=1");
    List<String> command = lab.internet().prefix();
    // It ends with its input, so that it does not outlive a test that crashes.
    command.addAll(List.of("sh", "-c", server + " & cat; kill $!"));
    process = Subprocess.start(Map.of(), command);
    process.awaitLine(line -> line.contains("SQLite DB connection success"), LIMIT);
  }

  /** Its URL over a transport: stun, udp, tcp or tls. */
  String url(String transport) {
    return switch (transport) {
      case "stun" -> "stun:" + NetworkLab.SERVER + ":" + PORT;
      case "tls" -> "turns:" + NetworkLab.SERVER + ":" + TLS_PORT + "?transport=tcp";
      default -> "turn:" + NetworkLab.SERVER + ":" + PORT + "?transport=" + transport;
    };
  }

  /** The file of the certificate that signed itself. */
  String certificate() {
    return certificate.toString();
  }

  /** Everything that the server has logged. */
  String log() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
  }
}
