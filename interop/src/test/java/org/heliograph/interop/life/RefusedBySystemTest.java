package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the program says where the system refuses it something: what, why, and what to do. */
class RefusedBySystemTest {
  private Installation user;

  @BeforeEach
  void install() throws Exception {
    user = new Installation();
  }

  @AfterEach
  void remove() {
    user.close();
  }

  private static void assertSaid(Result result, int exit, String... words) {
    assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
    assertThat(result.err())
        .startsWith("heliograph: ")
        .contains(words)
        .doesNotContain("Exception")
        .hasLineCount(1)
        .endsWith(".\n");
    assertThat(result.out()).isEmpty();
  }

  /** A script by which all folders but one belong to the other user. */
  private String anotherUser(String foreign) throws Exception {
    assumeThat(Installation.hasAnotherUser()).as("root, and a program for all").isTrue();
    Path theirs = Files.createDirectories(user.home().resolve("theirs"));
    Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.createDirectories(user.home().resolve("foreign"));
    return """
    for folder in RUNTIME_DIR CONFIG_HOME DATA_HOME STATE_HOME; do
      mkdir -p "$HOME/theirs/$folder"
      export XDG_$folder="$HOME/theirs/$folder"
    done
    %s
    """
        .formatted(foreign.isEmpty() ? "" : "export " + foreign + "=\"$HOME/foreign\"");
  }

  private String foreign() {
    return user.home() + "/foreign, which belongs to the user root";
  }

  @Test
  void aLogThatCannotBeKept() throws Exception {
    Result start = user.runAsAnother(anotherUser("XDG_STATE_HOME"), "start", "--json");
    assertSaid(start, 1, "log in " + user.home(), foreign(), "Set XDG_STATE_HOME");
  }

  @Test
  void aRuntimeDirectoryThatIsAnotherUsers() throws Exception {
    String script = anotherUser("XDG_RUNTIME_DIR");
    for (String command : new String[] {"start", "run"}) {
      assertSaid(user.runAsAnother(script, command), 1, foreign(), "Set XDG_RUNTIME_DIR");
    }
  }

  @Test
  void aLockThatMayNotBeRead() throws Exception {
    String script =
        anotherUser("")
            + """
            mkdir "$XDG_RUNTIME_DIR/heliograph"
            : >"$XDG_RUNTIME_DIR/heliograph/agent.json.lock"
            chmod 0 "$XDG_RUNTIME_DIR/heliograph/agent.json.lock"
            """;
    for (String command : new String[] {"status", "stop", "start"}) {
      assertSaid(
          user.runAsAnother(command.equals("status") ? script : anotherUser(""), command),
          1,
          "permission is denied for " + user.home(),
          "agent.json.lock");
    }
  }

  @Test
  void aCertificateThatCannotBeKept() throws Exception {
    Result run = user.runAsAnother(anotherUser("XDG_DATA_HOME"), "run", "--rendezvous-tls=always");
    assertSaid(run, 1, "certificate", foreign(), "Set XDG_DATA_HOME");
  }

