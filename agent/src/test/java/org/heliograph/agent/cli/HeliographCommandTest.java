package org.heliograph.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.heliograph.agent.config.ConfigKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HeliographCommandTest {
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
  void anOptionBeforeACommandIsRefusedAndNotDropped() {
    for (String command : List.of("run", "start", "status", "stop", "logs", "config", "doctor")) {
      for (String option : List.of("--api-address-file=/nowhere", "--config=/nowhere")) {
        err.getBuffer().setLength(0);
        assertThat(run(option, command)).as(option + " " + command).isEqualTo(2);
        assertThat(err.toString())
            .contains("heliograph " + command, option.substring(0, option.indexOf('=')))
            .hasLineCount(1);
      }
    }
    assertThat(run("config", "--json", "reload")).isEqualTo(2);
    assertThat(err.toString()).contains("heliograph config reload --json");
  }

  @Test
  void aMistypedCommandIsNamedWithTheNearestOnes() {
    assertThat(run("stauts")).isEqualTo(2);
    assertThat(err.toString())
        .contains("\"stauts\"", "status", "heliograph --help")
        .hasLineCount(1);
  }

  @Test
  void everyCommandAndOptionIsDescribedAndCanPrintJson() {
    HeliographCommand.commandLine(Map.of())
        .getSubcommands()
        .forEach(
            (name, command) -> {
              CommandLine.Model.CommandSpec spec = command.getCommandSpec();
              assertThat(spec.usageMessage().description()).as(name).isNotEmpty();
              spec.options()
                  .forEach(
                      option ->
                          assertThat(option.description())
                              .as(name + " " + option.longestName())
                              .isNotEmpty());
              if (!spec.helpCommand() && !spec.usageMessage().hidden()) {
                assertThat(spec.optionsMap()).as(name).containsKeys("--json", "--help");
                assertThat(spec.usageMessage().exitCodeList()).as(name).containsKeys("0", "1", "2");
              }
            });
  }

  @Test
  void theDocumentationHasEveryCommandAndExitStatus() throws Exception {
    String page = Files.readString(Path.of("../docs/command-line.md"));
    HeliographCommand.commandLine(Map.of())
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (!command.getCommandSpec().usageMessage().hidden() && !name.equals("help")) {
                assertThat(page).contains("| `" + name);
              }
            });
    for (ExitCode code : ExitCode.values()) {
      assertThat(page).containsPattern("\\| (\\d+, )?" + code.status() + "(, \\d+)? \\|");
    }
  }

  @Test
  void theDocumentationSaysOfEachKeyWhenAChangeTakesEffect() throws Exception {
    Map<ConfigKey.Effect, String> words =
        Map.of(
            ConfigKey.Effect.AT_ONCE, "at once",
            ConfigKey.Effect.NEXT_CALL, "next call",
            ConfigKey.Effect.RESTART, "restart");
    List<String> rows = Files.readAllLines(Path.of("../docs/configuration.md"));
    for (ConfigKey key : ConfigKey.values()) {
      String table = key.path().substring(0, key.path().indexOf('.'));
      String name = key.path().substring(table.length() + 1);
      assertThat(rows)
          .as(key.path())
          .anyMatch(
              row ->
                  row.startsWith("| `" + table + ".")
                      && row.matches(
                          ".*[.`_]" + name.replaceFirst("^video(?=_)", "(video)?") + "`.*")
                      && row.split("\\|", -1)[3].contains(words.get(key.effect())));
    }
  }

  @Test
  void statusSaysThatNoAgentRuns() throws Exception {
    assertThat(run("status")).isEqualTo(3);
    assertThat(out.toString()).contains("No agent of yours runs", "heliograph start");
    assertThat(run("config", "reload")).isEqualTo(3);
    assertThat(err.toString()).contains("No agent of yours runs").hasLineCount(1);
    assertThat(run("stop")).isZero();
  }

  @Test
  void aCallNeedsSoundOrAPicture() {
    assertThat(run("call", "her", "--no-audio", "--no-video")).isEqualTo(2);
    assertThat(err.toString()).contains("--no-audio or --no-video").hasLineCount(1);
  }

  @Test
  void whatIsNoNameIsRefusedBeforeAnAgentIsStarted() {
    for (String name : List.of("", " ", "a\nb", "x".repeat(129))) {
      err.getBuffer().setLength(0);
      assertThat(run("call", name)).as(name).isEqualTo(2);
      assertThat(err.toString()).contains("nobody's name").doesNotContain("\tat ");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void configSaysForProgramsWhatEachKeyIsAndWhenAChangeHolds() throws Exception {
    assertThat(run("config", "--json", "--calls-max=7")).isZero();
    JsonNode config = new JsonMapper().readTree(out.toString());
    assertThat(config.at("/keys/calls.max/value").asInt()).isEqualTo(7);
    assertThat(config.at("/keys/calls.max/default").asInt()).isEqualTo(4);
    assertThat(config.at("/keys/calls.max/effect").asText()).isEqualTo("at_once");
    assertThat(config.at("/keys/api.port/effect").asText()).isEqualTo("restart");
    assertThat(config.path("file").asText()).endsWith("config.toml");
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
