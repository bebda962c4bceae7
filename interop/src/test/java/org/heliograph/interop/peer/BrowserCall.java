package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.time.Duration;
import org.heliograph.interop.lab.Page;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.net.PeerDriver;

/** A call between a connection of this project and one in a browser's page. */
final class BrowserCall implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final RecordingPeer peer = new RecordingPeer();
  final PeerDriver driver;
  final Page page;

  BrowserCall(Page page) throws IOException {
    this.page = page;
    driver = PeerDriver.open(new PeerConfiguration(java.util.List.of(), true), peer);
  }

  Transceiver add(MediaKind kind, TransceiverDirection direction) {
    return driver.call(connection -> connection.addTransceiver(kind, direction)).join();
  }

  /** The page makes its connection, with what it sends. */
  void begin(boolean audio, boolean video) {
    page.evaluate(
        "await begin({ audio: %s, video: %s, policy: 'balanced' })".formatted(audio, video));
  }

  /** The page offers, this side answers. Gives the instant at which the offer was here. */
  long pageOffers() {
    String offer = page.evaluate("return await offer()").asText();
    long offered = System.nanoTime();
    String answer =
        driver
            .call(
                connection -> {
                  connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer));
                  SessionDescription made = connection.createAnswer();
                  connection.setLocalDescription(made);
                  return made.sdp();
                })
            .join();
    page.evaluate("await accept(%s)".formatted(Page.quote(answer)));
    return offered;
  }

  /** This side offers, the page answers. */
  void weOffer() {
    String offer =
        driver
            .call(
                connection -> {
                  SessionDescription made = connection.createOffer();
                  connection.setLocalDescription(made);
                  return made.sdp();
                })
            .join();
    String answer = page.evaluate("return await answer(%s)".formatted(Page.quote(offer))).asText();
    driver
        .call(
            connection -> {
              connection.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer));
              return null;
            })
        .join();
  }

  /** Carries candidates both ways until the connection is up. */
  void connect() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!peer.has(PeerConnectionState.CONNECTED)) {
      if (peer.has(PeerConnectionState.FAILED) || System.nanoTime() > end) {
        throw new AssertionError("not connected: " + peer.failure());
      }
      carryCandidates();
    }
  }

  private void carryCandidates() {
    ArrayNode ours = JSON.createArrayNode();
    for (IceCandidateInit next = peer.candidates.poll();
        next != null;
        next = peer.candidates.poll()) {
      ours.addPOJO(next);
    }
    JsonNode theirs =
        page.evaluate("await addCandidates(%s); return takeSignals()".formatted(ours));
    for (JsonNode candidate : theirs) {
      IceCandidateInit init =
          new IceCandidateInit(
              candidate.path("candidate").asText(),
              candidate.path("sdpMid").asText(null),
              candidate.has("sdpMLineIndex") ? candidate.get("sdpMLineIndex").asInt() : null,
              candidate.path("usernameFragment").asText(null));
      driver
          .call(
              connection -> {
                connection.addIceCandidate(init);
                return null;
              })
          .join();
    }
  }

  @Override
  public void close() {
    driver.close();
  }
}
