package org.heliograph.interop.lab;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/** What an agent relays of a call into a page, as live WebM, and what FFmpeg makes of it. */
public final class RelayRecording implements WebSocket.Listener, AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final double AUDIBLE = 0.01;
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;

  private final HttpClient http = HttpClient.newHttpClient();
  private final HeliographAgent agent;
  private final WebSocket socket;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private ByteArrayOutputStream webm = new ByteArrayOutputStream();
  private int messages;
  private final String codecs;
  private boolean isWhole;
  private final List<String> told = new ArrayList<>();
  private String closed;

  /** Subscribes to what the other side sends. */
  public RelayRecording(HeliographAgent agent, String channel) {
    this(agent, channel, "", "vp8,opus");
  }

  /** Subscribes to one picture of the call alone. */
  public static RelayRecording ofPicture(HeliographAgent agent, String channel, String track) {
    return new RelayRecording(agent, channel, "&track=" + track, "vp8");
  }

  private RelayRecording(HeliographAgent agent, String channel, String track, String codecs) {
    this.agent = agent;
    this.codecs = "codecs=\\\"" + codecs + "\\\"";
    String address =
        "%s/api/call/media/%s?format=webm%s&access_token=%s"
            .formatted(agent.url().replaceFirst("^http", "ws"), channel, track, agent.token());
    socket = http.newWebSocketBuilder().buildAsync(URI.create(address), this).join();
  }

  /** An init segment begins a new WebM stream; what came before it is of no further use. */
  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    synchronized (this) {
      told.add(text.toString());
      if (text.toString().contains("\"init\"")) {
        webm = new ByteArrayOutputStream();
        messages = 0;
        isWhole = text.toString().contains(codecs);
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    message.writeBytes(bytes);
    if (last) {
      synchronized (this) {
        webm.writeBytes(message.toByteArray());
        messages += isWhole ? 1 : 0;
        notifyAll();
      }
      message.reset();
    }
    from.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    return end(code + " " + reason);
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    end(error.toString());
  }

  private synchronized CompletionStage<?> end(String why) {
    closed = why;
    notifyAll();
    return null;
  }

  /** Waits until a stream of all that is wanted is so many messages long, and gives it. */
  private synchronized byte[] awaitMessages(int count) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (messages < count) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || closed != null) {
        throw new AssertionError(
            "%d of %d messages from the relay%s; it told %s; the agent says:%n%s"
                .formatted(
                    messages,
                    count,
                    closed == null ? "" : ", which closed: " + closed,
                    told,
                    agent.log()));
      }
      try {
        wait(Math.max(1, left / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
    return webm.toByteArray();
  }

  /**
   * What FFmpeg decodes: the different picture codes, and the strongest tone of the last second.
   */
  public record Content(Set<Integer> codes, Tone tone) {}

  /** Records until there are so many different picture codes, and sound. */
  public Content awaitContent(int codes) throws IOException {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    for (int count = 200; ; count += 100) {
      Content content = decode(awaitMessages(count));
      if (content.codes().size() >= codes && content.tone().level() > AUDIBLE) {
        return content;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("not " + codes + " codes and a tone, but " + content);
      }
    }
  }

  /** Records a picture alone until there are so many different codes. */
  public Set<Integer> awaitCodes(int codes) throws IOException {
    for (int count = codes; ; count += codes) {
      Set<Integer> seen = decodePictures(awaitMessages(count));
      if (seen.size() >= codes) {
        return seen;
      }
    }
  }

  private static Set<Integer> decodePictures(byte[] webm) throws IOException {
    Path folder = Files.createTempDirectory("heliograph-recording");
    try {
      Path recording = Files.write(folder.resolve("call.webm"), webm);
      Path pictures = folder.resolve("pictures");
      Subprocess.run(Map.of(), decoding(recording, pictures), LIMIT);
      return codes(Files.readAllBytes(pictures));
    } finally {
      Subprocess.deleteTree(folder);
    }
  }

  private static List<String> decoding(Path recording, Path pictures) {
    return List.of(
        "ffmpeg",
        "-v",
        "error",
        "-i",
        recording.toString(),
        "-map",
        "0:v",
        "-fps_mode",
        "passthrough",
        "-s",
        WIDTH + "x" + HEIGHT,
        "-pix_fmt",
        "gray",
        "-f",
        "rawvideo",
        pictures.toString());
  }

  private static Content decode(byte[] webm) throws IOException {
    Path folder = Files.createTempDirectory("heliograph-recording");
    try {
      Path recording = Files.write(folder.resolve("call.webm"), webm);
      Path pictures = folder.resolve("pictures");
      Path sound = folder.resolve("sound");
      List<String> decoding = new ArrayList<>(decoding(recording, pictures));
      decoding.addAll(
          List.of("-map", "0:a", "-ac", "1", "-ar", "48000", "-f", "s16le", sound.toString()));
      Subprocess.run(Map.of(), decoding, LIMIT);
      return new Content(codes(Files.readAllBytes(pictures)), tone(Files.readAllBytes(sound)));
    } finally {
      Subprocess.deleteTree(folder);
    }
  }

  private static Set<Integer> codes(byte[] pictures) {
    Set<Integer> codes = new TreeSet<>();
    for (int start = 0; start < pictures.length; start += WIDTH * HEIGHT) {
      ByteBuffer luma = ByteBuffer.wrap(pictures, start, WIDTH * HEIGHT).slice();
      int code = PictureCode.read(luma, WIDTH, WIDTH, HEIGHT);
      if (code >= 0) {
        codes.add(code);
      }
    }
    return codes;
  }

  private static Tone tone(byte[] sound) {
    var samples = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
    float[] lastSecond = new float[Math.min(48_000, samples.remaining())];
    samples.position(samples.remaining() - lastSecond.length);
    for (int i = 0; i < lastSecond.length; i++) {
      lastSecond[i] = samples.get() / 32768f;
    }
    return Tone.strongest(lastSecond, 48_000);
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
