package org.heliograph.interop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.heliograph.interop.lab.HeliographAgent;

/**
 * A call through FFmpeg's own live WebM, copied and not encoded anew: what a program gets that
 * leaves the muxing to FFmpeg, with the options that FFmpeg's users name for low latency.
 */
final class FfmpegLive implements WebSocket.Listener, AutoCloseable {
  private static final List<String> COMMAND =
      List.of(
          ("ffmpeg -v error -probesize 32 -analyzeduration 0 -f webm -i pipe:0"
                  + " -c copy -f webm -live 1 -cluster_time_limit 30 -flush_packets 1 pipe:1")
              .split(" ", -1));

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process ffmpeg;
  private final WebSocket socket;

  /**
   * Begins.
   *
   * @param page takes each piece of FFmpeg's output
   */
  FfmpegLive(HeliographAgent agent, String channel, Consumer<ByteBuffer> page) throws IOException {
    ffmpeg = new ProcessBuilder(COMMAND).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    Thread.ofPlatform().daemon().name("output of FFmpeg").start(() -> handOn(page));
    String address = agent.url().replaceFirst("^http", "ws") + "/api/call/media/" + channel;
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address + "?format=webm&access_token=" + agent.token()), this)
            .join();
  }

  private void handOn(Consumer<ByteBuffer> page) {
    byte[] bytes = new byte[1 << 16];
    try (InputStream output = ffmpeg.getInputStream()) {
      for (int read; (read = output.read(bytes)) > 0; ) {
        page.accept(ByteBuffer.wrap(Arrays.copyOf(bytes, read)));
      }
    } catch (IOException ended) {
      // It has been closed.
    }
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    try {
      OutputStream input = ffmpeg.getOutputStream();
      input.write(bytes);
      input.flush();
    } catch (IOException ended) {
      from.abort();
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
    ffmpeg.destroy();
  }
}
