package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
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
import dev.onvoid.webrtc.RTCRtpSendParameters;
import dev.onvoid.webrtc.RTCRtpSender;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.RTCStats;
import dev.onvoid.webrtc.RTCStatsReport;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.audio.AudioDeviceModule;
import dev.onvoid.webrtc.media.audio.AudioLayer;
import dev.onvoid.webrtc.media.audio.AudioTrack;
import dev.onvoid.webrtc.media.audio.CustomAudioSource;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.I420Buffer;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import dev.onvoid.webrtc.media.video.VideoTrack;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.heliograph.interop.lab.PictureCode;

/**
 * A side on libwebrtc, as a program of its own. As the sender it shows the {@link Film} and a tone;
 * as the receiver it decodes and plays, and takes the time at which a picture comes to its sink.
 *
 * <p>The receiver needs a sound server in its environment: libwebrtc decodes received sound only
 * where a loudspeaker asks for it.
 */
public final class LibwebrtcProgram extends Program {
  private static final int SAMPLE_RATE = 48_000;
  private static final int TEN_MILLIS = SAMPLE_RATE / 100;
  private static final int TONE_HERTZ = 440;

  private final boolean sends;
  private final int bitsPerSecond;
  private final PeerConnectionFactory factory;
  private final CustomVideoSource camera;
  private final CustomAudioSource microphone;
  private RTCPeerConnection connection;
  private String channel = "";

  /** Takes {@code send} or {@code receive} and the highest video bit rate. */
  public static void main(String[] arguments) throws Exception {
    new LibwebrtcProgram(arguments[0].equals("send"), Integer.parseInt(arguments[1])).run();
    // The native threads would keep the process.
    System.exit(0);
  }

  private LibwebrtcProgram(boolean sends, int bitsPerSecond) {
    this.sends = sends;
    this.bitsPerSecond = bitsPerSecond;
    // The factory's class loads the native library, without which no source can be made.
    AudioLayer devices = sends ? AudioLayer.kDummyAudio : AudioLayer.kLinuxPulseAudio;
    factory = new PeerConnectionFactory(new AudioDeviceModule(devices));
    camera = new CustomVideoSource();
    microphone = new CustomAudioSource();
    if (sends) {
      Thread _ = Thread.ofPlatform().daemon().name("camera").start(this::show);
      Thread _ = Thread.ofPlatform().daemon().name("microphone").start(this::sound);
    }
  }

  private void show() {
    Film film = new Film();
    long start = System.nanoTime();
    for (long index = 0; ; index++) {
      long due = start + index * 1_000_000_000L / Film.FRAMES_PER_SECOND;
      parkUntil(due);
      film.draw(due);
      NativeI420Buffer buffer = NativeI420Buffer.allocate(Film.WIDTH, Film.HEIGHT);
      fill(buffer.getDataY(), buffer.getStrideY(), film.luma(), Film.WIDTH);
      fill(buffer.getDataU(), buffer.getStrideU(), film.blueDifference(), Film.WIDTH / 2);
      fill(buffer.getDataV(), buffer.getStrideV(), film.redDifference(), Film.WIDTH / 2);
      VideoFrame frame = new VideoFrame(buffer, due);
      camera.pushFrame(frame);
      frame.release();
    }
  }

