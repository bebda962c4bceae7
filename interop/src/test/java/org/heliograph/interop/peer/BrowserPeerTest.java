package org.heliograph.interop.peer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What a call with any browser must do; a subclass for each browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BrowserPeerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private PageServer pages;
  private Page browser;

  /** Starts the browser. */
  abstract Page start() throws IOException;

  @BeforeAll
  void startBrowser() throws IOException {
    try (var page = BrowserPeerTest.class.getResourceAsStream("remote.html")) {
      pages = new PageServer(Map.of("/", new String(page.readAllBytes(), StandardCharsets.UTF_8)));
    }
    browser = start();
  }

  @AfterAll
  void stopBrowser() {
    browser.close();
    pages.close();
  }

  @BeforeEach
  void openPage() {
    browser.open(pages.url("/"));
  }

  @Test
  void soundAndPictureGoBothWaysWhenTheBrowserOffers() throws Exception {
    try (BrowserCall call = new BrowserCall(browser);
        SampleMedia media = new SampleMedia()) {
      Transceiver audio = call.add(MediaKind.AUDIO, TransceiverDirection.SENDRECV);
      Transceiver video = call.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
      call.begin(true, true);
      long offered = call.pageOffers();
      call.connect();
      media.sendTone(call.driver, audio);
      media.sendPictures(call.driver, video);

      verifyMediaBothWays(call);
      System.out.printf(
          "offer to first frame: %d ms%n",
          TimeUnit.NANOSECONDS.toMillis(call.peer.firstFrameNanos() - offered));
    }
  }

  @Test
  void soundAndPictureGoBothWaysWhenWeOffer() throws Exception {
    try (BrowserCall call = new BrowserCall(browser);
        SampleMedia media = new SampleMedia()) {
      Transceiver audio = call.add(MediaKind.AUDIO, TransceiverDirection.SENDRECV);
      Transceiver video = call.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
      call.begin(true, true);
      call.weOffer();
      call.connect();
      media.sendTone(call.driver, audio);
      media.sendPictures(call.driver, video);

      verifyMediaBothWays(call);
    }
  }

  @Test
  void aBrowserWithoutDevicesReceives() throws Exception {
    try (BrowserCall call = new BrowserCall(browser);
        SampleMedia media = new SampleMedia()) {
      Transceiver video = call.add(MediaKind.VIDEO, TransceiverDirection.SENDRECV);
      call.begin(false, false);
      call.weOffer();
      call.connect();
      media.sendPictures(call.driver, video);

      assertThat(video.currentDirection()).contains(TransceiverDirection.SENDONLY);
      browser.await("frames > 30", LIMIT);
    }
  }

  @Test
  void weReceiveWithoutDevices() throws Exception {
    try (BrowserCall call = new BrowserCall(browser)) {
      call.begin(true, true);
      call.pageOffers();
      call.connect();

      call.peer.awaitFrames(MediaKind.VIDEO, 30);
      call.peer.awaitFrames(MediaKind.AUDIO, 50);
      assertThat(ReceivedMedia.decodeVp8(call.peer.video())).isEmpty();
    }
  }

  @Test
  void theBrowserSeesThatWeHaveGone() throws Exception {
    try (BrowserCall call = new BrowserCall(browser)) {
      call.begin(true, false);
      call.pageOffers();
      call.connect();

      call.driver.close();

      browser.await(
          "pc.connectionState === 'closed' || pc.connectionState === 'failed' || pc.connectionState"
              + " === 'disconnected' || pc.getReceivers()[0].transport.state === 'closed'",
          LIMIT);
    }
  }

  @Test
  void weSeeThatTheBrowserHasGone() throws Exception {
    try (BrowserCall call = new BrowserCall(browser)) {
      call.begin(true, false);
      call.pageOffers();
      call.connect();

      browser.evaluate("pc.close()");

      call.peer.awaitState(PeerConnectionState.CLOSED);
    }
  }

  private void verifyMediaBothWays(BrowserCall call) throws Exception {
    browser.await("frames > 60", LIMIT);
    browser.await("Math.abs(heardHertz() - %d) < 10".formatted(SampleMedia.TONE_HERTZ), LIMIT);
    call.peer.awaitFrames(MediaKind.VIDEO, 60);
    call.peer.awaitFrames(MediaKind.AUDIO, 100);

    assertThat(ReceivedMedia.decodeVp8(call.peer.video())).isEmpty();
    assertThat(call.peer.video()).extracting(MediaFrame::timeNanos).isSorted();
    assertThat(call.peer.audio()).extracting(MediaFrame::timeNanos).isSorted();
    assertThat(browser.evaluate("return streams.size").asInt())
        .as("sound and picture belong to one media stream")
        .isEqualTo(1);
    JsonNode received = browser.evaluate("return await stats('inbound-rtp', 'video')");
    assertThat(received.path("framesDecoded").asInt()).isGreaterThan(60);
    assertThat(received.path("packetsLost").asInt()).isZero();
    JsonNode remote = browser.await("stats('remote-inbound-rtp', 'video')", LIMIT);
    assertThat(remote.path("fractionLost").asDouble()).isZero();
    verifyStatistics(call);
  }

  /** The same names and figures as the browser's own. */
  private void verifyStatistics(BrowserCall call) {
    JsonNode ours = statistics(call);
    JsonNode theirs = browser.evaluate("return [...(await pc.getStats()).values()]");
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
    for (JsonNode one : ours) {
      if (one.path("type").asText().equals("outbound-rtp")) {
        JsonNode counterpart = find(theirs, "inbound-rtp", one.path("ssrc").asLong());
        assertThat(counterpart.path("kind")).isEqualTo(one.path("kind"));
        assertThat(counterpart.path("mid")).isEqualTo(one.path("mid"));
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

  private static JsonNode statistics(BrowserCall call) {
    return new ObjectMapper().valueToTree(call.driver.call(PeerConnection::getStats).join());
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