  @Test
  void aConfigurationThatMayNotBeRead() throws Exception {
    String script = anotherUser("XDG_CONFIG_HOME");
    Path folder = Files.createDirectories(user.home().resolve("foreign/heliograph"));
    Path file = Files.writeString(folder.resolve("config.toml"), "[calls]\nmax = 2\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertSaid(
        user.runAsAnother(script, "config"), 2, "permission is denied for " + file, "user root");
    // A folder that nobody else may look into is not one without a file.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    assertSaid(
        user.runAsAnother(script, "config"), 2, "permission is denied for " + file.getParent());
  }

  @Test
  void aConfigurationThatIsNoText() throws Exception {
    Files.write(
        user.configFile(),
        "[peer]\nname = \"J\u00fcrgen\"\n".getBytes(StandardCharsets.ISO_8859_1));
    assertSaid(user.run("config"), 2, "config.toml, line 2, column 10: it is no UTF-8 text. Save");
    Files.delete(user.configFile());
    Files.createDirectory(user.configFile());
    assertSaid(user.run("start"), 2, "config.toml cannot be read: it is a directory");
    assertSaid(user.run("config", "--config=/dev/zero"), 2, "/dev/zero is longer than");
    assertSaid(user.run("config", "--config=/nowhere"), 2, "/nowhere is not there");
  }

  @Test
  void aPortThatTakesRights() throws Exception {
    Result start = user.runAsAnother(anotherUser(""), "start", "--api-port=81");
    assertSaid(start, 1, "port 81 of 127.0.0.1: only root", "from 1024 on with api.port");
    Result doctor = user.runAsAnother(anotherUser(""), "doctor", "--api-port=81");
    assertThat(doctor.out()).contains("port 81 of 127.0.0.1 cannot be used: only root");
  }

  @Test
  void anAddressThatIsNotOurs() throws Exception {
    Result start = user.run("start", "--rendezvous-listen=198.51.100.7");
    assertSaid(start, 1, "of 198.51.100.7: it is no address of this machine", "rendezvous.listen");
  }

  @Test
  void aReadOnlyHome() throws Exception {
    assumeThat(Installation.hasAnotherUser()).as("root").isTrue();
    String script =
        """
        mkdir "$HOME/home"
        mount -t tmpfs -o ro none "$HOME/home"
        export HOME="$HOME/home"
        unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
        """;
    Result start = user.runWithMounts(script + "exec \"$0\" start");
    assertSaid(start, 1, "the file system of " + user.home() + "/home/.local", "is read-only");
    Result run =
        user.runWithMounts(
            script.replace("mkdir", ":") + "exec \"$0\" run --rendezvous-tls=always");
    assertSaid(run, 1, "the file system of " + user.home() + "/home/.local", "XDG_DATA_HOME");
  }

  @Test
  void aFullRuntimeDirectoryIsNamedAndNothingIsLeftInIt() throws Exception {
    assumeThat(Installation.hasAnotherUser()).as("root").isTrue();
    Result start =
        user.runWithMounts(
            """
            mkdir -p "$XDG_RUNTIME_DIR"
            mount -t tmpfs -o size=16k,mode=700 none "$XDG_RUNTIME_DIR"
            mkdir -m 700 "$XDG_RUNTIME_DIR/heliograph"
            cat /dev/zero >"$XDG_RUNTIME_DIR/full" 2>"$HOME/cat" || :
            status=0
            "$0" start || status=$?
            ls "$XDG_RUNTIME_DIR/heliograph" >"$HOME/left"
            exit $status
            """);
    assertSaid(
        start,
        1,
        "files in " + user.home() + "/run/heliograph: the disk is full",
        "Set XDG_RUNTIME_DIR");
    assertThat(user.home().resolve("left")).hasContent("agent.json.lock");
  }

  @Test
  void whatJavaSaysOfLowLimitsIsNotOnTheStandardOutput() throws Exception {
    Result memory = user.runAfter("ulimit -v 400000", "status", "--json");
    assertThat(memory.exit()).isNotZero();
    assertThat(memory.out()).isEmpty();
    assertThat(memory.err()).contains("Could not reserve");
    String script = anotherUser("") + "prlimit --nproc=8: --pid=$$\n";
    Result threads = user.runAsAnother(script, "status", "--json");
    assertThat(threads.exit()).isNotZero();
    assertThat(threads.out()).isEmpty();
    assertThat(threads.err()).contains("thread");
  }

  @Test
  void theHomeIsWhatTheEnvironmentSays() throws Exception {
    String script =
        """
        export HOME="$HOME/elsewhere"
        unset XDG_STATE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
        """;
    Path home = Files.createDirectory(user.home().resolve("elsewhere"));
    Result config = user.runAfter(script, "config", "--json");
    Path file = home.resolve(".config/heliograph/config.toml");
    assertThat(config.json().get("file").asText()).isEqualTo(file.toString());
    assertThat(user.runAfter(script, "start", "--rendezvous-tls=always").exit()).isZero();
    assertThat(home.resolve(".local/state/heliograph/agent.0.log")).exists();
    assertThat(home.resolve(".local/share/heliograph/rendezvous.p12")).exists();

    // And what is made there after the start is noticed.
    Files.createDirectories(file.getParent());
    Files.writeString(file, "[calls]\nenabled = false\n");
    Installation.await(
        () ->
            Optional.of(user.get("/api/call/mode"))
                .filter(mode -> mode.get("mode").asText().equals("browser")),
        "the configuration");
    assertThat(user.runAfter(script, "config", "reload").out()).contains("Nothing has changed");
  }
}
