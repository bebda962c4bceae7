package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.heliograph.interop.lab.FfmpegDecoder;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.PictureCode;

/**
 * A subscriber of an agent that notes when each frame of a call was complete there, as near as a
 * program beside it can: when the frame's message has come over loopback.
 */
final class AgentTap implements WebSocket.Listener, AutoCloseable {
  private static final int HEADER_BYTES = 12;
  private static final int VIDEO = 1;
  private static final double NANOS_PER_SAMPLE = 1e9 / 48_000;

  /** When the picture with a code came, in nanoseconds. */
  private final Map<Integer, Long> pictures = new ConcurrentSkipListMap<>();

  /** When a beep came, by the second in which it began. */
  private final Map<Long, Long> beeps = new ConcurrentSkipListMap<>();

  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService decoding = Executors.newSingleThreadExecutor();
  private final ByteBuffer message = ByteBuffer.allocate(1 << 20);
  private final FfmpegDecoder video = FfmpegDecoder.video("vp8");
  private final FfmpegDecoder audio = FfmpegDecoder.opus(1);
  private final Beep.Finder finder =
      new Beep.Finder(nanos -> beeps.putIfAbsent(Beep.begun(nanos), nanos));
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;

  AgentTap(HeliographAgent agent, String channel) {
    String address = agent.url().replaceFirst("^http", "ws") + "/api/call/media/" + channel;
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address + "?format=frames&access_token=" + agent.token()), this)
            .join();
  }

  Map<Integer, Long> pictures() {
    return pictures;
  }

  Map<Long, Long> beeps() {
    return beeps;
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      try {
        JsonNode control = Program.JSON.readTree(text.toString());
        for (JsonNode track : control.path("tracks")) {
          if (track.get("kind").asText().equals("video") != (track.get("id").asInt() == VIDEO)) {
            throw new IllegalStateException("the tracks have other numbers: " + control);
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      text.setLength(0);
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    message.put(part);
    if (last) {
      long nanos = System.nanoTime();
      boolean isVideo = message.get(0) == VIDEO;
      byte[] frame = new byte[message.position() - HEADER_BYTES];
      message.get(HEADER_BYTES, frame);
      message.clear();
      decoding.execute(() -> see(nanos, isVideo, ByteBuffer.wrap(frame)));
    }
    from.request(1);
    return null;
  }

  private void see(long nanos, boolean isVideo, ByteBuffer frame) {
    try {
      Optional<AVFrame> decoded = (isVideo ? video : audio).decode(frame);
      if (decoded.isEmpty()) {
        return;
      }
      if (isVideo) {
        AVFrame picture = decoded.get();
        int stride = picture.linesize(0);
        var luma = picture.data(0).capacity((long) stride * picture.height()).asByteBuffer();
        int code = PictureCode.read(luma, stride, picture.width(), picture.height());
        pictures.putIfAbsent(code, nanos);
      } else {
        listen(nanos, decoded.get());
      }
    } catch (IllegalStateException undecodable) {
      // A frame before the first key frame.
    }
  }

  /** A sample can be heard, at the earliest, as long after its packet came as it lies in it. */
  private void listen(long nanos, AVFrame sound) {
    var samples =
        sound
            .data(0)
            .capacity(4L * sound.nb_samples())
            .asBuffer()
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int i = 0; i < sound.nb_samples(); i++) {
      finder.take(samples.get(i), nanos + (long) (i * NANOS_PER_SAMPLE));
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
    decoding.shutdown();
  }
}
