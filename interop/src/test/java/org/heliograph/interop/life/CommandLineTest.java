package org.heliograph.interop.life;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.heliograph.interop.lab.RejectingGuest;
import org.heliograph.interop.life.Installation.Command;
import org.heliograph.interop.life.Installation.Result;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands, as a person and a program use them, with real processes. */
class CommandLineTest {
  private static final String TEST_MEDIA =
      """
      [media]
      camera = "test"
      microphone = "test"
      [ice]
      include_loopback = "true"
      """;

  private Installation anna;
  private Installation bert;

  @BeforeEach
  void install() throws Exception {
    anna = new Installation();
    bert = new Installation();
  }

  @AfterEach
  void remove() {
    bert.close();
    anna.close();
  }

  /** Anna has the rendezvous; Bert has her invitation. */
  private void introduce() throws Exception {
    anna.configure(TEST_MEDIA + "[peer]\nname = \"anna\"\n[rendezvous]\nguests = [\"bert\"]\n");
    anna.json("start", "--json");
    URI link = URI.create(anna.get("/api/agent").at("/invitations/bert").asText());
    String token = link.getRawFragment().replaceAll(".*token=([^&]*).*", "$1");
    bert.configure(
        TEST_MEDIA
            + """
            [peer]
            name = "bert"
            [signaling]
            type = "websocket"
            url = "ws://%s/signal"
            token = "%s"
            """
                .formatted(link.getAuthority(), token));
    startBert();
  }

  private void startBert() throws Exception {
    bert.json("start", "--json");
    Installation.await(
        () -> Optional.of(bert.get("/api/agent")).filter(s -> !s.at("/signaling").has("problem")),
        "the rendezvous");
  }

  private void acceptAtBert() throws Exception {
    JsonNode incoming =
        Installation.await(
            () ->
                Optional.of(bert.get("/api/call/active"))
                    .filter(calls -> !calls.isEmpty())
                    .map(calls -> calls.get(0)),
            "the call");
    ObjectNode body = Installation.JSON.createObjectNode();
    body.put("channel_id", incoming.get("channel_id").asText()).put("remote_peer", "anna");
    bert.post("/api/call/accept", body);
  }

  @Test
  void aCallIsMadeInATerminalAndTheOtherAgentHangsUpWhenItIsStopped(@TempDir Path directory)
      throws Exception {
    introduce();
    Path film = directory.resolve("film.webm");
    Command call = anna.beginInTerminal("call", "bert", "--player", "cat >" + film);
    call.awaitOutput("It rings at bert.");
    acceptAtBert();
    call.awaitOutput("Connected.");
    String screen = call.awaitOutput("sending sound and picture");
    assertThat(screen).contains("\r\u001b[?7l00:00:0", " · connection ", "round trip");
    Installation.await(
        () -> Optional.of(film).filter(file -> file.toFile().length() > 10_000), "the film");

    Result stopped = bert.run("stop");
    assertThat(stopped.exit()).isZero();
    Result ended = call.await();
    assertThat(ended.exit()).isZero();
    assertThat(ended.out()).contains("The other side has hung up.");
    byte[] ebml = {0x1A, 0x45, (byte) 0xDF, (byte) 0xA3};
    assertThat(Files.readAllBytes(film)).startsWith(ebml);
  }

  @Test
  void aCallForAProgramIsALineOfJsonForEachEventAndEndsWithCtrlC() throws Exception {
    introduce();
    Command call = anna.begin("call", "bert", "--no-video", "--json");
    call.awaitOutput("\"state\":\"ringing\"");
    acceptAtBert();
    call.awaitOutput("\"state\":\"connected\"");
    call.interrupt();
    Result ended = call.await();
    assertThat(ended.exit()).isEqualTo(130);
    List<JsonNode> events = ended.jsonLines();
    assertThat(events.getFirst().at("/media/video").asBoolean()).isFalse();
    assertThat(events.getLast().get("event").asText()).isEqualTo("ended");
    assertThat(events.getLast().get("reason").asText()).isEqualTo("hung_up");
    Installation.await(
        () -> Optional.of(bert.get("/api/call/active")).filter(JsonNode::isEmpty), "the end");

    Command again = anna.begin("call", "bert");
    again.awaitOutput("It rings at bert."); // not said where it is over by then
    JsonNode incoming =
        Installation.await(
            () ->
                Optional.of(bert.get("/api/call/active"))
                    .filter(calls -> !calls.isEmpty())
                    .map(calls -> calls.get(0)),
            "the second call");
    ObjectNode body = Installation.JSON.createObjectNode();
    bert.post("/api/call/reject", body.put("channel_id", incoming.get("channel_id").asText()));
    Result rejected = again.await();
    assertThat(rejected.exit()).isEqualTo(5);
    assertThat(rejected.out())
        .isEqualTo(
            """
            Calling bert; Ctrl+C hangs up.
            It rings at bert.
            The other side has rejected the call.
            """);
  }

