package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.heliograph.interop.life.Installation.Command;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the agent comes and goes, with real processes. */
class LifeCycleTest {
  private Installation user;

  @BeforeEach
  void install() throws Exception {
    user = new Installation();
  }

  @AfterEach
  void remove() {
    user.close();
  }

  @Test
  void ofSeveralStartsAtOnceComesOneAgentThatAllOfThemFind() throws Exception {
    List<Command> starts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      starts.add(user.begin("start", "--json"));
    }
    List<JsonNode> reports = new ArrayList<>();
    for (Command start : starts) {
      Result result = start.await();
      assertThat(result.exit()).as(result.toString()).isZero();
      reports.add(result.json());
    }
    long pid = user.get("/api/agent").get("pid").asLong();
    assertThat(reports).extracting(report -> report.get("pid").asLong()).containsOnly(pid);
    assertThat(reports)
        .extracting(report -> report.get("started").asBoolean())
        .containsOnlyOnce(true);
    assertThat(reports.getFirst().get("address_file").asText())
        .isEqualTo(user.addressFile().toString());
    assertThat(reports.getFirst().get("url").asText())
        .endsWith(":" + reports.getFirst().get("port").asInt());

    Result another = user.run("run");
    assertThat(another.exit()).isEqualTo(4);
    assertThat(another.err())
        .contains("Another agent of yours runs", user.url(), "heliograph stop")
        .hasLineCount(1);
  }

  @Test
  void eachClickOnTheDesktopsEntryOpensTheOneAgentsPage() throws Exception {
    Path entry = Path.of("../packaging/desktop/org.heliograph.Heliograph.desktop");
    String line =
        Files.readAllLines(entry).stream()
            .filter(each -> each.startsWith("Exec=heliograph "))
            .findFirst()
            .orElseThrow();
    String[] arguments = line.substring("Exec=heliograph ".length()).split(" ");
    assertThat(arguments).endsWith("xdg-open");
    Path opened = Files.createFile(user.home().resolve("opened"));
    user.replaceProgram("xdg-open", "echo \"$1\" >>'" + opened + "'\n");

    // Two at once, of which one comes while the other starts an agent; then one more.
    List<Command> clicks = List.of(user.begin(arguments), user.begin(arguments));
    for (Command click : clicks) {
      assertThat(click.await().exit()).isZero();
    }
    assertThat(user.run(arguments).exit()).isZero();

    List<String> links =
        Installation.await(
            () -> Optional.of(Files.readAllLines(opened)).filter(lines -> lines.size() == 3),
            "three pages");
    assertThat(links).doesNotHaveDuplicates();
    for (String link : links) {
      assertThat(link).startsWith(user.url()).doesNotContain(user.token());
      assertThat(user.redirection(link)).endsWith("/demo/#token=" + user.token());
    }
    assertThat(user.json("status", "--json").get("on_demand").asBoolean()).isTrue();
  }

  @Test
  void anAgentIsFoundAndStoppedFromASandboxThatDoesNotSeeItsProcess() throws Exception {
    assumeThat(Installation.hasSandboxes()).as("namespaces are allowed").isTrue();
    user.json("start", "--json");
    JsonNode found = user.beginInSandbox("start", "--json").await().json();
    assertThat(found.get("started").asBoolean()).isFalse();
    assertThat(found.get("url").asText()).isEqualTo(user.url());
    Result stopped = user.beginInSandbox("stop", "--json").await();
    assertThat(stopped.json().get("stopped").asBoolean()).as(stopped.toString()).isTrue();
    assertThat(user.addressFile()).doesNotExist();
  }

  @Test
  void whoWantsToStopAnAgentThatStartsWaitsForIt() throws Exception {
    Command start = user.begin("start", "--json");
    Path lock = user.addressFile().resolveSibling("agent.json.lock");
    Installation.await(() -> Optional.of(lock).filter(Files::exists), "the lock");
    assertThat(user.json("stop", "--json").get("stopped").asBoolean()).isTrue();
    assertThat(start.await().exit()).isZero();
    assertThat(user.addressFile()).doesNotExist();
  }

  @Test
  void whatAKilledAgentHasLeftIsNoObstacle() throws Exception {
    long first = user.json("start", "--json").get("pid").asLong();
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    JsonNode second = user.json("start", "--json");
    assertThat(second.get("started").asBoolean()).isTrue();
    assertThat(second.get("pid").asLong()).isNotEqualTo(first);
    assertThat(user.get("/api/agent").get("pid")).isEqualTo(second.get("pid"));
  }

  @Test
  void anAgentLeavesWhenNobodyUsesItAnyMore() throws Exception {
    user.configure("[agent]\nidle_seconds = 1\n");
    user.json("start", "--json");
    user.awaitGone();
    assertThat(user.run("status").exit()).isEqualTo(3);
    assertThat(Files.readString(user.logFile())).contains("Nobody has used the agent for 1 second");
  }

  @Test
  void whatHappensAfterSigtermIsInTheLogToo() throws Exception {
    long pid = user.json("start", "--json").get("pid").asLong();
    ProcessHandle.of(pid).orElseThrow().destroy();
    user.awaitGone();
    Installation.await(
        () ->
            Optional.of(Files.readString(user.logFile()))
                .filter(log -> log.contains("agent has left the rendezvous")),
        "the agent's last words");
  }

  @Test
  void whatCannotStartIsSaidInASentenceByWhoeverAskedForIt() throws Exception {
    try (Installation other = new Installation()) {
      int port = other.json("start", "--json").get("port").asInt();
      Result taken = user.run("start", "--api-port=" + port);
      assertThat(taken.exit()).isEqualTo(1);
      assertThat(taken.err()).contains(Integer.toString(port), "api.port").hasLineCount(1);
    }
    user.configure("[api]\nprot = 1\n");
    Result wrong = user.run("start");
    assertThat(wrong.exit()).isEqualTo(2);
    assertThat(wrong.err()).contains("config.toml, line 2", "api.port").hasLineCount(1);
    assertThat(user.addressFile()).doesNotExist();
  }

  @Test
  void aChangedConfigurationIsTakenByTheRunningAgent() throws Exception {
    user.configure("[calls]\nmax = 2\n");
    user.json("start", "--json");

    user.configure("[calls]\nenabled = false\n[api]\nport = 4\n");
    Installation.await(
        () ->
            Optional.of(user.get("/api/call/mode"))
                .filter(mode -> mode.get("mode").asText().equals("browser")),
        "the changed configuration");
    Result again = user.run("config", "reload");
    assertThat(again.exit()).isZero();
    assertThat(again.out()).contains("api.port has changed, but holds only after");

    user.configure("[calls]\nenabled = maybe\n");
    Result broken = user.run("config", "reload");
    assertThat(broken.exit()).isEqualTo(1);
    assertThat(broken.err()).contains("config.toml, line 2").hasLineCount(1);
    JsonNode status = user.json("status", "--json");
    assertThat(status.at("/configuration/problem").asText()).contains("config.toml, line 2");
    assertThat(user.get("/api/call/mode").get("mode").asText()).isEqualTo("browser");

    user.configure("[calls]\nmax = 9\n");
    Installation.await(
        () ->
            Optional.of(user.get("/api/agent"))
                .filter(state -> !state.at("/configuration").has("problem")),
        "the mended configuration");
    assertThat(user.json("config", "reload", "--json").toString())
        .isEqualTo("{\"changed\":[],\"need_restart\":[]}");
    assertThat(Files.readString(user.logFile()))
        .contains("calls.max = 9 holds at once", "The changed configuration is wrong");
  }

  /** A new user's folder appears, moves and vanishes; links to it and to the file are replaced. */
  @Test
  void aConfigurationFolderThatAppearsMovesAndVanishesIsNoticed() throws Exception {
    Path folder = user.configFile().getParent();
    Path configs = folder.getParent();
    Files.delete(folder);
    Files.delete(configs);
    user.json("start", "--json");
    MaximumInLog maximum = new MaximumInLog();

    Files.createDirectories(folder);
    user.configure("[calls]\nmax = 11\n");
    maximum.await(11); // It appears, with the folder above it.
    Path away = configs.resolve("away");
    Files.move(folder, away);
    maximum.await(DEFAULT_MAXIMUM);
    Files.move(away, folder);
    maximum.await(11); // It is back.

    Path store = Files.createDirectories(user.home().resolve("store"));
    link(user.configFile(), Files.writeString(store.resolve("one"), "[calls]\nmax = 12\n"));
    maximum.await(12); // The file is a link, as home-manager makes it.
    link(user.configFile(), Files.writeString(store.resolve("two"), "[calls]\nmax = 13\n"));
    maximum.await(13);

    Files.move(folder, away);
    maximum.await(DEFAULT_MAXIMUM);
    Path first = Files.createDirectories(store.resolve("first"));
    Files.writeString(first.resolve("config.toml"), "[calls]\nmax = 14\n");
    Path second = Files.createDirectories(store.resolve("second"));
    Files.writeString(second.resolve("config.toml"), "[calls]\nmax = 15\n");
    link(folder, first);
    maximum.await(14); // The folder is a link.
    link(folder, second);
    maximum.await(15);
    assertThat(user.json("config", "reload", "--json").toString())
        .isEqualTo("{\"changed\":[],\"need_restart\":[]}");
    Files.delete(folder);
    maximum.await(DEFAULT_MAXIMUM);
  }

  private static final int DEFAULT_MAXIMUM = 4;

  /** What the agent's log says of {@code calls.max}, each line once. */
  private final class MaximumInLog {
    private int read;

    void await(int max) throws Exception {
      String line = "calls.max = " + max + " holds at once";
      read +=
          Installation.await(
              () -> {
                int found = Files.readString(user.logFile()).indexOf(line, read);
                return found < 0 ? Optional.empty() : Optional.of(found + line.length() - read);
              },
              line);
    }
  }

  /** Puts a link in the place of another at once, as ln -sfT and home-manager do. */
  private static void link(Path link, Path target) throws IOException {
    Path next = Files.createSymbolicLink(link.resolveSibling("next-link"), target);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
  }
}
