package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.Test;

/** An agent that may open hardly any files. */
class DescriptorsTest {
  /** How many connections there is room for. */
  private static final int ROOM = 20;

  private static long openFiles(long pid) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return open.count();
    }
  }

  private static Socket ask(Installation installation, String path) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), URI.create(installation.url()).getPort());
    socket.setSoTimeout(60_000);
    String request =
        "GET %s?access_token=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
            .formatted(path, installation.token());
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String answer(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    } catch (SocketException reset) {
      return "reset";
    }
  }

  @Test
  void streamsThatWereClosedFreeThemAndTheLogHasALineOfIt() throws Exception {
    try (Installation installation = new Installation()) {
      Result started = installation.begin("start", "--json").await();
      assertThat(started.exit()).as(started.err()).isZero();
      long pid = started.json().get("pid").asLong();
      try (Socket first = ask(installation, "/api/agent")) {
        // What answers is loaded by now, and the files of it are open.
        assertThat(answer(first)).isEqualTo("HTTP/1.1 200");
      }
      long before = openFiles(pid);
      assertThat(
              new ProcessBuilder("prlimit", "--pid=" + pid, "--nofile=" + (before + ROOM))
                  .inheritIO()
                  .start()
                  .waitFor())
          .isZero();

      List<Socket> streams = new ArrayList<>();
      for (int i = 0; i < 2 * ROOM; i++) {
        streams.add(ask(installation, "/api/call/events"));
      }
      Path log = installation.logFile();
      Installation.await(
          () -> Optional.of(Files.readString(log)).filter(text -> text.contains("Too many open")),
          "the line in the log");
      for (Socket stream : streams) {
        stream.close();
      }
      for (int i = 0; i < ROOM / 2; i++) {
        Socket stream = ask(installation, "/api/call/events");
        streams.add(stream);
        assertThat(answer(stream)).isEqualTo("HTTP/1.1 200");
      }
      for (Socket stream : streams) {
        stream.close();
      }
      String text = Files.readString(log);
      assertThat(text.lines().filter(line -> line.contains("can be accepted"))).hasSize(1);
      assertThat(text).doesNotContain("\tat org.eclipse.jetty");
    }
  }
}
