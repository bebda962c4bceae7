package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.time.Duration;

/**
 * A call between two sides over an emulated path ({@link PathBetween}): carries their signalling.
 */
final class NetworkCall implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Participant sender;
  private final Participant receiver;
  private final String channel;
  private final PathBetween path;

  /** Guarded by this. */
  private IOException failure;

  /** Connects two sides; the sender calls. */
  NetworkCall(Participant sender, Participant receiver, String channel, long seed)
      throws IOException {
    this.sender = sender;
    this.receiver = receiver;
    this.channel = channel;
    this.path = new PathBetween(seed);
    sender.forgetAnswers();
    receiver.forgetAnswers();
    sender.onEnvelope(envelope -> carry(envelope, true));
    receiver.onEnvelope(envelope -> carry(envelope, false));
    sender.tell("call", TextNode.valueOf(channel));
    try {
      var _ = sender.await("connected", LIMIT);
      var _ = receiver.await("connected", LIMIT);
    } catch (IllegalStateException e) {
      close();
      throw e;
    }
  }

  private synchronized void carry(ObjectNode envelope, boolean fromSender) {
    if (!envelope.path("channel_id").asText().equals(channel)) {
      return; // of the call before
    }
    ObjectNode payload = (ObjectNode) envelope.get("payload");
    switch (payload.path("type").asText()) {
      case "ice-candidate" -> keep(envelope, fromSender);
      case "call-offer", "call-answer" -> {
        payload.put("sdp", adapt(payload.get("sdp").asText()));
        to(fromSender, envelope);
      }
      case "call-hangup" -> {
        // Both sides are told by command.
      }
      default -> to(fromSender, envelope);
    }
  }

  /**
   * Takes the candidates out, and puts sound and picture into streams of their own: libwebrtc would
   * hold the picture back for its sound, whose play-out hangs on a made-up sound card here.
   */
  private static String adapt(String sdp) {
    return sdp.replaceAll("a=candidate:.*\r\n", "")
        .replaceAll("(?s)(m=video .*?\r\na=msid:)\\S+", "$1picture");
  }

  private void to(boolean fromSender, ObjectNode envelope) {
    (fromSender ? receiver : sender).tell("envelope", envelope);
  }

  private void keep(ObjectNode envelope, boolean fromSender) {
    if (!(envelope.path("payload").get("candidate") instanceof ObjectNode candidate)) {
      return; // the end of candidates
    }
    String line = candidate.path("candidate").asText();
    try {
      (fromSender ? path.showSenders(line) : path.showReceivers(line))
          .ifPresent(
              shown -> {
                candidate.put("candidate", shown);
                to(fromSender, envelope);
              });
    } catch (IOException e) {
      failure = e;
    }
  }

  /** The network between the two. */
  EmulatedPath path() {
    return path.path();
  }

  @Override
  public synchronized void close() throws IOException {
    sender.onEnvelope(_ -> {});
    receiver.onEnvelope(_ -> {});
    sender.tell("hangup");
    receiver.tell("hangup");
    path.close();
    if (failure != null) {
      throw failure;
    }
  }
}
