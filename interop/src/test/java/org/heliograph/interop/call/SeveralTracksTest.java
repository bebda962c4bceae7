package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.RelayRecording;
import org.heliograph.interop.lab.SoundServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two pictures each way in one call, with browsers, told apart by their codes; and a second picture
 * that comes and goes again and again without harm to the first.
 */
class SeveralTracksTest {
  private static final int CODES = 10;
  private static final int TIMES = 10;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String GUEST = "guest";

  /** In milliseconds; what the code of the agent's second picture is ahead. */
  private static final int AGENTS_SECOND = 2_000_000;

  private static final int BROWSERS_SECOND = 5_000_000;

  enum Browser {
    CHROMIUM,
    FIREFOX
  }

  private static SoundServer sound;
  private static HeliographAgent agent;

  @BeforeAll
  static void start() throws Exception {
    sound = new SoundServer();
    agent = new HeliographAgent("--media-camera=test", "--media-microphone=test");
  }

  @AfterAll
  static void stop() {
    agent.close();
    sound.close();
  }

  private static Page open(Browser browser) throws Exception {
    return switch (browser) {
      case CHROMIUM ->
          new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
      case FIREFOX -> new Firefox(sound.environment(), Firefox.Candidates.ON_LOOPBACK);
    };
  }

  private static String tracks(String channel) {
    return "/api/call/session/" + channel + "/tracks";
  }

  private static String add(String channel) throws Exception {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("source", "camera:test:2").put("name", "Second").put("content_hint", "detail");
    JsonNode track = agent.post(tracks(channel), body).path("track");
    assertThat(track.path("state").asText()).isEqualTo("on");
    return track.path("id").asText();
  }

  /** The received pictures' names. */
  private static List<String> received() throws Exception {
    return agent
        .get("/api/call/active")
        .get(0)
        .path("tracks")
        .valueStream()
        .filter(track -> track.path("direction").asText().equals("receive"))
        .filter(track -> track.path("kind").asText().equals("video"))
        .map(track -> track.path("id").asText())
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Browser.class)
  void twoPicturesGoEachWayAndTheSecondComesAndGoes(Browser browser) throws Exception {
    try (AgentEvents events = new AgentEvents(agent);
        Page page = open(browser);
        PageForTheOtherSide remote = new PageForTheOtherSide(page, agent, 620)) {
      String channel = "several-" + System.nanoTime();
      agent.post("/api/call/start", HeliographAgent.call(channel).put("remote_peer", GUEST));
      remote.accept();
      AgentEvents.Event connected =
          events.await(
              event ->
                  event.name().equals("state")
                      && event.data().path("state").asText().equals("connected"),
              LIMIT);
      assertThat(connected.data().path("tracks")).hasSizeGreaterThanOrEqualTo(2);
      remote.awaitPictures(CODES);
      remote.addPicture(BROWSERS_SECOND);
      String added = add(channel);
      remote.awaitPicturesAhead(0, AGENTS_SECOND);

      events.await(event -> event.data().path("tracks").toString().contains("in-3"), LIMIT);
      assertThat(received()).hasSize(2);
      try (RelayRecording first = RelayRecording.ofPicture(agent, channel, received().get(0));
          RelayRecording second = RelayRecording.ofPicture(agent, channel, received().get(1))) {
        assertAhead(second.awaitCodes(CODES), BROWSERS_SECOND);
        assertAhead(first.awaitCodes(CODES), 0);
      }
      try (RelayRecording call = new RelayRecording(agent, channel)) {
        assertAhead(call.awaitContent(CODES).codes(), 0);
      }

      JsonNode before = remote.firstPicture();
      int sections = remote.sections();
      for (int i = 0; i < TIMES; i++) {
        agent.delete(tracks(channel) + "/" + added);
        remote.awaitNoPictureAhead(AGENTS_SECOND);
        added = add(channel);
        remote.awaitPicturesAhead(0, AGENTS_SECOND);
      }
      JsonNode after = remote.firstPicture();
      assertThat(after.path("ssrc").asLong()).isEqualTo(before.path("ssrc").asLong());
      assertThat(after.path("framesDecoded").asInt())
          .isGreaterThan(before.path("framesDecoded").asInt());
      assertThat(after.path("packetsLost").asInt()).isZero();
      assertThat(after.path("pliCount").asInt()).isEqualTo(before.path("pliCount").asInt());
      assertThat(remote.sections()).as("sections, which are used again").isEqualTo(sections);

      agent.post("/api/call/hangup", HeliographAgent.call(channel));
      remote.awaitEnd();
    }
  }

  /** How far codes are ahead of the clock that they show, which all have on one machine. */
  private static void assertAhead(Set<Integer> codes, int millis) {
    long now = System.currentTimeMillis();
    assertThat(codes)
        .allSatisfy(
            code -> assertThat((now + millis - code) % (1 << 24)).isBetween(0L, LIMIT.toMillis()));
  }
}
