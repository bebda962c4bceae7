package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Coturn;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.RelayRecording;
import org.junit.jupiter.api.Test;

/** A guest's browser uses the agent's TURN server, with credentials of its own. */
class GuestRelayTest {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int CODES = 5;

  @Test
  void browserAllocatesARelayOfTheAgentsWithACredentialThatWasMintedForTheGuest() throws Exception {
    String secret = "a secret that the page never sees";
    try (Coturn coturn = Coturn.withSecret(secret);
        Chromium chromium =
            new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
        HeliographAgent agent =
            new HeliographAgent(
                "--media-camera=test",
                "--media-microphone=test:440",
                "--ice-servers=" + coturn.url("udp"),
                "--ice-secret=" + secret,
                "--ice-transport-policy=relay");
        AgentEvents events = new AgentEvents(agent);
        PageForTheOtherSide remote = new PageForTheOtherSide(chromium, agent, 620)) {
      // With others the browser would stop looking for relays as soon as it is connected.
      remote.useRelaysOnly();
      agent.post("/api/call/start", HeliographAgent.call("relayed").put("remote_peer", "guest"));
      remote.accept();
      try (RelayRecording recording = new RelayRecording(agent, "relayed")) {
        recording.awaitContent(CODES);
        remote.awaitPictures(CODES);
      }
      JsonNode troubles = remote.troubles();
      assertThat(troubles.path("words").asText()).isEmpty();
      assertThat(troubles.path("stats"))
          .as(troubles.toPrettyString())
          .anySatisfy(
              stats -> {
                assertThat(stats.path("type").asText()).isEqualTo("local-candidate");
                assertThat(stats.path("candidateType").asText()).isEqualTo("relay");
                assertThat(stats.path("url").asText()).startsWith(coturn.url("udp"));
              });
      coturn.awaitLine(":heliograph-guest>, lifetime=");
      agent.post("/api/call/hangup", HeliographAgent.call("relayed"));
      events.await(event -> event.name().equals("ended"), LIMIT);
      remote.awaitEnd();
    }
  }
}
