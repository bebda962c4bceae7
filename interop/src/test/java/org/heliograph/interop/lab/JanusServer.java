package org.heliograph.interop.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The gateway Janus, with a configuration, a port and plugins of its own: the echo test, the video
 * room, and its API over WebSocket on loopback. Its candidates are the machine's own addresses: it
 * takes no loopback address, even where its list of interfaces names one.
 */
public final class JanusServer implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Pattern VERSION = Pattern.compile("Janus version: (\\d+)");

  /** The first version whose video room has more than one picture to a connection. */
  private static final int OLDEST_VERSION = 1000;

  private final Path folder;
  private final int port;
  private final Subprocess process;

  public JanusServer() {
    try {
      folder = Files.createTempDirectory("heliograph-janus");
      port = freePort();
      writeConfiguration();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process =
        Subprocess.start(
            Map.of(),
            List.of(
                "janus",
                "--config=" + folder.resolve("janus.jcfg"),
                "--configs-folder=" + folder,
                "--disable-colors"));
    try {
      process.awaitLine(line -> line.contains("Websockets server started"), LIMIT);
      process.awaitLine(line -> line.contains("VideoRoom plugin initialized"), LIMIT);
      process.awaitLine(line -> line.contains("EchoTest plugin initialized"), LIMIT);
    } catch (AssertionError doesNotStart) {
      close();
      throw doesNotStart;
    }
  }

  /** Why it cannot be had on this machine; empty where it can. */
  public static String whyNot() {
    if (pluginFolders().findAny().isEmpty() || !Files.isExecutable(Path.of("/usr/bin/janus"))) {
      return "the package janus is not installed; Debian 12 has it, not every release does";
    }
    try (Subprocess janus = Subprocess.start(Map.of(), List.of("janus", "--help"))) {
      var _ = janus.awaitExit(LIMIT);
      Matcher version = VERSION.matcher(janus.output());
      return version.find() && Integer.parseInt(version.group(1)) >= OLDEST_VERSION
          ? ""
          : "Janus 1.0 or newer is needed: " + janus.output();
    }
  }

  /** Where Debian keeps what Janus loads: a folder named for the architecture. */
  private static Stream<Path> pluginFolders() {
    try (Stream<Path> folders = Files.list(Path.of("/usr/lib"))) {
      return folders
          .map(folder -> folder.resolve("janus"))
          .filter(Files::isDirectory)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void writeConfiguration() throws IOException {
    Path installed = pluginFolders().findFirst().orElseThrow();
    link(installed, "plugins", "libjanus_echotest.so", "libjanus_videoroom.so");
    link(installed, "transports", "libjanus_websockets.so");
    Files.createDirectory(folder.resolve("none"));
    Files.writeString(
        folder.resolve("janus.jcfg"),
        """
        general: {
          configs_folder = "%1$s"
          plugins_folder = "%1$s/plugins"
          transports_folder = "%1$s/transports"
          events_folder = "%1$s/none"
          loggers_folder = "%1$s/none"
          debug_level = 4
          session_timeout = 0
        }
        media: {
          ipv6 = false
        }
        """
            .formatted(folder));
    Files.writeString(
        folder.resolve("janus.transport.websockets.jcfg"),
        """
        general: {
          json = "compact"
          ws = true
          ws_ip = "127.0.0.1"
          ws_port = %d
        }
        """
            .formatted(port));
    Files.writeString(folder.resolve("janus.plugin.videoroom.jcfg"), "general: {}\n");
    Files.writeString(folder.resolve("janus.plugin.echotest.jcfg"), "general: {}\n");
  }

  private void link(Path installed, String kind, String... libraries) throws IOException {
    Path links = Files.createDirectory(folder.resolve(kind));
    for (String library : libraries) {
      Files.createSymbolicLink(links.resolve(library), installed.resolve(kind).resolve(library));
    }
  }

  /** Where its API is. */
  public URI api() {
    return URI.create("ws://127.0.0.1:" + port);
  }

  public boolean isAlive() {
    return process.isAlive();
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
