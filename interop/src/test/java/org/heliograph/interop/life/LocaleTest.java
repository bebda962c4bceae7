package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in the locales that its users have: one, none, or one that was not generated. */
class LocaleTest {
  private static final String NAME = "J\u00fcrgen \u6f22 \ud83d\ude42";
  private static final String GUEST = "Zo\u00eb \u5b57 \ud83d\udc4b";

  private static String in(String locale) {
    return """
    unset LC_ALL LC_CTYPE LANGUAGE LANG
    %s
    export XDG_RUNTIME_DIR="$HOME/\u00fc \u6f22 \ud83d\ude42"
    mkdir -p -m 700 "$XDG_RUNTIME_DIR"
    """
        .formatted(locale.isEmpty() ? "" : "export LANG=" + locale);
  }

  /** Every command, with names and paths that are not ASCII as its options and in its output. */
  @ParameterizedTest
  @ValueSource(strings = {"", "C", "POSIX", "tr_TR", "ar_EG", "de_DE.UTF-8"})
  void namesAndPathsOfAnyAlphabetAreKept(String locale) throws Exception {
    try (Installation installation = new Installation()) {
      String toml =
          """
          [peer]
          name = "%s"
          [rendezvous]
          guests = ["%s"]
          [media]
          camera = "test"
          microphone = "test"
          """
              .formatted(NAME, GUEST);
      installation.configure(toml);
      Result config = installation.runAfter(in(locale), "config");
      assertThat(config.exit()).as(config.err()).isZero();
      assertThat(config.out()).contains(NAME, GUEST);
      String film = installation.home() + "/\u00fc \u6f22 \ud83d\ude42.webm";
      Result devices =
          installation.runAfter(in(locale), "devices", "--media-camera=" + film, "--json");
      assertThat(devices.json().at("/configured/camera").asText()).isEqualTo(film);
      Result doctor =
          installation.runAfter(
              in(locale), "doctor", "--json", "--config=" + installation.configFile());
      assertThat(doctor.exit()).as(doctor.out() + doctor.err()).isZero();
      Result wrong = installation.runAfter(in(locale), "call", GUEST, "--" + GUEST);
      assertThat(wrong.exit()).isEqualTo(2);
      assertThat(wrong.err()).contains(GUEST);

      Result started = installation.runAfter(in(locale), "start", "--json");
      assertThat(started.exit()).as(started.err()).isZero();
      assertThat(started.json().get("address_file").asText())
          .contains("/\u00fc \u6f22 \ud83d\ude42/");
      try {
        JsonNode status = installation.runAfter(in(locale), "status", "--links", "--json").json();
        assertThat(status.get("running").asBoolean()).isTrue();
        assertThat(status.get("name").asText()).isEqualTo(NAME);
        assertThat(recordingOf("\u00fcbung \u6f22", installation)).contains("unknown_call");
        String link = status.at("/invitations").get(GUEST).asText();
        assertThat(URI.create(link).getFragment()).contains(GUEST);
        Result call = installation.runAfter(in(locale), "call", GUEST);
        assertThat(call.exit()).as(call.out() + call.err()).isEqualTo(5);
        assertThat(call.out()).contains("Calling " + GUEST);
        installation.configure(toml.replace(GUEST, GUEST + "!"));
        Installation.await(
            () ->
                Optional.of(installation.runAfter(in(locale), "logs", "--json"))
                    .filter(logs -> logs.out().contains(GUEST + "!")),
            "the changed guest in the log");
        Result reload = installation.runAfter(in(locale), "config", "reload");
        assertThat(reload.exit()).as(reload.err()).isZero();
      } finally {
        assertThat(installation.runAfter(in(locale), "stop").exit()).isZero();
      }
    }
  }

  /** A name that no file can have is refused before the call is looked for. */
  private static String recordingOf(String name, Installation installation) throws Exception {
    JsonNode agent;
    try (Stream<Path> files = Files.walk(installation.home())) {
      // Found, not named: this process's own locale may have no name for its folder.
      Path file = files.filter(each -> each.endsWith("agent.json")).findFirst().orElseThrow();
      agent = Installation.JSON.readTree(Files.readString(file));
    }
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create(agent.get("url").asText() + "/api/call/session/c/recording"))
                  .header("Authorization", "Bearer " + agent.get("token").asText())
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"file_name\":\"" + name + "\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  /** What Java has for the digits of a locale, whether or not the machine has generated it. */
  @Test
  void whereDigitsAreOthersTheDoctorFindsTheTestPictureInOrder() throws Exception {
    try (Installation installation = new Installation()) {
      installation.configure("[media]\ncamera = \"test\"\nmicrophone = \"test\"\n");
      String arabic =
          in("ar_EG") + "export HELIOGRAPH_JAVA_OPTIONS='-Duser.language=ar -Duser.country=EG'\n";
      Result doctor = installation.runAfter(arabic, "doctor");
      assertThat(doctor.exit()).as(doctor.out() + doctor.err()).isZero();
      assertThat(doctor.out()).doesNotContainPattern("[\u0660-\u0669]");
    }
  }

  /** The words of the C library, which are the user's, are not those that a sentence is made of. */
  @Test
  void whatTheSystemSaysIsUnderstoodWhereItSpeaksAnotherLanguage() throws Exception {
    assumeThat(Path.of("/usr/share/locale/ca/LC_MESSAGES/libc.mo"))
        .as("the C library's words in Catalan")
        .exists();
    try (Installation installation = new Installation()) {
      String catalan =
          """
          export LOCPATH="$HOME/locales" LC_ALL=ca_ES.UTF-8
          mkdir "$LOCPATH"
          localedef -i ca_ES -f UTF-8 "$LOCPATH/ca_ES.UTF-8" >&2
          cat "$HOME" 2>"$HOME/said"
          """;
      Files.createDirectory(installation.configFile());
      Result config = installation.runAfter(catalan, "config");
      assumeThat(installation.home().resolve("said")).content().contains("\u00c9s un directori");
      assertThat(config.err()).contains("it is a directory");
    }
  }

  @Test
  void aProgramThatIsOpenedHasTheUsersLocale() throws Exception {
    try (Installation installation = new Installation()) {
      Path said = Files.createFile(installation.home().resolve("said"));
      installation.replaceProgram(
          "xdg-open", "echo \"${LC_ALL-unset} ${LANG-unset}\" >>'" + said + "'\n");
      String[] open = {"start", "--open-with", "xdg-open"};
      assertThat(installation.runAfter("unset LC_ALL; export LANG=tr_TR", open).exit()).isZero();
      assertThat(installation.runAfter("export LC_ALL=ar_EG LANG=C", open).exit()).isZero();
      Installation.await(
          () -> Optional.of(Files.readAllLines(said)).filter(lines -> lines.size() == 2),
          "two pages");
      assertThat(said).content().contains("unset tr_TR\n", "ar_EG C\n");
    }
  }
}
