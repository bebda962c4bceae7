package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The program in the locales that its users have: one, none, or one that was not generated. */
class LocaleTest {
  private static final String NAME = "J\u00fcrgen \u6f22 \ud83d\ude42";

  private static String in(String locale) {
    return """
    unset LC_ALL LC_CTYPE LANGUAGE LANG
    %s
    export XDG_RUNTIME_DIR="$HOME/\u00fc \u6f22 \ud83d\ude42"
    mkdir -p -m 700 "$XDG_RUNTIME_DIR"
    """
        .formatted(locale.isEmpty() ? "" : "export LANG=" + locale);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "C", "POSIX", "tr_TR", "ar_EG", "de_DE.UTF-8"})
  void namesAndPathsOfAnyAlphabetAreKept(String locale) throws Exception {
    try (Installation installation = new Installation()) {
      installation.configure("[peer]\nname = \"" + NAME + "\"\n");
      Result config = installation.runAfter(in(locale), "config");
      assertThat(config.exit()).as(config.err()).isZero();
      assertThat(config.out()).contains(NAME);

      Result started = installation.runAfter(in(locale), "start", "--json");
      assertThat(started.exit()).as(started.err()).isZero();
      try {
        JsonNode status = installation.runAfter(in(locale), "status", "--json").json();
        assertThat(status.get("running").asBoolean()).isTrue();
        assertThat(status.get("name").asText()).isEqualTo(NAME);
        assertThat(recordingOf("\u00fcbung \u6f22", installation)).contains("unknown_call");
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
}
