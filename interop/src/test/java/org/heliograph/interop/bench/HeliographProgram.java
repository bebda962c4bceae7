package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.heliograph.agent.call.CallEvent;
import org.heliograph.agent.call.Calls;
import org.heliograph.agent.call.PeerSessions;
import org.heliograph.agent.call.Sessions;
import org.heliograph.interop.lab.FfmpegDecoder;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.media.CaptureSettings;
import org.heliograph.media.Devices;
import org.heliograph.media.LocalDevices;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.WarmUp;
import org.heliograph.session.MediaSession;
import org.heliograph.session.RemoteTrack;
import org.heliograph.signaling.CallMedia;
import org.heliograph.signaling.Envelope;
import org.heliograph.signaling.EnvelopeCodec;
import org.heliograph.signaling.Signaler;
import org.heliograph.text.Json;

/**
 * A side on Heliograph, as a program of its own: the agent's calls, devices, encoders and policy,
 * with the {@link Film} for a camera and signalling by lines. As the receiver it has no devices; it
 * takes the time at which the connection hands a frame to the call, which is where the agent relays
 * it to its pages, and decodes it afterwards to read the code.
 */
public final class HeliographProgram extends Program {
  private static final String NAME = "heliograph";
  private static final String OTHER = "other";
  private static final int AUDIO_BITS_PER_SECOND = 32_000;

  private final Signalling signalling = new Signalling();
  private final Set<RemoteTrack> watched = ConcurrentHashMap.newKeySet();
  private final Calls calls;
  private final ExecutorService decoding = Executors.newSingleThreadExecutor();
  private FfmpegDecoder decoder = FfmpegDecoder.video("vp8");
  private volatile String channel = "";

  /** Takes {@code send} or {@code receive} and the highest video bit rate. */
  public static void main(String[] arguments) throws Exception {
    new HeliographProgram(arguments[0].equals("send"), Integer.parseInt(arguments[1])).run();
    System.exit(0);
  }

  private HeliographProgram(boolean sends, int bitsPerSecond) {
    Thread _ = Thread.ofPlatform().daemon().name("warm up").start(WarmUp::run);
    CaptureSettings settings =
        new CaptureSettings(
            sends ? "test" : "none",
            sends ? "test" : "none",
            Film.WIDTH,
            Film.HEIGHT,
            Film.FRAMES_PER_SECOND,
            bitsPerSecond,
            AUDIO_BITS_PER_SECOND);
    Devices devices = sends ? FilmDevices.create(settings) : new LocalDevices(settings);
    Sessions sessions =
        PeerSessions.of(_ -> new PeerConfiguration(List.of(), false), Optional.empty());
    calls =
        new Calls(
            new Calls.Settings(
                NAME,
                true,
                4,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                AUDIO_BITS_PER_SECOND,
                bitsPerSecond),
            devices,
            (onThisMachine, listener) -> sessions.open(onThisMachine, watch(listener)),
            signalling,
            this::onEvent);
    calls.open();
  }

  /** A listener that sees each frame pass on its way to the call. */
  private MediaSession.Listener watch(MediaSession.Listener listener) {
    return (MediaSession.Listener)
        Proxy.newProxyInstance(
            HeliographProgram.class.getClassLoader(),
            new Class<?>[] {MediaSession.Listener.class},
            (_, method, arguments) -> {
              if (method.getName().equals("onReceiving")) {
                ((List<?>) arguments[0]).forEach(track -> watch((RemoteTrack) track));
              }
              try {
                return method.invoke(listener, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private void watch(RemoteTrack track) {
    if (watched.add(track)) {
      Runnable _ = track.subscribe(frame -> onFrame(track.kind(), frame));
    }
  }

  private void onFrame(MediaKind kind, MediaFrame frame) {
    long nanos = System.nanoTime();
    switch (kind) {
      case AUDIO -> reception().sound(nanos, frame.timeNanos(), frame.durationNanos());
      case VIDEO -> decoding.execute(() -> see(nanos, frame));
    }
  }

  private void see(long nanos, MediaFrame frame) {
    try {
      Optional<AVFrame> decoded = decoder.decode(frame.payload().duplicate());
      if (decoded.isEmpty()) {
        reception().undecodable();
        return;
      }
      AVFrame picture = decoded.get();
      BytePointer luma = picture.data(0);
      int stride = picture.linesize(0);
      var plane = luma.capacity((long) stride * picture.height()).asByteBuffer();
      int code = PictureCode.read(plane, stride, picture.width(), picture.height());
      reception().picture(nanos, code, picture.width(), frame.timeNanos());
    } catch (IllegalStateException unusable) {
      reception().undecodable();
    }
  }

  private void onEvent(CallEvent event) {
    switch (event) {
      case CallEvent.Incoming(var call, boolean _) -> {
        channel = call.channelId();
        var _ = calls.accept(channel, call.remotePeer(), Optional.empty(), true);
      }
      case CallEvent.State(var call)
          when call.state().equals("connected") && call.channelId().equals(channel) ->
          write(JSON.createObjectNode().put("connected", call.channelId()));
      case CallEvent.Ended ended when ended.channelId().equals(channel) ->
          write(JSON.createObjectNode().put("ended", ended.reason() + " " + ended.message()));
      default -> {
        // Not of interest.
      }
    }
  }

  @Override
  void call(String newChannel) {
    channel = newChannel;
    calls.start(newChannel, OTHER, CallMedia.AUDIO_AND_VIDEO, false).join();
  }

  @Override
  void receive(ObjectNode envelope) throws Exception {
    envelope.put("from", OTHER).put("to", NAME);
    signalling.receiver.receive(EnvelopeCodec.read(envelope)).get(10, TimeUnit.SECONDS);
  }

  /** The call's end is asked for, and so not told: it may come to light when the next has begun. */
  @Override
  void hangUp() {
    String ending = channel;
    channel = "";
    calls
        .hangUp(ending)
        .handle((_, _) -> null) // The other side may have been first.
        .join();
    decoding.execute(
        () -> {
          decoder.close();
          decoder = FfmpegDecoder.video("vp8");
        });
  }

  @Override
  ObjectNode stats() throws Exception {
    ObjectNode all = JSON.createObjectNode();
    for (JsonNode each : Json.tree(calls.stats(channel).get(10, TimeUnit.SECONDS))) {
      switch (each.path("type").asText()) {
        case "inbound-rtp" -> all.set("inbound-" + each.path("kind").asText(), each);
        case "outbound-rtp" -> all.set("outbound-" + each.path("kind").asText(), each);
        default -> {
          // Not of interest.
        }
      }
    }
    return all;
  }

  private static final class Signalling implements Signaler {
    private volatile Receiver receiver;

    @Override
    public void start(Receiver taker) {
      receiver = taker;
    }

    @Override
    public void send(Envelope envelope) {
      try {
        ObjectNode line = JSON.createObjectNode();
        line.set("envelope", JSON.readTree(EnvelopeCodec.write(envelope)));
        write(line);
      } catch (java.io.IOException impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    public Optional<String> unavailable() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
