package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Subprocess;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A call with a guest who comes through a reverse proxy, with the configuration that the
 * documentation has for it; only names, ports and files are others. Each is left out, and says so,
 * where the machine has no such proxy.
 */
class ReverseProxyTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int CODES = 3;

  /** Where those are that are not installed: see proxies/prepare. */
  private static final List<String> UNPACKED =
      List.of("/usr/sbin", "target/proxies/usr/sbin", "target/proxies/usr/bin");

  @TempDir Path folder;
  private int proxyPort;
  private int rendezvousPort;

  @BeforeEach
  void prepare() throws Exception {
    proxyPort = freePort();
    rendezvousPort = freePort();
    Subprocess.run(
        Map.of(),
        List.of(
            ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj"
                    + " /CN=server -addext"
                    + " subjectAltName=DNS:calls.example.org,DNS:example.org -keyout "
                    + folder.resolve("privkey.pem")
                    + " -out "
                    + folder.resolve("fullchain.pem"))
                .split(" ")),
        LIMIT);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A block of docs/outside.md, by its language and a word in it. */
  private static String documented(String language, String word) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../docs/outside.md")));
    return block
        .results()
        .map(found -> found.group(1))
        .filter(text -> text.contains(word))
        .findFirst()
        .orElseThrow();
  }

  private static String program(String name) {
    Optional<Path> found =
        Stream.concat(Stream.of(System.getenv("PATH").split(":", -1)), UNPACKED.stream())
            .map(place -> Path.of(place, name))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        found.isPresent(),
        "no " + name + " on this machine; ./check fetches it where the release has it");
    return found.get().toAbsolutePath().toString();
  }

  private String forHere(String configuration) {
    return configuration
        .replace("127.0.0.1:8711", "127.0.0.1:" + rendezvousPort)
        .replace("/etc/letsencrypt/live/calls.example.org", folder.toString());
  }

  private Subprocess nginx(String server) throws IOException {
    String program = program("nginx");
    Files.writeString(
        folder.resolve("nginx.conf"),
        """
        daemon off;
        pid %1$s/pid;
        error_log stderr notice;
        events {}
        http {
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          access_log off;
          %2$s
        }
        """
            .formatted(
                folder,
                forHere(server)
                    .replace("listen 443 ssl", "listen 127.0.0.1:" + proxyPort + " ssl")));
    Subprocess nginx =
        Subprocess.start(
            Map.of(),
            List.of(program, "-e", "stderr", "-p", folder.toString(), "-c", "nginx.conf"));
    nginx.awaitLine(line -> line.contains("start worker process"), LIMIT);
    return nginx;
  }

  private Subprocess caddy(String site) throws IOException {
    String program = program("caddy");
    Files.writeString(
        folder.resolve("Caddyfile"),
        """
        {
          admin off
          auto_https disable_redirects
          https_port %d
          default_bind 127.0.0.1
          skip_install_trust
        }
        %s
        """
            .formatted(proxyPort, forHere(site))
            // Not from an authority, which it would ask for one.
            .replaceFirst(
                "example.org \\{",
                "example.org {\n  tls " + folder + "/fullchain.pem " + folder + "/privkey.pem"));
    Subprocess caddy =
        Subprocess.start(
            Map.of("HOME", folder.toString()),
            List.of(program, "run", "--config", folder.resolve("Caddyfile").toString()));
    caddy.awaitLine(line -> line.contains("serving initial configuration"), LIMIT);
    return caddy;
  }

  private void assertCallThrough(Subprocess proxy, String url) throws Exception {
    String address = url.replaceFirst("example.org", "example.org:" + proxyPort);
    try (proxy;
        HeliographAgent agent =
            new HeliographAgent(
                "--media-camera=test",
                "--media-microphone=test:440",
                "--ice-include-loopback=true",
                "--rendezvous-port=" + rendezvousPort,
                "--rendezvous-url=" + address);
        AgentEvents events = new AgentEvents(agent);
        Chromium chromium =
            new Chromium(
                Map.of(),
                List.of(
                    "--autoplay-policy=no-user-gesture-required",
                    "--ignore-certificate-errors",
                    "--host-resolver-rules=MAP calls.example.org 127.0.0.1, MAP example.org"
                        + " 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"))) {
      assertThat(agent.invitation()).startsWith(address + "/remote/#");
      try (PageForTheOtherSide remote = new PageForTheOtherSide(chromium, agent, 620)) {
        agent.post("/api/call/start", HeliographAgent.call("proxied").put("remote_peer", "guest"));
        remote.accept();
        remote.awaitPictures(CODES);
        assertThat(remote.troubles().path("words").asText()).isEmpty();
        agent.post("/api/call/hangup", HeliographAgent.call("proxied"));
        events.await(event -> event.name().equals("ended"), LIMIT);
        remote.awaitEnd();
      }
      assertThat(chromium.console()).doesNotContain("Content Security Policy");
    }
  }

  @Test
  void throughNginx() throws Exception {
    assertCallThrough(nginx(documented("nginx", "proxy_pass")), "https://calls.example.org");
  }

  @Test
  void throughNginxBelowAPathWithoutItsHost() throws Exception {
    String server =
        documented("nginx", "proxy_pass")
            .replace("location / {", "location /calls/ {")
            .replace("127.0.0.1:8711;", "127.0.0.1:8711/;")
            .replace("proxy_set_header Host $host;", "")
            .replace("server_name calls.example.org", "server_name example.org");
    assertCallThrough(nginx(server), "https://example.org/calls");
  }

  @Test
  void throughCaddy() throws Exception {
    assertCallThrough(caddy(documented("caddy", "calls.example.org")), "https://calls.example.org");
  }

  @Test
  void throughCaddyBelowAPath() throws Exception {
    assertCallThrough(caddy(documented("caddy", "handle_path")), "https://example.org/calls");
  }
}