  @Test
  void whatTheOtherSideSaysActsOnNoTerminal() throws Exception {
    anna.configure(TEST_MEDIA + "[peer]\nname = \"anna\"\n[rendezvous]\nguests = [\"mallory\"]\n");
    anna.json("start", "--json");
    URI link = URI.create(anna.get("/api/agent").at("/invitations/mallory").asText());
    String signal =
        "ws://%s/signal?%s"
            .formatted(link.getAuthority(), link.getRawFragment())
            .replace("token=", "access_token=");
    try (RejectingGuest _ = new RejectingGuest(signal)) {
      Result piped = anna.run("call", "mallory");
      assertThat(piped.out()).contains(RejectingGuest.MARKUP, "end");
      assertThat(piped.out().lines()).allMatch(RejectingGuest::isFit);

      Result json = anna.run("call", "mallory", "--json");
      assertThat(json.jsonLines().getLast().get("message").asText())
          .contains(RejectingGuest.MARKUP)
          .matches(RejectingGuest::isFit);
      assertThat(json.out().lines()).allMatch(RejectingGuest::isFit);

      String screen = anna.beginInTerminal("call", "mallory").await().out();
      assertThat(screen)
          .contains(RejectingGuest.MARKUP)
          .doesNotContain(
              "\u001b[2J", "\u001b]0", "\u0007", "\u009b", "\u202e", "\u2066", "\u2028");
    }
  }

  @Test
  void whoIsNotThereIsCalledInVainAndHisLinkIsShown() throws Exception {
    anna.configure(TEST_MEDIA + "[rendezvous]\nguests = [\"bert\"]\n");
    Result result = anna.run("call", "bert"); // which starts an agent
    assertThat(result.exit()).isEqualTo(5);
    assertThat(result.out())
        .contains("Calling bert", "not connected", "/remote/#token=")
        .doesNotContain("rings");
    assertThat(result.err()).isEmpty();

    String token = anna.token();
    String invitation = anna.get("/api/agent").at("/invitations/bert").asText();
    for (String[] command : new String[][] {{"status"}, {"status", "--json"}}) {
      assertThat(anna.run(command).out())
          .contains("/demo/", "/remote/")
          .doesNotContain(token)
          .doesNotContain("token=");
    }
    assertThat(anna.run("status").out())
        .containsPattern(" since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\.");
    assertThat(anna.run("status", "--links").out()).contains(invitation, "/demo/#token=" + token);

    JsonNode status = anna.json("status", "--json");
    assertThat(status.get("running").asBoolean()).isTrue();
    assertThat(status.get("on_demand").asBoolean()).isTrue();
    String log = anna.run("logs").out();
    assertThat(log).contains(" INFO RunCommand - Heliograph ", " is ready at ");
    Result logs = anna.run("logs", "--json", "-n", "2");
    assertThat(logs.jsonLines()).hasSize(2);
    assertThat(logs.jsonLines().getLast().get("level").asText()).isEqualTo("info");
    assertThat(logs.jsonLines().getLast().get("time").asText()).startsWith("20");
    Command following = anna.begin("logs", "-f", "-n", "1");
    following.awaitOutput(" - ");
    assertThat(anna.run("stop").out()).contains("has ended");
    following.awaitOutput("It was asked to stop.");
  }

  /** His rendezvous knows him, and the caller's agent hears only what it does not deliver. */
  @Test
  void throughAnothersRendezvousItIsNotSaidEitherThatItRingsAtNobodys() throws Exception {
    introduce();
    Result result = bert.run("call", "nobody");
    assertThat(result.exit()).isEqualTo(5);
    assertThat(result.out())
        .isEqualTo(
            """
            Calling nobody; Ctrl+C hangs up.
            "nobody" is not connected. Has the other side opened its link?
            """);
  }

  @Test
  void thereIsNoLogBeforeTheFirstStart() throws Exception {
    Result result = anna.run("logs");
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("There is no log").hasLineCount(1);
  }
}
