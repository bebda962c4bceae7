package org.heliograph.interop.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCAnswerOptions;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCIceConnectionState;
import dev.onvoid.webrtc.RTCIceGatheringState;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCPeerConnectionState;
import dev.onvoid.webrtc.RTCRtpSender;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.MediaStreamTrack;
import dev.onvoid.webrtc.media.audio.AudioDeviceModule;
import dev.onvoid.webrtc.media.audio.AudioLayer;
import dev.onvoid.webrtc.media.audio.AudioOptions;
import dev.onvoid.webrtc.media.audio.AudioTrack;
import dev.onvoid.webrtc.media.audio.AudioTrackSource;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.I420Buffer;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import dev.onvoid.webrtc.media.video.VideoTrack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A remote peer on libwebrtc, as a program of its own: a crash of its native code must not take the
 * tests along. Performs the commands that come as lines of JSON on its input, one connection after
 * the other; sends a picture with a code and what the sound server's microphone hears. Ends with
 * its input.
 *
 * <p>It needs a sound server in its environment: libwebrtc decodes received sound only where a
 * loudspeaker asks for it, its made-up audio source cannot be had beside a loudspeaker (it aborts
 * the process), and without a server its search for devices never ends.
 */
public final class LibwebrtcProgram {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;
  private static final int PICTURE_MILLIS = 40;
  private static final int WINDOW_SAMPLES = 9_600;
  private static final double SILENCE = 0.01;
  private static final int CODES = 1 << 24;

  // The factory's class loads the native library, without which no source can be made.
  private final PeerConnectionFactory factory =
      new PeerConnectionFactory(new AudioDeviceModule(AudioLayer.kLinuxPulseAudio));
  private final AudioTrackSource microphone = factory.createAudioSource(new AudioOptions());
  private final CustomVideoSource camera = new CustomVideoSource();
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private Connection connection;

  /** Performs commands until there are no more. */
  public static void main(String[] arguments) throws IOException {
    new LibwebrtcProgram().run();
    // libwebrtc's own threads would go on.
    System.exit(0);
  }

