package org.heliograph.interop.lab;

import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/** What an agent relays of a call, decoded by FFmpeg: {@code docs/media-protocol.md}, as frames. */
public final class DecodedStream implements AutoCloseable, WebSocket.Listener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEADER_BYTES = 12;
  private static final int SAMPLE_RATE = 48_000;
  private static final int WINDOW_SAMPLES = SAMPLE_RATE / 5;

  /**
   * A picture's size and the mean colour of its middle half, in each direction.
   *
   * @param y brightness, from 16 to 235
   * @param u blue difference, from 16 to 240
   * @param v red difference, from 16 to 240
   */
  public record Picture(int width, int height, int y, int u, int v) {}

  /** A track as it was announced. */
  private record Track(JsonNode description, FfmpegDecoder decoder) {}

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, Track> tracks = new HashMap<>();
  private final StringBuilder text = new StringBuilder();
  private final ByteBuffer message = ByteBuffer.allocate(1 << 20);
  private Picture picture;
  private long pictures;
  private float[] wanted = new float[0];
  private int heard;
  private String ended = "";
  private boolean closed;

  /**
   * Begins to receive.
   *
   * @param path such as {@code /api/call/media/1}
   */
  public DecodedStream(HeliographAgent agent, String path) {
    String address = agent.url().replaceFirst("^http", "ws") + path;
    http.newWebSocketBuilder()
        .buildAsync(URI.create(address + "?format=frames&access_token=" + agent.token()), this)
        .join();
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
    text.append(part);
    if (last) {
      try {
        control(JSON.readTree(text.toString()));
      } catch (java.io.IOException e) {
        end("no JSON: " + text);
      }
      text.setLength(0);
    }
    socket.request(1);
    return null;
  }

  private synchronized void control(JsonNode control) {
    switch (control.path("type").asText()) {
      case "tracks" -> {
        Map<Integer, Track> before = Map.copyOf(tracks);
        tracks.clear();
        for (JsonNode description : control.get("tracks")) {
          int id = description.get("id").asInt();
          Track same = before.get(id);
          boolean goesOn = same != null && same.description.equals(description);
          tracks.put(id, goesOn ? same : new Track(description, decoder(description)));
        }
        before.values().stream()
            .filter(track -> !tracks.containsValue(track))
            .forEach(track -> track.decoder.close());
      }
      case "ended" -> end("the call ended: " + control);
      default -> {}
    }
  }

  private static FfmpegDecoder decoder(JsonNode description) {
    return description.get("kind").asText().equals("video")
        ? FfmpegDecoder.video(description.get("codec").asText())
        : FfmpegDecoder.opus(1);
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
    message.put(part);
    if (last) {
      message.flip();
      decode(message.get(0), message.slice(HEADER_BYTES, message.limit() - HEADER_BYTES));
      message.clear();
    }
    socket.request(1);
    return null;
  }

  private synchronized void decode(int track, ByteBuffer frame) {
    if (closed) {
      return;
    }
    tracks
        .get(track)
        .decoder
        .decode(frame)
        .ifPresent(
            decoded -> {
              if (decoded.width() > 0) {
                picture = middleOf(decoded);
                pictures++;
              } else {
                hear(decoded);
              }
              notifyAll();
            });
  }

  private static Picture middleOf(AVFrame frame) {
    return new Picture(
        frame.width(),
        frame.height(),
        mean(frame, 0, frame.width(), frame.height()),
        mean(frame, 1, frame.width() / 2, frame.height() / 2),
        mean(frame, 2, frame.width() / 2, frame.height() / 2));
  }

  private static int mean(AVFrame frame, int plane, int width, int height) {
    long sum = 0;
    BytePointer pixels = frame.data(plane);
    for (int y = height / 4; y < height * 3 / 4; y++) {
      for (int x = width / 4; x < width * 3 / 4; x++) {
        sum += pixels.get((long) y * frame.linesize(plane) + x) & 0xff;
      }
    }
    return (int) (sum / ((height * 3L / 4 - height / 4) * (width * 3L / 4 - width / 4)));
  }

  private void hear(AVFrame frame) {
    if (frame.format() != AV_SAMPLE_FMT_FLT) {
      throw new IllegalStateException("samples of format " + frame.format());
    }
    int count = Math.min(frame.nb_samples(), wanted.length - heard);
    var samples =
        frame
            .data(0)
            .capacity(4L * frame.nb_samples())
            .asBuffer()
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    samples.get(wanted, heard, count);
    heard += count;
  }

  private synchronized void end(String why) {
    ended = why;
    notifyAll();
  }

  @Override
  public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    end("closed: " + code + " " + reason);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void onError(WebSocket socket, Throwable failure) {
    end(failure.toString());
  }

  /** The next picture that fits; fails the test if there is none. */
  public synchronized Picture awaitPicture(Predicate<Picture> fits, Duration limit) {
    long seen = pictures;
    long deadline = System.nanoTime() + limit.toNanos();
    while (pictures == seen || !fits.test(picture)) {
      awaitMore(deadline, "the picture awaited did not come; the last of " + pictures + ": ");
    }
    return picture;
  }

  /**
   * The first window of 200 ms, of those that follow one another from now on, whose strongest tone
   * fits; fails the test if there is none. A machine under load may drop sound here and there.
   */
  public synchronized Tone awaitTone(Predicate<Tone> fits, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    Tone last = new Tone(0, 0, 0);
    do {
      wanted = new float[WINDOW_SAMPLES];
      heard = 0;
      while (heard < wanted.length) {
        awaitMore(deadline, "the tone awaited did not come; the last was " + last + "; ");
      }
      last = Tone.strongest(wanted, SAMPLE_RATE);
    } while (!fits.test(last));
    return last;
  }

  @SuppressWarnings("WaitNotInLoop") // its callers loop
  private void awaitMore(long deadline, String complaint) {
    long left = deadline - System.nanoTime();
    if (left <= 0 || !ended.isEmpty()) {
      throw new AssertionError(complaint + picture + " " + ended);
    }
    try {
      wait(Math.max(1, left / 1_000_000));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void closeDecoders() {
    tracks.values().forEach(track -> track.decoder.close());
    tracks.clear();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      closeDecoders();
    }
    http.shutdownNow();
  }
}
