package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.heliograph.interop.peer.Call.Offerer;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Stats;
import org.heliograph.peer.TransceiverDirection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a call with any browser must do beside the cells of the matrix; a subclass for each browser.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserPeerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private BrowserPeer browser;

  /** Starts the browser. */
  abstract BrowserPeer start() throws IOException;

  /** Whether the browser tells every member of the W3C document that this side does. */
  abstract boolean tellsAllStatistics();

  @BeforeAll
  void startBrowser() throws IOException {
    browser = start();
  }

  @AfterAll
  void stopBrowser() {
    browser.close();
  }

  private Call call() throws IOException {
    return new Call(new PeerConfiguration(List.of(), true), browser);
  }

  @Test
  void soundAndPictureGoBothWaysWithEqualStatisticsOnBothSides() throws Exception {
    try (Call call = call()) {
      call.send(EnumSet.allOf(MediaKind.class));
      call.negotiate(Offerer.REMOTE);
      call.awaitContent(EnumSet.allOf(MediaKind.class));

      assertThat(browser.page().evaluate("return remote.streams()").asInt())
          .as("sound and picture belong to one media stream")
          .isEqualTo(1);
      JsonNode remoteInbound =
          browser
              .page()
              .await(
                  "remote.stats().then(all => all.find(one => one.type === 'remote-inbound-rtp' &&"
                      + " one.kind === 'video' && one.roundTripTime !== undefined))",
                  LIMIT);
      assertThat(remoteInbound.path("fractionLost").asDouble()).isZero();
      verifyStatistics(call);
    }
  }

  @Test
  void aBrowserWithoutDevicesReceives() throws Exception {
    try (Call call = call()) {
      call.own.send(MediaKind.VIDEO);
      call.negotiate(Offerer.WE);
      call.await(
          "pictures in the browser",
          () -> browser.received().hasAll(EnumSet.of(MediaKind.VIDEO), 0),
          () -> browser.received().toString());
      assertThat(call.own.direction(MediaKind.VIDEO)).contains(TransceiverDirection.SENDONLY);
    }
  }

  @Test
  void weReceiveWithoutDevices() throws Exception {
    try (Call call = call()) {
      browser.send(MediaKind.AUDIO);
      browser.send(MediaKind.VIDEO);
      call.negotiate(Offerer.REMOTE);
      call.await(
          "content here",
          () -> call.own.received().hasAll(EnumSet.allOf(MediaKind.class), browser.toneHertz()),
          () -> call.own.received().toString());
    }
  }

  @Test
  void theBrowserSeesThatWeHaveGone() throws Exception {
    try (Call call = call()) {
      connect(call);

      call.own.close();

      browser
          .page()
          .await(
              "['closed', 'failed', 'disconnected'].includes(remote.connection().connectionState)"
                  + " || remote.connection().getReceivers()[0].transport.state === 'closed'",
              LIMIT);
    }
  }

  @Test
  void weSeeThatTheBrowserHasGone() throws Exception {
    try (Call call = call()) {
      connect(call);

      browser.page().evaluate("remote.connection().close()");

      call.own.awaitState(PeerConnectionState.CLOSED, LIMIT);
    }
  }

  private static void connect(Call call) {
    call.send(EnumSet.of(MediaKind.AUDIO));
    call.negotiate(Offerer.REMOTE);
    call.awaitContent(EnumSet.of(MediaKind.AUDIO));
  }

  /** The same names and figures as the browser's own. */
  private void verifyStatistics(Call call) {
    call.await(
        "reports of the browser",
        () ->
            typesOf(json(call.own.stats()))
                .containsAll(Set.of("remote-inbound-rtp", "remote-outbound-rtp")),
        () -> call.own.stats().toString());
    JsonNode ours = json(call.own.stats());
    JsonNode theirs = browser.page().evaluate("return await remote.stats()");
    assertThat(typesOf(ours))
        .contains(
            "inbound-rtp",
            "outbound-rtp",
            "remote-inbound-rtp",
            "remote-outbound-rtp",
            "candidate-pair",
            "local-candidate",
            "remote-candidate",
            "transport",
            "codec",
            "certificate");
    if (tellsAllStatistics()) {
      verifyMembers(ours, theirs);
    }
    for (JsonNode one : ours) {
      if (one.path("type").asText().equals("outbound-rtp")) {
        JsonNode counterpart = find(theirs, "inbound-rtp", one.path("ssrc").asLong());
        assertThat(counterpart.path("kind")).isEqualTo(one.path("kind"));
        assertThat(counterpart.path("mid")).isEqualTo(one.path("mid"));
        assertThat(counterpart.path("packetsReceived").asLong()).isPositive();
        assertThat(counterpart.path("packetsLost").asLong()).isZero();
      }
      if (one.path("type").asText().equals("inbound-rtp")) {
        JsonNode counterpart = find(theirs, "outbound-rtp", one.path("ssrc").asLong());
        assertThat(one.path("packetsReceived").asLong()).isPositive();
        // The browser counts its padding, too, and its figures may be some 50 ms old.
        assertThat(counterpart.path("packetsSent").asLong())
            .isGreaterThan(one.path("framesReceived").asLong() - 10);
        assertThat(counterpart.path("mid")).isEqualTo(one.path("mid"));
      }
    }
  }

  /** Whatever this side tells has a name that the browser uses for it, too, and the same type. */
  private static void verifyMembers(JsonNode ours, JsonNode theirs) {
    Map<String, Map<String, JsonNodeType>> known = new HashMap<>();
    for (JsonNode one : theirs) {
      var members = known.computeIfAbsent(one.path("type").asText(), _ -> new HashMap<>());
      one.properties()
          .forEach(member -> members.put(member.getKey(), member.getValue().getNodeType()));
    }
    for (JsonNode one : ours) {
      String type = one.path("type").asText();
      var members = known.getOrDefault(type, Map.of());
      if (members.isEmpty()) {
        continue;
      }
      for (var member : one.properties()) {
        String name = type + "." + member.getKey();
        if (!member.getValue().isNull()) {
          assertThat(members).as(name).containsKey(member.getKey());
          assertThat(member.getValue().getNodeType())
              .as(name)
              .isEqualTo(members.get(member.getKey()));
        }
      }
    }
  }

  private static JsonNode json(List<Stats> stats) {
    return new ObjectMapper().valueToTree(stats);
  }

  private static Set<String> typesOf(JsonNode stats) {
    Set<String> types = new HashSet<>();
    stats.forEach(one -> types.add(one.path("type").asText()));
    return types;
  }

  private static JsonNode find(JsonNode stats, String type, long ssrc) {
    for (JsonNode one : stats) {
      if (one.path("type").asText().equals(type) && one.path("ssrc").asLong() == ssrc) {
        return one;
      }
    }
    throw new AssertionError("there is no " + type + " with SSRC " + ssrc);
  }
}