  private void run() throws IOException {
    var pictures =
        clock.scheduleAtFixedRate(this::sendPicture, 0, PICTURE_MILLIS, TimeUnit.MILLISECONDS);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      JsonNode request = JSON.readTree(line);
      ObjectNode reply = JSON.createObjectNode().put("id", request.path("id").asInt());
      try {
        if (pictures.isDone()) {
          throw new IllegalStateException("no pictures any more", pictures.exceptionNow());
        }
        reply.set("value", perform(request.path("command").asText(), request.path("argument")));
      } catch (Exception e) {
        e.printStackTrace(System.out);
        reply.put("error", e.toString());
      }
      System.out.println(reply);
    }
  }

  private JsonNode perform(String command, JsonNode argument) throws Exception {
    if (command.equals("begin")) {
      if (connection != null) {
        connection.close();
      }
      connection = new Connection();
      return null;
    }
    return connection.perform(command, argument);
  }

  private void sendPicture() {
    NativeI420Buffer buffer = NativeI420Buffer.allocate(WIDTH, HEIGHT);
    PictureCode.paint(
        buffer.getDataY(),
        buffer.getStrideY(),
        WIDTH,
        HEIGHT,
        (int) (System.currentTimeMillis() % CODES));
    fill(buffer.getDataU());
    fill(buffer.getDataV());
    VideoFrame frame = new VideoFrame(buffer, System.nanoTime());
    camera.pushFrame(frame);
    frame.release();
  }

  private static void fill(ByteBuffer plane) {
    for (int i = 0; i < plane.capacity(); i++) {
      plane.put(i, (byte) 128);
    }
  }

  /**
   * One RTCPeerConnection, with what it has to tell. Its lock is never held in a call of libwebrtc,
   * whose threads wait for one another and take it.
   */
  private final class Connection implements PeerConnectionObserver {
    private final RTCPeerConnection peer =
        factory.createPeerConnection(new RTCConfiguration(), this);
    private final ArrayNode candidates = JSON.createArrayNode();
    private final List<String> events = new ArrayList<>();
    private final Map<String, OwnChannel> channels = new HashMap<>();

    /** What is to be had in the next descriptions and sent later. */
    private final Set<String> prepared = new HashSet<>();

    private final Set<String> sunk = ConcurrentHashMap.newKeySet();
    private final Set<Integer> codes = new HashSet<>();
    private final float[] sound = new float[WINDOW_SAMPLES];
    private int frames;
    private int samples;
    private double hertz;

    JsonNode perform(String command, JsonNode argument) throws Exception {
      switch (command) {
        case "prepare" -> prepared.add(argument.get("kind").asText());
        case "send" -> send(argument.get("kind").asText());
        case "stopSending" -> stopSending(argument.get("kind").asText());
        case "setDirection" ->
            setDirection(
                switch (argument.get("direction").asText()) {
                  case "sendrecv" -> RTCRtpTransceiverDirection.SEND_RECV;
                  case "sendonly" -> RTCRtpTransceiverDirection.SEND_ONLY;
                  default -> RTCRtpTransceiverDirection.INACTIVE;
                });
        case "offer" -> {
          return JSON.getNodeFactory().textNode(offer(argument.path("restart").asBoolean()));
        }
        case "answer" -> {
          return JSON.getNodeFactory().textNode(answer(argument.asText()));
        }
        case "accept" -> setRemote(RTCSdpType.ANSWER, argument.asText());
        case "addCandidate" -> addCandidate(argument);
        case "takeCandidates" -> {
          return takeCandidates();
        }
        case "openChannel" -> {
          String label = argument.get("label").asText();
          channels.put(
              label, new OwnChannel(peer.createDataChannel(label, new RTCDataChannelInit())));
        }
        case "sendMessage" ->
            channels.get(argument.get("label").asText()).send(argument.get("message"));
        case "takeMessages" -> {
          return channels.get(argument.get("label").asText()).take();
        }
        case "received" -> {
          return received();
        }
        case "forget" -> forget();
        case "troubles" -> {
          return troubles();
        }
        default -> throw new IllegalArgumentException("no such command: " + command);
      }
      return null;
    }

    private void send(String kind) {
      MediaStreamTrack track =
          kind.equals("video")
              ? factory.createVideoTrack("video", camera)
              : factory.createAudioTrack("audio", microphone);
      for (RTCRtpTransceiver used : peer.getTransceivers()) {
        if (used.getSender().getTrack() == null
            && used.getReceiver().getTrack().getKind().equals(kind)) {
          used.getSender().replaceTrack(track);
          used.setDirection(RTCRtpTransceiverDirection.SEND_RECV);
          return;
        }
      }
      peer.addTrack(track, List.of("stream"));
    }

    private void stopSending(String kind) {
      for (RTCRtpSender sender : peer.getSenders()) {
        if (sender.getTrack() != null && sender.getTrack().getKind().equals(kind)) {
          peer.removeTrack(sender);
        }
      }
    }

    private void setDirection(RTCRtpTransceiverDirection direction) {
      for (RTCRtpTransceiver transceiver : peer.getTransceivers()) {
        transceiver.setDirection(direction);
      }
    }

    private String offer(boolean restart) throws Exception {
      if (restart) {
        peer.restartIce();
      }
      for (String kind : prepared) {
        // With a track that is taken away again: there is no transceiver for a kind alone.
        send(kind);
        for (RTCRtpSender sender : peer.getSenders()) {
          if (sender.getTrack() != null && sender.getTrack().getKind().equals(kind)) {
            sender.replaceTrack(null);
          }
        }
      }
      prepared.clear();
      Created offer = new Created();
      peer.createOffer(new RTCOfferOptions(), offer);
      return setLocal(offer);
    }

    private String answer(String offer) throws Exception {
      setRemote(RTCSdpType.OFFER, offer);
      for (RTCRtpTransceiver transceiver : peer.getTransceivers()) {
        if (prepared.remove(transceiver.getReceiver().getTrack().getKind())) {
          transceiver.setDirection(RTCRtpTransceiverDirection.SEND_RECV);
        }
      }
      Created answer = new Created();
      peer.createAnswer(new RTCAnswerOptions(), answer);
      return setLocal(answer);
    }

    private String setLocal(Created created) throws Exception {
      RTCSessionDescription description = created.await();
      Applied applied = new Applied();
      peer.setLocalDescription(description, applied);
      applied.await();
      return description.sdp;
    }

    private void setRemote(RTCSdpType type, String sdp) throws Exception {
      Applied applied = new Applied();
      peer.setRemoteDescription(new RTCSessionDescription(type, sdp), applied);
      applied.await();
    }

    private void addCandidate(JsonNode candidate) {
      if (!candidate.path("candidate").asText().isEmpty()) {
        peer.addIceCandidate(
            new RTCIceCandidate(
                candidate.path("sdpMid").asText(),
                candidate.path("sdpMLineIndex").asInt(),
                candidate.get("candidate").asText()));
      }
    }

    private synchronized JsonNode takeCandidates() {
      ArrayNode taken = candidates.deepCopy();
      candidates.removeAll();
      return taken;
    }

    private synchronized JsonNode received() {
      ObjectNode told = JSON.createObjectNode().put("frames", frames).put("hertz", hertz);
      codes.forEach(told.putArray("codes")::add);
      return told;
    }

    private synchronized void forget() {
      frames = 0;
      codes.clear();
      samples = 0;
      hertz = 0;
    }

    private JsonNode troubles() {
      ObjectNode told = JSON.createObjectNode();
      synchronized (this) {
        events.forEach(told.putArray("events")::add);
      }
      told.put("signaling", peer.getSignalingState().name());
      RTCSessionDescription local = peer.getLocalDescription();
      RTCSessionDescription remote = peer.getRemoteDescription();
      told.put("local", local == null ? null : local.sdp);
      told.put("remote", remote == null ? null : remote.sdp);
      return told;
    }

    private synchronized void note(String event) {
      events.add(event);
    }

    @Override
    public synchronized void onIceCandidate(RTCIceCandidate candidate) {
      candidates
          .addObject()
          .put("candidate", candidate.sdp)
          .put("sdpMid", candidate.sdpMid)
          .put("sdpMLineIndex", candidate.sdpMLineIndex);
    }

    @Override
    public synchronized void onIceGatheringChange(RTCIceGatheringState state) {
      if (state == RTCIceGatheringState.COMPLETE) {
        candidates.addObject().put("candidate", "");
      }
    }

    @Override
    public void onConnectionChange(RTCPeerConnectionState state) {
      note("connection " + state);
    }

    @Override
    public void onIceConnectionChange(RTCIceConnectionState state) {
      note("ICE " + state);
    }

    @Override
    public void onDataChannel(RTCDataChannel channel) {
      channel.registerObserver(new Echo(channel));
    }

    @Override
    public void onTrack(RTCRtpTransceiver transceiver) {
      MediaStreamTrack track = transceiver.getReceiver().getTrack();
      // A track whose direction comes back is told again, and has its sink still.
      if (sunk.add(transceiver.getMid() + track.getKind())) {
        switch (track) {
          case VideoTrack video -> video.addSink(this::see);
          case AudioTrack audio -> audio.addSink(this::hear);
          default -> note("an unexpected track");
        }
      }
    }

    private synchronized void see(VideoFrame frame) {
      I420Buffer buffer = frame.buffer.toI420();
      int code =
          PictureCode.read(
              buffer.getDataY(), buffer.getStrideY(), buffer.getWidth(), buffer.getHeight());
      buffer.release();
      frames++;
      if (code >= 0) {
        codes.add(code);
      }
    }

    private synchronized void hear(byte[] bytes, int bits, int rate, int channelCount, int count) {
      var heard = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
      for (int i = 0; i < count && samples < sound.length; i++) {
        sound[samples++] = heard.get(i * channelCount) / 32768f;
      }
      if (samples == sound.length) {
        samples = 0;
        Tone tone = Tone.strongest(sound, rate);
        hertz = tone.level() > SILENCE ? tone.hertz() : 0;
      }
    }

    void close() {
      peer.close();
    }
  }

  /** A data channel that this side opened. */
  private static final class OwnChannel implements RTCDataChannelObserver {
    private final RTCDataChannel channel;
    private final List<JsonNode> waiting = new ArrayList<>();
    private final ArrayNode messages = JSON.createArrayNode();

    OwnChannel(RTCDataChannel channel) {
      this.channel = channel;
      channel.registerObserver(this);
    }

    /** Sends a message as soon as the channel is open. */
    void send(JsonNode message) throws Exception {
      waiting.add(message);
      flush();
    }

    private void flush() throws Exception {
      if (channel.getState() != RTCDataChannelState.OPEN) {
        return;
      }
      for (JsonNode message : waiting) {
        boolean binary = message.has("binary");
        byte[] bytes =
            binary
                ? Base64.getDecoder().decode(message.get("binary").asText())
                : message.get("text").asText().getBytes(StandardCharsets.UTF_8);
        channel.send(new RTCDataChannelBuffer(ByteBuffer.wrap(bytes), binary));
      }
      waiting.clear();
    }

    JsonNode take() throws Exception {
      flush();
      synchronized (this) {
        ArrayNode taken = messages.deepCopy();
        messages.removeAll();
        return taken;
      }
    }

    @Override
    public synchronized void onMessage(RTCDataChannelBuffer message) {
      byte[] bytes = bytesOf(message);
      if (message.binary) {
        messages.addObject().put("binary", Base64.getEncoder().encodeToString(bytes));
      } else {
        messages.addObject().put("text", new String(bytes, StandardCharsets.UTF_8));
      }
    }

    @Override
    public void onBufferedAmountChange(long before) {}

    @Override
    public void onStateChange() {}
  }

  private record Echo(RTCDataChannel channel) implements RTCDataChannelObserver {
    @Override
    public void onMessage(RTCDataChannelBuffer message) {
      try {
        channel.send(new RTCDataChannelBuffer(ByteBuffer.wrap(bytesOf(message)), message.binary));
      } catch (Exception e) {
        throw new IllegalStateException("no echo", e);
      }
    }

    @Override
    public void onBufferedAmountChange(long before) {}

    @Override
    public void onStateChange() {}
  }

  private static byte[] bytesOf(RTCDataChannelBuffer message) {
    byte[] bytes = new byte[message.data.remaining()];
    message.data.get(bytes);
    return bytes;
  }

  /** What libwebrtc does on a thread of its own, awaited. */
  private abstract static class Awaited<T> {
    private static final int LIMIT_SECONDS = 30;

    final CompletableFuture<T> result = new CompletableFuture<>();

    T await() throws InterruptedException, ExecutionException, TimeoutException {
      return result.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    void fail(String error) {
      result.completeExceptionally(new IllegalStateException(error));
    }
  }

  private static final class Created extends Awaited<RTCSessionDescription>
      implements CreateSessionDescriptionObserver {
    @Override
    public void onSuccess(RTCSessionDescription description) {
      result.complete(description);
    }

    @Override
    public void onFailure(String error) {
      fail(error);
    }
  }

  private static final class Applied extends Awaited<Void>
      implements SetSessionDescriptionObserver {
    @Override
    public void onSuccess() {
      result.complete(null);
    }

    @Override
    public void onFailure(String error) {
      fail(error);
    }
  }
}
