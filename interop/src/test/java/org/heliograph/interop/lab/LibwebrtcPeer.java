package org.heliograph.interop.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCAnswerOptions;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCPeerConnectionState;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.audio.AudioDeviceModule;
import dev.onvoid.webrtc.media.audio.AudioLayer;
import dev.onvoid.webrtc.media.audio.AudioOptions;
import dev.onvoid.webrtc.media.audio.AudioTrack;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.I420Buffer;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import dev.onvoid.webrtc.media.video.VideoTrack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A remote peer on libwebrtc, as a program of its own: a crash of its native code must not take the
 * tests along. Joins a rendezvous under a name, takes every call, or calls when {@code call} is
 * written to it; sends a picture with a code and what the sound server's microphone hears, and
 * prints what it receives: {@code STATE connected}, {@code VIDEO width height code}, {@code AUDIO
 * hertz level}, {@code HANGUP reason}.
 *
 * <p>It needs a sound server in its environment: libwebrtc decodes received sound only where a
 * loudspeaker asks for it, its made-up audio source cannot be had beside a loudspeaker (it aborts
 * the process), and without a server its search for devices never ends.
 *
 * <pre>LibwebrtcPeer RENDEZVOUS_URL OWN_NAME OTHER_NAME</pre>
 */
public final class LibwebrtcPeer implements WebSocket.Listener, PeerConnectionObserver {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int WIDTH = 640;
  private static final int HEIGHT = 480;

  private final String name;
  private final String other;
  private final PeerConnectionFactory factory;
  private final CustomVideoSource camera;
  private final RTCPeerConnection connection;
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(5);
  private final StringBuilder text = new StringBuilder();
  private final float[] heard = new float[48_000];
  private int heardSamples;
  private int picture;
  private String channel = "libwebrtc-" + ProcessHandle.current().pid();
  private WebSocket socket;

