package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.RelayRecording;
import org.heliograph.interop.lab.SoundServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A call between the agent and its page for the other side in Firefox; WebviewCallTest has it in
 * Chromium, and the matrix has what else a connection must do with whom. Who calls offers, controls
 * ICE and answers the DTLS handshake, so the two directions are both roles of each protocol. Proven
 * by content: codes read from pixels, tones measured, on both sides.
 */
class FirefoxCallTest {
  private static final int AGENT_HERTZ = 440;
  private static final int FIREFOX_HERTZ = 620;
  private static final int CODES = 10;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String GUEST = "guest";

  enum Caller {
    AGENT,
    REMOTE
  }

  private static SoundServer sound;
  private static HeliographAgent agent;
  private static Firefox firefox;

  @BeforeAll
  static void start() throws Exception {
    sound = new SoundServer();
    agent = new HeliographAgent("--media-camera=test", "--media-microphone=test:" + AGENT_HERTZ);
    firefox =
        new Firefox(
            sound.environment(),
            isOnANetwork() ? Firefox.Candidates.AS_INSTALLED : Firefox.Candidates.ON_LOOPBACK);
  }

  /** Without an address but loopback, a browser as it is installed connects to nothing. */
  private static boolean isOnANetwork() throws Exception {
    return NetworkInterface.networkInterfaces()
        .flatMap(network -> network.getInterfaceAddresses().stream())
        .map(InterfaceAddress::getAddress)
        .anyMatch(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress());
  }

  @AfterAll
  static void stop() {
    firefox.close();
    agent.close();
    sound.close();
  }

  @ParameterizedTest
  @EnumSource(Caller.class)
  void pictureAndSoundGoBothWays(Caller caller) throws Exception {
    try (AgentEvents events = new AgentEvents(agent);
        PageForTheOtherSide remote = new PageForTheOtherSide(firefox, agent, FIREFOX_HERTZ)) {
      String channel = connect(events, remote, caller);
      try (RelayRecording recording = new RelayRecording(agent, channel)) {
        remote.awaitPictures(CODES);
        remote.awaitTone(AGENT_HERTZ);
        RelayRecording.Content received = recording.awaitContent(CODES);
        assertThat(received.tone().hertz()).isCloseTo(FIREFOX_HERTZ, within(5.0));
      }
      assertStats(agent.get("/api/call/session/" + channel + "/stats"), caller);

      agent.post("/api/call/hangup", HeliographAgent.call(channel));
      AgentEvents.Event end = events.await(event -> is(event, "ended", channel), LIMIT);
      assertThat(end.data().path("reason").asText()).isEqualTo("hung_up");
      remote.awaitEnd();
    }
  }

  @Test
  void aGuestsCameraMayComeLater() throws Exception {
    try (AgentEvents events = new AgentEvents(agent);
        PageForTheOtherSide remote = new PageForTheOtherSide(firefox, agent, FIREFOX_HERTZ)) {
      String channel = "camera-later-" + System.nanoTime();
      agent.post("/api/call/start", HeliographAgent.call(channel).put("remote_peer", GUEST));
      remote.acceptWithoutCamera();
      awaitConnected(events, remote, channel);
      remote.awaitPictures(CODES);

      remote.pressCamera();

      try (RelayRecording recording = new RelayRecording(agent, channel)) {
        assertThat(recording.awaitContent(CODES).tone().hertz())
            .isCloseTo(FIREFOX_HERTZ, within(5.0));
      }
      agent.post("/api/call/hangup", HeliographAgent.call(channel));
      remote.awaitEnd();
    }
  }

