package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.TransceiverDirection;

/**
 * The other side of a call: a WebRTC implementation that is not this project's. A page or a program
 * runs it, and performs the same few commands everywhere; {@link #ask} carries them there.
 *
 * <p>It sends a picture with a code ({@code docs/test-picture.md}) and a tone of {@link
 * #toneHertz()}, and tells what it sees and hears. It echoes what comes on a data channel that the
 * other side opened.
 */
abstract class RemotePeer implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Has a command performed and gives its value; fails the test where the other side cannot perform
   * it.
   */
  abstract JsonNode ask(String command, JsonNode argument);

  /** The tone that this peer sends. */
  abstract int toneHertz();

  /** What is seen and heard since {@link #forget}. */
  abstract ReceivedContent received();

  /** Begins to look and to listen anew. */
  abstract void forget();

  /** Whether it sends media of its own, or sends back what it gets. */
  boolean sends() {
    return true;
  }

  /** Whether it tells what it receives, or sends it back. */
  boolean receives() {
    return true;
  }

  /** Whether all that it sends is what it receives, so that what came there is seen here. */
  boolean sendsBack() {
    return false;
  }

  /** Whether it offers anew whenever it likes. */
  boolean offersAtWill() {
    return true;
  }

  /** Ends whatever runs the peer. */
  @Override
  public abstract void close();

  /** Makes a new connection, and ends the one before. */
  void begin() {
    ask("begin", JSON.createObjectNode());
  }

  /**
   * Has a picture or a tone in the next descriptions, of which nothing is sent before {@link
   * #send}.
   */
  void prepare(MediaKind kind) {
    ask("prepare", kindOf(kind));
  }

  /**
   * Wants to send a picture or a tone: from the next exchange of descriptions on, or at once where
   * it was prepared.
   */
  void send(MediaKind kind) {
    ask("send", kindOf(kind));
  }

  /** Wants to send it no longer. */
  void stopSending(MediaKind kind) {
    ask("stopSending", kindOf(kind));
  }

  /** Wants all its media to go that way, from the next exchange of descriptions on. */
  void setDirection(TransceiverDirection direction) {
    ask(
        "setDirection",
        JSON.createObjectNode().put("direction", direction.name().toLowerCase(Locale.ROOT)));
  }

  private static ObjectNode kindOf(MediaKind kind) {
    return JSON.createObjectNode().put("kind", kind.token());
  }

  /** Another viewer joins those who see what goes there. */
  void admitViewer() {
    ask("admitViewer", JSON.createObjectNode());
  }

  /** Forgets how to decode the picture that it had, and asks for a new one (PLI). */
  void requestPicture() {
    ask("requestPicture", JSON.createObjectNode());
  }

  /** Makes an offer and applies it. */
  String offer() {
    return ask("offer", JSON.createObjectNode().put("restart", false)).asText();
  }

  /** Makes an offer that begins ICE anew, and applies it. */
  String offerIceRestart() {
    return ask("offer", JSON.createObjectNode().put("restart", true)).asText();
  }

  /** Applies an offer, makes the answer and applies that. */
  String answer(String offer) {
    return ask("answer", JSON.getNodeFactory().textNode(offer)).asText();
  }

  /** Applies the answer to the offer made before. */
  void accept(String answer) {
    ask("accept", JSON.getNodeFactory().textNode(answer));
  }

  void addCandidate(IceCandidateInit candidate) {
    ask("addCandidate", JSON.valueToTree(candidate));
  }

  /** The candidates found since the last time. */
  List<IceCandidateInit> takeCandidates() {
    List<IceCandidateInit> candidates = new ArrayList<>();
    for (JsonNode candidate : ask("takeCandidates", JSON.createObjectNode())) {
      candidates.add(
          new IceCandidateInit(
              candidate.path("candidate").asText(),
              candidate.path("sdpMid").asText(null),
              candidate.path("sdpMLineIndex").isInt()
                  ? candidate.get("sdpMLineIndex").asInt()
                  : null,
              candidate.path("usernameFragment").asText(null)));
    }
    return candidates;
  }

  /** Opens a data channel. */
  void openChannel(String label) {
    ask("openChannel", JSON.createObjectNode().put("label", label));
  }

  /** Sends a message on a channel that this peer opened, as soon as it is open. */
  void sendMessage(String label, ChannelMessage message) {
    ObjectNode argument = JSON.createObjectNode().put("label", label);
    argument.set("message", message.toJson());
    ask("sendMessage", argument);
  }

  /** The messages that came on a channel that this peer opened, since the last time. */
  List<ChannelMessage> takeMessages(String label) {
    List<ChannelMessage> messages = new ArrayList<>();
    for (JsonNode message : ask("takeMessages", JSON.createObjectNode().put("label", label))) {
      messages.add(ChannelMessage.of(message));
    }
    return messages;
  }

  /** What there is to say about a call that does not come about. */
  JsonNode troubles() {
    return ask("troubles", JSON.createObjectNode());
  }

  /** Reads {@code {"codes": [...], "frames": n, "hertz": x}}. */
  static ReceivedContent contentOf(JsonNode told) {
    Set<Integer> codes = new HashSet<>();
    told.path("codes").forEach(code -> codes.add(code.asInt()));
    return new ReceivedContent(told.path("frames").asInt(), codes, told.path("hertz").asDouble());
  }
}
