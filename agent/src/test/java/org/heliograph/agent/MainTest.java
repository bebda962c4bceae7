package org.heliograph.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.heliograph.agent.cli.HeliographCommand;
import org.heliograph.agent.config.ConfigKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  @TempDir Path directory;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line =
        HeliographCommand.commandLine(
            Map.of(
                "XDG_CONFIG_HOME", directory.toString(),
                "XDG_RUNTIME_DIR", directory.toString(),
                "XDG_DATA_HOME", directory.toString()));
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private void configure(String toml) throws Exception {
    Files.createDirectories(directory.resolve("heliograph"));
    Files.writeString(directory.resolve("heliograph/config.toml"), toml);
  }

  @Test
  void aMistypedKeyStopsTheStart() throws Exception {
    configure("[api]\n\nprot = 1\n");
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .contains("config.toml, line 3", "\"api.prot\"", "\"api.port\"")
        .doesNotContain("\tat ");
  }

  @Test
  void aRehearsalStartsAndEndsAndTouchesNothingOfTheUsers() {
    assertThat(run("rehearse")).as(err::toString).isZero();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aMistypedOptionStopsTheStart() {
    assertThat(run("--api-prot=1")).isEqualTo(2);
    assertThat(err.toString()).contains("--api-prot", "--api-port");
  }

  @Test
  void aConfigurationFileThatIsNamedMustBeThere() {
    assertThat(run("--config", directory.resolve("none.toml").toString())).isEqualTo(2);
    assertThat(err.toString()).contains("none.toml");
  }

  @Test
  void helpNamesEveryKey() {
    assertThat(run("run", "--help")).isZero();
    for (ConfigKey key : ConfigKey.values()) {
      assertThat(out.toString()).contains(key.option(), key.environmentVariable());
    }
  }

  @Test
  void configPrintsWhatHolds() throws Exception {
    configure("[api]\nport = 8710\n");
    assertThat(run("config", "--peer-name=me")).isZero();
    assertThat(out.toString()).contains("port = 8710", "name = \"me\"");
  }

  @Test
  void versionPrintsTheVersion() {
    assertThat(run("version")).isZero();
    assertThat(out.toString()).startsWith("heliograph ");
  }

  @Test
  void theDoctorCallsItself() throws Exception {
    assertThat(run("doctor", "--json")).isZero();
    JsonNode report = new JsonMapper().readTree(out.toString());
    assertThat(report.path("healthy").asBoolean()).isTrue();
    assertThat(report.path("self_call").path("first_picture_ms").asLong()).isPositive();
    assertThat(report.path("self_call").path("first_sound_ms").asLong()).isPositive();
    assertThat(report.path("findings"))
        .extracting(finding -> finding.path("area").asText())
        .contains("configuration", "library", "camera", "microphone", "port", "self-call");
  }

  @Test
  void theDoctorSaysWhatIsWrongWithTheConfigurationAndFails() throws Exception {
    configure("[calls]\nmax = 0\n");
    assertThat(run("doctor")).isEqualTo(1);
    assertThat(out.toString())
        .contains("FAIL", "calls.max", "a whole number from 1 to 1000", "do not work here yet");
  }
}