  private void sound() {
    long start = System.nanoTime();
    for (long index = 0; ; index++) {
      parkUntil(start + index * 10_000_000);
      ByteBuffer samples = ByteBuffer.allocate(2 * TEN_MILLIS).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < TEN_MILLIS; i++) {
        double turns = (double) TONE_HERTZ * (index * TEN_MILLIS + i) / SAMPLE_RATE;
        samples.putShort((short) (8000 * Math.sin(2 * Math.PI * turns)));
      }
      microphone.pushAudio(samples.array(), Short.SIZE, SAMPLE_RATE, 1, TEN_MILLIS);
    }
  }

  private static void parkUntil(long nanos) {
    for (long wait = nanos - System.nanoTime(); wait > 0; wait = nanos - System.nanoTime()) {
      LockSupport.parkNanos(wait);
    }
  }

  private static void fill(ByteBuffer plane, int stride, byte[] pixels, int width) {
    for (int row = 0; row < pixels.length / width; row++) {
      plane.put(row * stride, pixels, row * width, width);
    }
  }

  @Override
  void call(String newChannel) {
    open(newChannel);
    ObjectNode request = JSON.createObjectNode().put("type", "call-request");
    request.putObject("media").put("audio", true).put("video", true);
    signal(request);
  }

  private void open(String newChannel) {
    channel = newChannel;
    connection = factory.createPeerConnection(new RTCConfiguration(), new Observer());
    if (sends) {
      AudioTrack audio = factory.createAudioTrack("audio", microphone);
      VideoTrack video = factory.createVideoTrack("video", camera);
      connection.addTrack(audio, List.of("stream"));
      RTCRtpSender sender = connection.addTrack(video, List.of("stream"));
      RTCRtpSendParameters parameters = sender.getParameters();
      parameters.encodings.getFirst().maxBitrate = bitsPerSecond;
      sender.setParameters(parameters);
    }
  }

  private void signal(ObjectNode payload) {
    ObjectNode line = JSON.createObjectNode();
    line.putObject("envelope")
        .put("channel_id", channel)
        .put("from", "libwebrtc")
        .put("to", "heliograph")
        .set("payload", payload);
    write(line);
  }

  @Override
  void receive(ObjectNode envelope) {
    JsonNode payload = envelope.path("payload");
    switch (payload.path("type").asText()) {
      case "call-request" -> {
        open(envelope.get("channel_id").asText());
        signal(JSON.createObjectNode().put("type", "call-ack"));
      }
      case "call-ack" -> connection.createOffer(new RTCOfferOptions(), new Created("call-offer"));
      case "call-offer" ->
          connection.setRemoteDescription(
              new RTCSessionDescription(RTCSdpType.OFFER, payload.get("sdp").asText()),
              new Applied(
                  () ->
                      connection.createAnswer(new RTCAnswerOptions(), new Created("call-answer"))));
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
      default -> {
        // The end of the call comes by command.
      }
    }
  }

  @Override
  void hangUp() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  @Override
  ObjectNode stats() throws Exception {
    CompletableFuture<RTCStatsReport> report = new CompletableFuture<>();
    connection.getStats(report::complete);
    ObjectNode all = JSON.createObjectNode();
    for (RTCStats stats : report.get().getStats().values()) {
      String kind = String.valueOf(stats.getAttributes().getOrDefault("kind", ""));
      switch (stats.getType()) {
        case INBOUND_RTP -> all.set("inbound-" + kind, plain(stats));
        case OUTBOUND_RTP -> all.set("outbound-" + kind, plain(stats));
        default -> {
          // Not of interest.
        }
      }
    }
    return all;
  }

  private static ObjectNode plain(RTCStats stats) {
    ObjectNode plain = JSON.createObjectNode();
    stats
        .getAttributes()
        .forEach(
            (name, value) -> {
              switch (value) {
                case Number number -> plain.put(name, number.doubleValue());
                case String text -> plain.put(name, text);
                case Boolean flag -> plain.put(name, flag);
                case null, default -> {
                  // Lists and maps are not looked at.
                }
              }
            });
    return plain;
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
              () -> signal(JSON.createObjectNode().put("type", type).put("sdp", description.sdp))));
    }

    @Override
    public void onFailure(String error) {
      throw new IllegalStateException(error);
    }
  }

  private record Applied(Runnable then) implements SetSessionDescriptionObserver {
    @Override
    public void onSuccess() {
      then.run();
    }

    @Override
    public void onFailure(String error) {
      throw new IllegalStateException(error);
    }
  }

  private final class Observer implements PeerConnectionObserver {
    @Override
    public void onIceCandidate(RTCIceCandidate candidate) {
      ObjectNode payload = JSON.createObjectNode().put("type", "ice-candidate");
      payload
          .putObject("candidate")
          .put("candidate", candidate.sdp)
          .put("sdpMid", candidate.sdpMid)
          .put("sdpMLineIndex", candidate.sdpMLineIndex);
      signal(payload);
    }

    @Override
    public void onConnectionChange(RTCPeerConnectionState state) {
      if (state == RTCPeerConnectionState.CONNECTED) {
        write(JSON.createObjectNode().put("connected", channel));
      }
    }

    @Override
    public void onTrack(RTCRtpTransceiver transceiver) {
      switch (transceiver.getReceiver().getTrack()) {
        case VideoTrack video -> video.addSink(this::see);
        case AudioTrack audio ->
            audio.addSink(
                (samples, bits, rate, channels, frames) -> {
                  // What is concealed, libwebrtc itself counts; it only does while someone listens.
                });
        default -> throw new IllegalStateException("a track of neither kind");
      }
    }

    private void see(VideoFrame frame) {
      long nanos = System.nanoTime();
      I420Buffer buffer = frame.buffer.toI420();
      int width = buffer.getWidth();
      int code =
          PictureCode.read(buffer.getDataY(), buffer.getStrideY(), width, buffer.getHeight());
      reception().picture(nanos, code, width, 0);
      buffer.release();
    }
  }
}