  public static void main(String[] arguments) throws IOException {
    LibwebrtcPeer peer = new LibwebrtcPeer(arguments[1], arguments[2]);
    peer.join(arguments[0]);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      if (line.equals("call")) {
        peer.call();
      }
    }
    // The test is gone.
    System.exit(0);
  }

  private LibwebrtcPeer(String name, String other) {
    this.name = name;
    this.other = other;
    // The factory's class loads the native library, without which no source can be made.
    factory = new PeerConnectionFactory(new AudioDeviceModule(AudioLayer.kLinuxPulseAudio));
    camera = new CustomVideoSource();
    connection = factory.createPeerConnection(new RTCConfiguration(), this);
    VideoTrack video = factory.createVideoTrack("video", camera);
    AudioTrack audio =
        factory.createAudioTrack("audio", factory.createAudioSource(new AudioOptions()));
    connection.addTrack(audio, List.of("stream"));
    connection.addTrack(video, List.of("stream"));
  }

  private void join(String url) {
    socket =
        HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(URI.create(url), this).join();
    var pictures = clock.scheduleAtFixedRate(this::sendPicture, 0, 40, TimeUnit.MILLISECONDS);
    endWith(pictures);
    System.out.println("JOINED");
  }

  private void call() {
    ObjectNode request = JSON.createObjectNode().put("type", "call-request");
    request.putObject("media").put("audio", true).put("video", true);
    send(request);
  }

  private void endWith(Future<?> task) {
    clock.execute(
        () -> {
          try {
            task.get();
          } catch (InterruptedException | ExecutionException e) {
            System.out.println("ERROR " + e);
            System.exit(1);
          }
        });
  }

  private void sendPicture() {
    NativeI420Buffer buffer = NativeI420Buffer.allocate(WIDTH, HEIGHT);
    PictureCode.paint(buffer.getDataY(), buffer.getStrideY(), WIDTH, HEIGHT, picture++);
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

  private synchronized void send(ObjectNode payload) {
    ObjectNode envelope =
        JSON.createObjectNode().put("channel_id", channel).put("from", name).put("to", other);
    envelope.set("payload", payload);
    socket.sendText(envelope.toString(), true).join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      String message = text.toString();
      text.setLength(0);
      clock.execute(() -> receive(message));
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    System.out.println("SIGNALLING CLOSED " + code + " " + reason);
    return null;
  }

  private void receive(String message) {
    try {
      JsonNode envelope = JSON.readTree(message);
      JsonNode payload = envelope.path("payload");
      switch (payload.path("type").asText()) {
        case "call-request" -> {
          channel = envelope.get("channel_id").asText();
          send(JSON.createObjectNode().put("type", "call-ack"));
        }
        case "call-ack" -> connection.createOffer(new RTCOfferOptions(), new Created("call-offer"));
        case "call-offer" ->
            connection.setRemoteDescription(
                new RTCSessionDescription(RTCSdpType.OFFER, payload.get("sdp").asText()),
                new Applied(
                    () ->
                        connection.createAnswer(
                            new RTCAnswerOptions(), new Created("call-answer"))));
        case "call-answer" ->
            connection.setRemoteDescription(
                new RTCSessionDescription(RTCSdpType.ANSWER, payload.get("sdp").asText()),
                new Applied(() -> {}));
        case "ice-candidate" -> {
          JsonNode candidate = payload.path("candidate");
          if (!candidate.path("candidate").asText().isEmpty()) {
            connection.addIceCandidate(
                new RTCIceCandidate(
                    candidate.path("sdpMid").asText(),
                    candidate.path("sdpMLineIndex").asInt(),
                    candidate.get("candidate").asText()));
          }
        }
        case "call-hangup" -> {
          System.out.println("HANGUP " + payload.path("reason").asText());
          System.exit(0);
        }
        default -> System.out.println("UNEXPECTED " + message);
      }
    } catch (Exception e) {
      System.out.println("ERROR " + e);
    }
  }

  private final class Created implements CreateSessionDescriptionObserver {
    private final String type;

    Created(String type) {
      this.type = type;
    }

    @Override
    public void onSuccess(RTCSessionDescription description) {
      connection.setLocalDescription(
          description,
          new Applied(
              () -> send(JSON.createObjectNode().put("type", type).put("sdp", description.sdp))));
    }

    @Override
    public void onFailure(String error) {
      System.out.println("ERROR " + error);
    }
  }

  private record Applied(Runnable then) implements SetSessionDescriptionObserver {
    @Override
    public void onSuccess() {
      then.run();
    }

    @Override
    public void onFailure(String error) {
      System.out.println("ERROR " + error);
    }
  }

  @Override
  public void onIceCandidate(RTCIceCandidate candidate) {
    ObjectNode payload = JSON.createObjectNode().put("type", "ice-candidate");
    payload
        .putObject("candidate")
        .put("candidate", candidate.sdp)
        .put("sdpMid", candidate.sdpMid)
        .put("sdpMLineIndex", candidate.sdpMLineIndex);
    clock.execute(() -> send(payload));
  }

  @Override
  public void onConnectionChange(RTCPeerConnectionState state) {
    System.out.println("STATE " + state.name().toLowerCase(java.util.Locale.ROOT));
  }

  @Override
  public void onTrack(RTCRtpTransceiver transceiver) {
    switch (transceiver.getReceiver().getTrack()) {
      case VideoTrack video -> video.addSink(this::see);
      case AudioTrack audio -> audio.addSink(this::hear);
      default -> System.out.println("UNEXPECTED track");
    }
  }

  private void see(VideoFrame frame) {
    I420Buffer buffer = frame.buffer.toI420();
    int code =
        PictureCode.read(
            buffer.getDataY(), buffer.getStrideY(), buffer.getWidth(), buffer.getHeight());
    System.out.println("VIDEO " + buffer.getWidth() + " " + buffer.getHeight() + " " + code);
    buffer.release();
  }

  private void hear(byte[] samples, int bits, int rate, int channels, int frames) {
    var sound = ByteBuffer.wrap(samples).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    for (int i = 0; i < frames && heardSamples < heard.length; i++) {
      heard[heardSamples++] = sound.get(i * channels) / 32768f;
    }
    if (heardSamples == heard.length) {
      heardSamples = 0;
      Tone tone = Tone.strongest(heard, rate);
      System.out.println("AUDIO " + Math.round(tone.hertz()) + " " + tone.level());
    }
  }
}