  /** The word that the agent has hung up goes to the other tab. */
  @ParameterizedTest
  @EnumSource(Caller.class)
  void aTabWhoseNameAnotherHasTakenOverClosesItsDevicesWhenTheAgentHangsUp(Caller caller)
      throws Exception {
    try (AgentEvents events = new AgentEvents(agent);
        PageForTheOtherSide remote = new PageForTheOtherSide(firefox, agent, FIREFOX_HERTZ)) {
      String channel = connect(events, remote, caller);
      remote.awaitTone(AGENT_HERTZ);
      remote.keepDevicesInView();
      remote.takeNameOver();
      assertThat(remote.devicesAreClosed()).isFalse();

      agent.post("/api/call/hangup", HeliographAgent.call(channel));

      remote.awaitEnd();
      assertThat(remote.devicesAreClosed()).isTrue();
    }
  }

  /** Makes the call, and gives its channel once it is connected. */
  private static String connect(AgentEvents events, PageForTheOtherSide remote, Caller caller)
      throws Exception {
    if (caller == Caller.AGENT) {
      String channel = "agent-calls-" + System.nanoTime();
      agent.post("/api/call/start", HeliographAgent.call(channel).put("remote_peer", GUEST));
      remote.accept();
      awaitConnected(events, remote, channel);
      return channel;
    }
    remote.call();
    AgentEvents.Event incoming = events.await(event -> event.name().equals("incoming"), LIMIT);
    String channel = incoming.data().path("channel_id").asText();
    agent.post("/api/call/accept", HeliographAgent.call(channel).put("remote_peer", GUEST));
    awaitConnected(events, remote, channel);
    return channel;
  }

  private static void awaitConnected(
      AgentEvents events, PageForTheOtherSide remote, String channel) {
    AgentEvents.Event outcome =
        events.await(
            event ->
                is(event, "ended", channel)
                    || (is(event, "state", channel)
                        && event.data().path("state").asText().equals("connected")),
            LIMIT);
    assertThat(outcome.name())
        .as(
            () ->
                "%s%nthe agent says:%n%s%nthe other side says:%n%s"
                    .formatted(outcome, agent.log(), remote.troubles().toPrettyString()))
        .isEqualTo("state");
  }

  private static boolean is(AgentEvents.Event event, String name, String channel) {
    return event.name().equals(name) && event.data().path("channel_id").asText().equals(channel);
  }

  private static void assertStats(JsonNode stats, Caller caller) {
    JsonNode transport = one(stats, "transport", "");
    assertThat(transport.path("iceRole").asText())
        .isEqualTo(caller == Caller.AGENT ? "controlling" : "controlled");
    assertThat(transport.path("dtlsRole").asText())
        .isEqualTo(caller == Caller.AGENT ? "server" : "client");
    assertThat(transport.path("dtlsState").asText()).isEqualTo("connected");
    for (String kind : List.of("audio", "video")) {
      JsonNode in = one(stats, "inbound-rtp", kind);
      assertThat(in.path("packetsReceived").asLong()).as("%s in", kind).isGreaterThan(CODES);
      assertThat(in.path("packetsLost").asLong())
          .as("%s lost", kind)
          .isBetween(0L, in.path("packetsReceived").asLong() / 10);
      JsonNode out = one(stats, "outbound-rtp", kind);
      assertThat(out.path("packetsSent").asLong()).as("%s out", kind).isGreaterThan(CODES);
      assertThat(out.path("active").asBoolean()).as("%s out", kind).isTrue();
    }
    assertThat(one(stats, "inbound-rtp", "video").path("framesReceived").asLong())
        .isGreaterThan(CODES);
    assertThat(one(stats, "outbound-rtp", "video").path("framesSent").asLong())
        .isGreaterThan(CODES);
  }

  private static JsonNode one(JsonNode stats, String type, String kind) {
    List<JsonNode> found =
        StreamSupport.stream(stats.spliterator(), false)
            .filter(object -> object.path("type").asText().equals(type))
            .filter(object -> object.path("kind").asText().equals(kind))
            .toList();
    assertThat(found).as("%s %s of %s", type, kind, stats).hasSize(1);
    return found.getFirst();
  }
}
