package org.heliograph.interop.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.heliograph.interop.lab.Page;
import org.heliograph.peer.DataChannel;
import org.heliograph.peer.DataChannelOptions;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.net.PeerDriver;

/** A connection of this project's and the one in a page that it is connected with. */
final class PageConnection implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  final RecordingChannels ours = new RecordingChannels();
  final Page page;
  private final PeerDriver driver;

  PageConnection(Page page) throws IOException {
    this.page = page;
    driver = PeerDriver.open(new PeerConfiguration(List.of(), true), ours);
    page.evaluate("begin()");
  }

  <T> T call(Function<PeerConnection, T> step) {
    return driver.call(step).join();
  }

  DataChannel create(String label, DataChannelOptions options) {
    return call(connection -> connection.createDataChannel(label, options));
  }

  void send(DataChannel channel, String text) {
    call(
        _ -> {
          channel.send(text);
          return null;
        });
  }

  void send(DataChannel channel, ByteBuffer binary) {
    call(
        _ -> {
          channel.send(binary);
          return null;
        });
  }

  void close(DataChannel channel) {
    call(
        _ -> {
          channel.close();
          return null;
        });
  }

  /** The page offers, this side answers. */
  void pageOffers() throws InterruptedException {
    String offer = page.evaluate("return await offer()").asText();
    String answer =
        call(
            connection -> {
              connection.setRemoteDescription(new SessionDescription(SdpType.OFFER, offer));
              SessionDescription made = connection.createAnswer();
              connection.setLocalDescription(made);
              return made.sdp();
            });
    page.evaluate("await accept(%s)".formatted(Page.quote(answer)));
    connect();
  }

  /** This side offers, the page answers. */
  void weOffer() throws InterruptedException {
    String offer =
        call(
            connection -> {
              SessionDescription made = connection.createOffer();
              connection.setLocalDescription(made);
              return made.sdp();
            });
    String answer = page.evaluate("return await answer(%s)".formatted(Page.quote(offer))).asText();
    call(
        connection -> {
          connection.setRemoteDescription(new SessionDescription(SdpType.ANSWER, answer));
          return null;
        });
    connect();
  }

  /** Carries candidates both ways until the connection is up. */
  private void connect() throws InterruptedException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!ours.has(PeerConnectionState.CONNECTED)) {
      if (ours.has(PeerConnectionState.FAILED) || System.nanoTime() > end) {
        throw new AssertionError("not connected: " + ours.failure());
      }
      exchangeCandidates();
    }
  }

  private void exchangeCandidates() {
    ArrayNode candidates = JSON.createArrayNode();
    for (IceCandidateInit next = ours.candidates.poll();
        next != null;
        next = ours.candidates.poll()) {
      candidates.addPOJO(next);
    }
    JsonNode theirs = page.evaluate("return await exchangeCandidates(%s)".formatted(candidates));
    for (JsonNode candidate : theirs) {
      IceCandidateInit init =
          new IceCandidateInit(
              candidate.path("candidate").asText(),
              candidate.path("sdpMid").asText(null),
              candidate.has("sdpMLineIndex") ? candidate.get("sdpMLineIndex").asInt() : null,
              candidate.path("usernameFragment").asText(null));
      call(
          connection -> {
            connection.addIceCandidate(init);
            return null;
          });
    }
  }

  @Override
  public void close() {
    driver.close();
    page.evaluate("pc.close()");
  }
}
