package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.heliograph.interop.lab.AgentEvents;
import org.heliograph.interop.lab.HeliographAgent;

/**
 * An agent as the receiver of a {@link NetworkCall}: a program of its own, as a user starts it,
 * whose envelopes are carried here by its {@code bridge}. It accepts every call.
 */
final class AgentParticipant implements Participant, AutoCloseable {
  static final String NAME = "agent";
  private static final String OTHER = "other";
  private static final Duration FOR_EVER = Duration.ofDays(1);

  private final HeliographAgent agent;
  private final AgentEvents events;
  private final AgentEvents outbound;
  private int eventsForgotten;
  private volatile Consumer<ObjectNode> taker = _ -> {};
  private volatile String channel = "";

  /**
   * Starts an agent.
   *
   * @param options further command line options
   */
  AgentParticipant(String... options) throws IOException {
    String[] all = new String[options.length + 4];
    all[0] = "--peer-name=" + NAME;
    all[1] = "--signaling-type=bridge";
    all[2] = "--media-camera=none";
    all[3] = "--media-microphone=none";
    System.arraycopy(options, 0, all, 4, options.length);
    agent = new HeliographAgent(all);
    events = new AgentEvents(agent);
    outbound = new AgentEvents(agent, "/api/signal/outbound");
    Thread.ofPlatform().daemon().name("envelopes of the agent").start(this::carry);
    Thread.ofPlatform().daemon().name("calls of the agent").start(this::acceptAll);
  }

  private void carry() {
    for (int i = 0; ; i++) {
      ObjectNode envelope = (ObjectNode) outbound.await(i, _ -> true, FOR_EVER).data();
      taker.accept(envelope);
    }
  }

  private void acceptAll() {
    for (int i = 0; ; i++) {
      AgentEvents.Event event = events.await(i, _ -> true, FOR_EVER);
      if (event.name().equals("incoming")) {
        channel = event.data().get("channel_id").asText();
        ObjectNode accept = HeliographAgent.call(channel).put("remote_peer", OTHER);
        accept.putObject("media").put("audio", false).put("video", false);
        post("/api/call/accept", accept);
      }
    }
  }

  private void post(String path, ObjectNode body) {
    try {
      agent.post(path, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HeliographAgent agent() {
    return agent;
  }

  /** The call that there is. */
  String channel() {
    return channel;
  }

  @Override
  public void onEnvelope(Consumer<ObjectNode> newTaker) {
    taker = newTaker;
  }

  @Override
  public void tell(String command, JsonNode argument) {
    switch (command) {
      case "envelope" ->
          post(
              "/api/signal/inbound",
              ((ObjectNode) argument.deepCopy()).put("from", OTHER).put("to", NAME));
      case "hangup" -> post("/api/call/hangup", HeliographAgent.call(channel));
      default -> throw new IllegalArgumentException(command);
    }
  }

  /** Of all answers it knows {@code connected} only. */
  @Override
  public JsonNode await(String answer, Duration limit) {
    var _ =
        events.await(
            eventsForgotten, event -> event.data().path("state").asText().equals(answer), limit);
    return BooleanNode.TRUE;
  }

  @Override
  public void forgetAnswers() {
    eventsForgotten = events.count();
  }

  @Override
  public void close() {
    agent.close();
  }
}
