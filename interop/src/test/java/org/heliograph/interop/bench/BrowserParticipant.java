package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.heliograph.interop.lab.Page;

/** A browser's own RTCPeerConnection, in a page of the benchmark, as the receiver of a call. */
final class BrowserParticipant implements Participant, AutoCloseable {
  private static final String NAME = "browser";
  private static final String OTHER = "other";

  private final Page page;
  private final ExecutorService commands = Executors.newSingleThreadExecutor();
  private volatile Consumer<ObjectNode> taker = _ -> {};

  /** Uses a page that has loaded {@code latency.js}. */
  BrowserParticipant(Page page) {
    this.page = page;
  }

  @Override
  public void onEnvelope(Consumer<ObjectNode> newTaker) {
    taker = newTaker;
  }

  @Override
  public void tell(String command, JsonNode argument) {
    switch (command) {
      case "envelope" -> commands.execute(() -> receive(argument));
      case "hangup" -> commands.execute(() -> page.evaluate("page.hide()"));
      default -> throw new IllegalArgumentException(command);
    }
  }

  private void receive(JsonNode envelope) {
    JsonNode payload = envelope.get("payload");
    String channel = envelope.get("channel_id").asText();
    switch (payload.get("type").asText()) {
      case "call-request" -> send(channel, Program.JSON.createObjectNode().put("type", "call-ack"));
      case "call-offer" -> {
        JsonNode answer =
            page.evaluate("return await page.answer(%s)".formatted(payload.get("sdp")));
        send(
            channel,
            Program.JSON
                .createObjectNode()
                .put("type", "call-answer")
                .put("sdp", answer.get("sdp").asText()));
        for (JsonNode candidate : answer.get("candidates")) {
          ObjectNode ice = Program.JSON.createObjectNode().put("type", "ice-candidate");
          send(channel, ice.set("candidate", candidate));
        }
      }
      case "ice-candidate" ->
          page.evaluate("await page.addCandidate(%s)".formatted(payload.get("candidate")));
      default -> {
        // Nothing else is of interest to a page that answers once.
      }
    }
  }

  private void send(String channel, ObjectNode payload) {
    ObjectNode envelope = Program.JSON.createObjectNode();
    envelope.put("channel_id", channel).put("from", NAME).put("to", OTHER);
    taker.accept(envelope.set("payload", payload));
  }

  /** Of all answers it knows {@code connected} only. */
  @Override
  public JsonNode await(String answer, Duration limit) {
    return page.await("page.connection?.connectionState === '" + answer + "'", limit);
  }

  @Override
  public void forgetAnswers() {
    // It keeps none.
  }

  @Override
  public void close() {
    commands.shutdown();
  }
}
