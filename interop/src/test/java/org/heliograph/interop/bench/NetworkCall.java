package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A call between two sides over an {@link EmulatedPath}: carries their signalling, and puts the
 * path's addresses in place of theirs. Each side's first candidate of IPv4 and UDP is used, all
 * others are left out, so that there is one way between them.
 */
final class NetworkCall implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Participant sender;
  private final Participant receiver;
  private final String channel;
  private final long seed;

  // Guarded by this.
  private EmulatedPath path;
  private ObjectNode senderCandidate;
  private ObjectNode receiverCandidate;
  private IOException failure;

  /** Connects two sides; the sender calls. */
  NetworkCall(Participant sender, Participant receiver, String channel, long seed)
      throws IOException {
    this.sender = sender;
    this.receiver = receiver;
    this.channel = channel;
    this.seed = seed;
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
    try {
      InetSocketAddress address = address(candidate(envelope));
      if (address == null || (fromSender ? senderCandidate : receiverCandidate) != null) {
        return;
      }
      if (path == null) {
        path = new EmulatedPath(address.getAddress(), seed);
      }
      if (fromSender) {
        path.setSender(address);
        senderCandidate = replace(envelope, address, path.facingReceiver());
        to(true, senderCandidate);
      } else {
        path.setReceiver(address);
        receiverCandidate = replace(envelope, address, path.facingSender());
        to(false, receiverCandidate);
      }
    } catch (IOException e) {
      failure = e;
    }
  }

  private static String candidate(JsonNode envelope) {
    return envelope.path("payload").path("candidate").path("candidate").asText();
  }

  /** The address of a host candidate of IPv4 and UDP; null for all others. */
  private static InetSocketAddress address(String candidate) throws IOException {
    String[] words = candidate.split(" ", -1);
    if (words.length < 8
        || !words[1].equals("1")
        || !words[2].equalsIgnoreCase("udp")
        || !words[7].equals("host")
        || !words[4].matches("[0-9.]+")) {
      return null;
    }
    InetAddress address = InetAddress.getByName(words[4]);
    return address instanceof Inet4Address
        ? new InetSocketAddress(address, Integer.parseInt(words[5]))
        : null;
  }

  private static ObjectNode replace(
      ObjectNode envelope, InetSocketAddress own, InetSocketAddress shown) {
    ObjectNode replaced = envelope.deepCopy();
    ObjectNode candidate = (ObjectNode) replaced.get("payload").get("candidate");
    candidate.put(
        "candidate",
        candidate
            .get("candidate")
            .asText()
            .replace(
                own.getAddress().getHostAddress() + " " + own.getPort(),
                shown.getAddress().getHostAddress() + " " + shown.getPort()));
    return replaced;
  }

  /** The network between the two. */
  synchronized EmulatedPath path() {
    return path;
  }

  @Override
  public synchronized void close() throws IOException {
    sender.onEnvelope(_ -> {});
    receiver.onEnvelope(_ -> {});
    sender.tell("hangup");
    receiver.tell("hangup");
    if (path != null) {
      path.close();
    }
    if (failure != null) {
      throw failure;
    }
  }
}
