package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A user whose systemd has the unit of a package. systemctl and journalctl are scripts here, which
 * do and answer what the real ones do for the calls that are made: a test has no user manager.
 */
class SystemdTest {
  private Installation user;
  private Path journal;

  @BeforeEach
  void install() throws Exception {
    user = new Installation();
    journal = Files.createFile(user.home().resolve("journal"));
    user.replaceProgram(
        "journalctl",
        """
        case "$*" in
          *--user-unit=heliograph.service*--output=json*)
            echo '{"__REALTIME_TIMESTAMP":"1767225600000000","PRIORITY":"4","MESSAGE":"Calls - text"}' ;;
          *--user-unit=heliograph.service*) cat '%s' ;;
          *) exit 1 ;;
        esac
        """
            .formatted(journal));
  }

  private void installUnitThatRuns(Path launcher) throws Exception {
    user.replaceProgram(
        "systemctl",
        """
        case "$*" in
          "--user show --property=ExecStart --value heliograph.service")
            echo "{ path=%1$s ; argv[]=%1$s run --on-demand ; ignore_errors=no }" ;;
          "--user start heliograph.service")
            exec 3>>'%2$s'
            export JOURNAL_STREAM=$(stat -Lc %%d:%%i /proc/self/fd/3)
            setsid '%1$s' run --on-demand </dev/null >/dev/null 2>&3 3>&- & ;;
          *) exit 1 ;;
        esac
        """
            .formatted(launcher, journal));
  }

  @AfterEach
  void remove() {
    user.close();
  }

  @Test
  void theUnitIsStartedAndLogsToTheJournal() throws Exception {
    installUnitThatRuns(Installation.LAUNCHER);
    assertThat(user.json("start", "--json").get("started").asBoolean()).isTrue();
    JsonNode state = user.get("/api/agent");
    assertThat(state.at("/log/to").asText()).isEqualTo("journal");
    assertThat(state.get("on_demand").asBoolean()).isTrue();
    assertThat(user.logFile()).doesNotExist();
    assertThat(Files.readString(journal))
        .contains("<6>RunCommand - Heliograph ")
        .as("links, which have the token, are not for the journal")
        .doesNotContain("token=");
    assertThat(user.run("logs").out()).isEqualTo(Files.readString(journal));
    List<JsonNode> messages = user.run("logs", "--json").jsonLines();
    assertThat(messages.getFirst().get("level").asText()).isEqualTo("warn");
    assertThat(messages.getFirst().get("source").asText()).isEqualTo("Calls");
    assertThat(messages.getFirst().get("message").asText()).isEqualTo("text");
  }

  @Test
  void aUnitThatRunsAnotherProgramIsLeftAlone() throws Exception {
    installUnitThatRuns(Path.of("/bin/true"));
    assertThat(user.json("start", "--json").get("started").asBoolean()).isTrue();
    assertThat(user.get("/api/agent").at("/log/to").asText()).isEqualTo("file");
    assertThat(journal).isEmptyFile();
  }
}
