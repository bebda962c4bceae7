package org.heliograph.interop.call;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.heliograph.peer.DataChannel;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SdpType;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;

/**
 * A guest of an agent's rendezvous with a connection of his own, who says what the test wants him
 * to say: envelopes as text, well-formed or not, and calls.
 */
final class RendezvousGuest implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final String name;
  private final String agent;
  private final WebSocket socket;

  /** What came and was not asked for yet, guarded by this. */
  private final List<JsonNode> received = new ArrayList<>();

  private int closeCode = -1;

  RendezvousGuest(HttpClient http, AgentInProcess agent, String name) {
    this.name = name;
    this.agent = agent.name();
    socket =
        AgentInProcess.get(
            http.newWebSocketBuilder().buildAsync(signalUrl(agent, name), new Envelopes()));
  }

  String name() {
    return name;
  }

  /** Where a guest of that name joins. */
  static URI signalUrl(AgentInProcess agent, String name) {
    return URI.create(
        agent.signalUrl()
            + "?peer="
            + URLEncoder.encode(name, StandardCharsets.UTF_8)
            + "&access_token="
            + agent.invitation(name));
  }

  private final class Envelopes implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          JsonNode envelope = JSON.readTree(text.toString());
          synchronized (RendezvousGuest.this) {
            received.add(envelope);
            RendezvousGuest.this.notifyAll();
          }
        } catch (IOException e) {
          throw new AssertionError(text.toString(), e);
        }
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      ended(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      ended(1006);
    }
  }

  private synchronized void ended(int code) {
    closeCode = code;
    notifyAll();
  }

  /** Waits until the rendezvous has closed the connection; gives the code. */
  synchronized int awaitClose() throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (closeCode < 0) {
      waitUntil(deadline, "the rendezvous to close the connection of " + name);
    }
    return closeCode;
  }

  private synchronized boolean isClosed() {
    return closeCode >= 0;
  }

  /** The next message that fits; those before it are forgotten. */
  synchronized JsonNode next(Predicate<JsonNode> fits, String what) throws InterruptedException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      while (!received.isEmpty()) {
        JsonNode message = received.removeFirst();
        if (fits.test(message)) {
          return message;
        }
      }
      waitUntil(deadline, what);
    }
  }

  private synchronized void waitUntil(long deadline, String what) throws InterruptedException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new AssertionError(name + " waited in vain for " + what);
    }
    TimeUnit.NANOSECONDS.timedWait(this, left);
  }

  /** Sends a text as it is; does nothing once the rendezvous has closed the connection. */
  void say(String text) {
    if (!isClosed()) {
      socket
          .sendText(text, true)
          .exceptionally(
              failure -> {
                if (failure instanceof IllegalArgumentException) {
                  throw new AssertionError(failure);
                }
                return socket; // The rendezvous has closed the connection meanwhile.
              })
          .join();
    }
  }

  /** Sends an envelope to the agent. */
  void say(String channel, ObjectNode payload) {
    say(envelope(channel, agent, payload).toString());
  }

  ObjectNode envelope(String channel, String to, ObjectNode payload) {
    ObjectNode envelope = JSON.createObjectNode();
    envelope.put("channel_id", channel).put("from", name).put("to", to).set("payload", payload);
    return envelope;
  }

  static ObjectNode payload(String type) {
    return JSON.createObjectNode().put("type", type);
  }

  static ObjectNode request() {
    ObjectNode request = payload("call-request");
    request.putObject("media").put("audio", true).put("video", true);
    return request;
  }

  /** Rings; the agent's page accepts; returns when the connection is up. */
  Call call(AgentInProcess.Page page, String channel) throws Exception {
    return call(page, channel, new PeerListener() {});
  }

  Call call(AgentInProcess.Page page, String channel, PeerListener listener) throws Exception {
    say(channel, request());
    page.await(channel, "incoming");
    ObjectNode accept = JSON.createObjectNode();
    accept.put("channel_id", channel).put("remote_peer", name);
    accept.putObject("media").put("audio", true).put("video", true);
    int status = AgentInProcess.get(page.post("/api/call/accept", accept));
    if (status != 200) {
      throw new AssertionError("the call of " + name + " is not accepted: " + status);
    }
    next(message -> type(message).equals("call-ack"), "call-ack");
    Call call = new Call(channel, listener);
    call.negotiate();
    call.awaitConnected();
    return call;
  }

  private static String type(JsonNode message) {
    return message.path("payload").path("type").asText();
  }

  /** A call to the agent that this guest made, as its offerer. */
  final class Call implements AutoCloseable {
    final String channel;
    final PeerDriver driver;
    final Transceiver sound;
    final Transceiver picture;
    private final CompletableFuture<Void> connected = new CompletableFuture<>();

    private Call(String channel, PeerListener listener) throws IOException {
      this.channel = channel;
      driver =
          PeerDriver.open(new PeerConfiguration(List.of(), true), new Trickle(connected, listener));
      sound =
          driver.call(c -> c.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV)).join();
      picture =
          driver.call(c -> c.addTransceiver(MediaKind.VIDEO, TransceiverDirection.SENDRECV)).join();
    }

    /** Tells the candidates as they come; the rest is told to another listener. */
    private final class Trickle implements PeerListener {
      private final CompletableFuture<Void> up;
      private final PeerListener further;

      Trickle(CompletableFuture<Void> up, PeerListener further) {
        this.up = up;
        this.further = further;
      }

      @Override
      public void onIceCandidate(IceCandidateInit candidate) {
        ObjectNode payload = payload("ice-candidate");
        if (candidate.candidate().isEmpty()) {
          payload.putNull("candidate");
        } else {
          payload.set("candidate", JSON.valueToTree(candidate));
        }
        say(channel, payload);
      }

      @Override
      public void onConnectionStateChange(PeerConnectionState state) {
        if (state == PeerConnectionState.CONNECTED) {
          up.complete(null);
        }
        further.onConnectionStateChange(state);
      }

      @Override
      public void onFailed(String reason) {
        up.completeExceptionally(new AssertionError(name + ": " + reason));
        further.onFailed(reason);
      }

      @Override
      public void onFrame(Transceiver transceiver, MediaFrame frame) {
        further.onFrame(transceiver, frame);
      }

      @Override
      public void onKeyFrameRequested(Transceiver transceiver) {
        further.onKeyFrameRequested(transceiver);
      }

      @Override
      public void onOpen(DataChannel channel) {
        further.onOpen(channel);
      }
    }

    void awaitConnected() throws Exception {
      connected.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Runs a step on the connection's thread and waits for it. */
    <T> T step(Function<PeerConnection, T> step) {
      return AgentInProcess.get(driver.call(step));
    }

    void run(Consumer<PeerConnection> step) {
      step(
          connection -> {
            step.accept(connection);
            return null;
          });
    }

    /** An offer and the agent's answer to it. */
    void negotiate() throws InterruptedException {
      String offer =
          step(
              connection -> {
                SessionDescription made = connection.createOffer();
                connection.setLocalDescription(made);
                return made.sdp();
              });
      say(channel, payload("call-offer").put("sdp", offer));
      // The agent's candidates are left out: it checks this side's, and is found by that.
      JsonNode answer = next(message -> type(message).equals("call-answer"), "call-answer");
      String sdp = answer.path("payload").path("sdp").asText();
      run(c -> c.setRemoteDescription(new SessionDescription(SdpType.ANSWER, sdp)));
    }

    void setDirection(TransceiverDirection direction) {
      run(
          _ -> {
            sound.setDirection(direction);
            picture.setDirection(direction);
          });
    }

    void hangUp() {
      say(channel, payload("call-hangup").put("reason", "done"));
    }

    @Override
    public void close() {
      hangUp();
      driver.close();
    }
  }

  @Override
  public void close() {
    socket.abort();
  }
}
