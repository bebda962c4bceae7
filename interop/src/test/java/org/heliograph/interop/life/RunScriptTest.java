package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.interop.lab.VirtualDisplay;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code ./run} does around the build and the agent, in whose places scripts stand here. */
class RunScriptTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Path CLONE = Path.of("..").toAbsolutePath().normalize();

  @TempDir Path clone;

  @BeforeEach
  void copy() throws Exception {
    Files.createDirectories(clone.resolve("build-tools"));
    Files.createDirectories(clone.resolve("agent/target"));
    for (String tool : List.of("run", "build-tools/progress", "build-tools/find-jdk")) {
      Files.copy(CLONE.resolve(tool), clone.resolve(tool), StandardCopyOption.COPY_ATTRIBUTES);
    }
    script("build-tools/packages", "");
    script("build-tools/build-agent", "echo /nowhere");
    script("build-tools/rehearse", "touch \"$2\"");
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(clone.resolve(name), "#!/bin/bash\n" + text + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  /** The agent says where it is, and stays until it is ended; then it says that too. */
  private void agentThatStays() throws IOException {
    script(
        "agent/target/heliograph",
        """
        trap 'echo agent ends; kill $sleep; exit 143' TERM
        trap 'echo agent is interrupted; kill $sleep; exit 130' INT
        sleep 1000 & sleep=$!
        echo "agent is $$"
        echo "  Your page  http://127.0.0.1:1/demo/#token=x"
        wait $sleep
        """);
  }

  private Subprocess run(String... arguments) {
    List<String> command = new java.util.ArrayList<>(List.of(clone.resolve("run").toString()));
    command.addAll(List.of(arguments));
    return Subprocess.start(Map.of("DISPLAY", "", "WAYLAND_DISPLAY", ""), command);
  }

  @Test
  void whoeverEndsRunEndsTheAgentAndItsWindow() throws Exception {
    agentThatStays();
    script("build-tools/webview", "echo \"window is $$ of $1\"; exec sleep 1000");
    try (Subprocess run = run("--webview")) {
      assertThat(run.awaitLine(line -> line.startsWith("agent is "), LIMIT))
          .isEqualTo("agent is " + run.pid());
      String window = run.awaitLine(line -> line.startsWith("window is "), LIMIT);
      assertThat(window).endsWith(" of http://127.0.0.1:1/demo/#token=x");
      boolean _ = ProcessHandle.of(run.pid()).orElseThrow().destroy(); // Its output stays open.
      assertThat(run.awaitExit(LIMIT)).isEqualTo(143);
      assertThat(run.output()).contains("agent ends");
      awaitEnd(Long.parseLong(window.split(" ", -1)[2]));
    }
  }

  private static void awaitEnd(long process) throws Exception {
    Optional<ProcessHandle> running = ProcessHandle.of(process);
    if (running.isPresent()) {
      running.get().onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void whoeverClosesTheWindowEndsTheAgent() throws Exception {
    agentThatStays();
    script("build-tools/webview", "echo window closes");
    try (Subprocess run = run("--webview")) {
      assertThat(run.awaitExit(LIMIT)).isEqualTo(143);
      assertThat(run.output()).contains("window closes", "agent ends");
    }
  }

  @Test
  void whereNoWindowCanBeOpenedTheAgentStays() throws Exception {
    agentThatStays();
    Files.copy(CLONE.resolve("build-tools/webview"), clone.resolve("build-tools/webview"));
    try (Subprocess run = run("--webview")) {
      run.awaitLine(line -> line.contains("no display for a window"), LIMIT);
      ProcessHandle agent = ProcessHandle.of(run.pid()).orElseThrow();
      // What looked at the window has ended, and with it all that could end the agent.
      for (ProcessHandle each : agent.descendants().toList()) {
        if (each.info().command().orElse("").contains("python")) {
          each.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
      }
      assertThat(agent.isAlive()).isTrue();
      run.terminate();
    }
  }

  /** How a window of WebKitGTK comes to its end. */
  enum End {
    CLOSED,
    KILLED,
    ITS_PAGE_KILLED
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void howeverAWindowOfWebKitEndsTheAgentEndsWithIt(End end) throws Exception {
    Files.copy(
        CLONE.resolve("build-tools/webview"),
        clone.resolve("build-tools/webview"),
        StandardCopyOption.COPY_ATTRIBUTES);
    CompletableFuture<Void> shown = new CompletableFuture<>();
    HttpServer page =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    page.createContext(
        "/",
        request -> {
          byte[] html = "<script>fetch('/ran')</script>".getBytes(StandardCharsets.UTF_8);
          request.getResponseHeaders().add("Content-Type", "text/html");
          request.sendResponseHeaders(200, html.length);
          request.getResponseBody().write(html);
          request.close();
          if (request.getRequestURI().getPath().equals("/ran")) {
            shown.complete(null);
          }
        });
    page.start();
    agentThatStays();
    Path agent = clone.resolve("agent/target/heliograph");
    Files.writeString(
        agent,
        Files.readString(agent)
            .replace(
                "http://127.0.0.1:1/", "http://127.0.0.1:" + page.getAddress().getPort() + "/"));
    try (VirtualDisplay display = new VirtualDisplay();
        Subprocess run =
            Subprocess.start(
                display.environment(), List.of(clone.resolve("run").toString(), "--webview"))) {
      shown.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      ProcessHandle self = ProcessHandle.of(run.pid()).orElseThrow();
      switch (end) {
        case CLOSED -> display.closeWindow("^Heliograph$");
        case KILLED -> assertThat(part(self, "python").destroyForcibly()).isTrue();
        case ITS_PAGE_KILLED ->
            assertThat(part(self, "WebKitWebProcess").destroyForcibly()).isTrue();
      }
      assertThat(run.awaitExit(LIMIT)).isEqualTo(143);
      assertThat(run.output()).contains("agent ends");
    } finally {
      page.stop(0);
    }
  }

  private static ProcessHandle part(ProcessHandle whole, String program) {
    return whole
        .descendants()
        .filter(each -> each.info().command().orElse("").contains(program))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void itsStatusIsTheAgents() throws Exception {
    script("agent/target/heliograph", "echo \"[$*]\"; exit 7");
    try (Subprocess run = run("--webview", "--api-port=1")) {
      assertThat(run.awaitExit(LIMIT)).isEqualTo(7);
      assertThat(run.output()).contains("[--api-port=1]");
    }
    try (Subprocess run = run("doctor", "--json")) {
      assertThat(run.awaitExit(LIMIT)).isEqualTo(7);
      assertThat(run.output()).contains("[doctor --json]");
    }
  }

  @Test
  void aFastStartThatCouldNotBePreparedIsNotTriedAgain() throws Exception {
    script("agent/target/heliograph", "exit 0");
    script("build-tools/rehearse", "echo tried; echo why >\"$2.log\"");
    for (int start = 0; start < 2; start++) {
      try (Subprocess run = run()) {
        assertThat(run.awaitExit(LIMIT)).isZero();
        assertThat(run.output().contains("tried")).isEqualTo(start == 0);
      }
    }
  }

  // --- Progress ---------------------------------------------------------------------------------

  private static final String MAVEN =
      """
      [INFO] Scanning for projects...
      [INFO] -------------------< org.heliograph:peer >-------------------
      [INFO] Building Heliograph peer 0.1.0-SNAPSHOT                       [3/5]
      [INFO] Downloading from central: https://repo.example/a.jar
      [INFO] Downloaded from central: https://repo.example/a.jar (9 kB at 1 MB/s)
      [INFO] --- compiler:3.15.0:compile (default-compile) @ peer ---
      [ERROR] /x/Y.java:[14,33] does not compile
      """;

  private String progress(String command) throws Exception {
    Path said = Files.writeString(clone.resolve("said"), MAVEN);
    try (Subprocess progress =
        Subprocess.start(
            Map.of("TERM", "xterm"),
            List.of("bash", "-c", command.formatted(clone + "/build-tools/progress <" + said)))) {
      assertThat(progress.awaitExit(LIMIT)).isZero();
      return progress.output();
    }
  }

  @Test
  void inAFileTheBuildIsALineForEachModuleAndNothingForATerminal() throws Exception {
    assertThat(progress("%s"))
        .isEqualTo(
            """
            Building 3 of 5, Heliograph peer
            [ERROR] /x/Y.java:[14,33] does not compile\
            """);
  }

  @Test
  void inATerminalTheBuildIsOneLineThatGoesOn() throws Exception {
    assertThat(progress("script -qec '%s' /dev/null"))
        .contains(
            "\u001b[KBuilding 3 of 5, Heliograph peer: compile, files fetched: 1, ",
            "\u001b[K[ERROR] /x/Y.java:[14,33] does not compile");
  }

  // --- The JDK ----------------------------------------------------------------------------------

  private Path jdk(String version) throws IOException {
    Path home = clone.resolve("jdk-" + version);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script("jdk-" + version + "/bin/javac", "");
    return home;
  }

  /** On a machine without any, whatever this one has. */
  private Subprocess findJdk(String javaHome) throws Exception {
    List<String> alone = List.of("unshare", "--map-root-user", "--mount", "sh", "-c");
    Assumptions.assumeTrue(
        new ProcessBuilder(List.of("unshare", "--map-root-user", "--mount", "true"))
                .start()
                .waitFor()
            == 0,
        "this machine lets nobody have mounts of his own");
    List<String> command = new java.util.ArrayList<>(alone);
    command.add(
        "for each in /usr/lib/jvm /opt; do [ ! -d $each ] || mount -t tmpfs none $each; done; exec "
            + clone.resolve("build-tools/find-jdk"));
    return Subprocess.start(Map.of("HOME", clone.toString(), "JAVA_HOME", javaHome), command);
  }

  @Test
  void whereThereIsNoJdkItIsSaidInTwoLinesHowToGetOne() throws Exception {
    try (Subprocess none = findJdk("")) {
      assertThat(none.awaitExit(LIMIT)).isEqualTo(1);
      assertThat(none.output())
          .hasLineCount(2)
          .contains("Debian 13", "Ubuntu 24.04", "openjdk-25-jdk-headless", "JAVA_HOME=");
    }
    try (Subprocess older = findJdk(jdk("17.0.2").toString())) {
      assertThat(older.awaitExit(LIMIT)).isEqualTo(1);
      assertThat(older.output())
          .hasLineCount(3)
          .endsWith("JAVA_HOME is " + clone + "/jdk-17.0.2, where there is only JDK 17.");
    }
    try (Subprocess nowhere = findJdk("/nowhere")) {
      assertThat(nowhere.awaitExit(LIMIT)).isEqualTo(1);
      assertThat(nowhere.output()).endsWith("JAVA_HOME is /nowhere, where there is no JDK.");
    }
  }

  @Test
  void theOneThatIsNamedIsTakenBeforeANewerOne() throws Exception {
    Path named = jdk("25.0.1");
    Path newer = Files.createDirectories(clone.resolve(".jdks"));
    Files.move(jdk("26"), newer.resolve("jdk-26"));
    try (Subprocess found = findJdk(named.toString())) {
      assertThat(found.awaitExit(LIMIT)).isZero();
      assertThat(found.output()).isEqualTo(named.toString());
    }
    try (Subprocess found = findJdk(jdk("17.0.2").toString())) {
      assertThat(found.awaitExit(LIMIT)).isZero();
      assertThat(found.output()).isEqualTo(newer.resolve("jdk-26").toString());
    }
  }
}
