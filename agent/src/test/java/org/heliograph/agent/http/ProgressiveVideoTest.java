package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.heliograph.peer.MediaKind;
import org.heliograph.relay.FfmpegCommand;
import org.heliograph.relay.Frames;
import org.heliograph.relay.Outbox;
import org.heliograph.relay.SampleCall;
import org.heliograph.relay.SampleCall.Packet;
import org.heliograph.relay.SubscriberStats;
import org.heliograph.relay.VirtualRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The progressive route of a real server. */
@Timeout(60)
class ProgressiveVideoTest {
  private final RelayServer server = RelayServer.withoutTime();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    client.shutdownNow();
    server.close();
  }

  @Test
  void theBodyIsWebmThatFfmpegDecodesAndEndsWithTheCall(@TempDir Path directory) throws Exception {
    SampleCall call = SampleCall.encode();
    CompletableFuture<HttpResponse<InputStream>> response = get("/video/one");
    server.keyFrameRequests.acquire();
    for (Packet packet : call.packets()) {
      server.relay.publish(packet.kind(), packet.frame());
    }
    InputStream body = response.get().body();
    while (server.relay.stats().getFirst().queuedBytes() > 0) {
      Thread.sleep(1); // the last message has been taken, which nobody is told
    }
    server.relay.end("hung up");
    Path file = Files.write(directory.resolve("body.webm"), body.readAllBytes());

    assertThat(response.get().headers().firstValue("Content-Type")).contains("video/webm");
    assertThat(response.get().headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(response.get().headers().firstValue("Cache-Control")).contains("no-store");
    var decoded = FfmpegCommand.decode(file);
    assertThat(decoded.stream().filter(line -> line.startsWith("0,")).count()).isBetween(44L, 48L);
    assertThat(decoded.stream().filter(line -> line.startsWith("1,")).count()).isBetween(98L, 102L);
  }

  @Test
  void theBodyEndsWhereAnotherInitSegmentWouldBegin() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    CompletableFuture<HttpResponse<InputStream>> response = get("/video/one");
    server.keyFrameRequests.acquire();
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    server.relay.publish(MediaKind.VIDEO, Frames.key(40, 320, 240));

    byte[] body = response.get().body().readAllBytes();
    assertThat(new String(body, StandardCharsets.ISO_8859_1)).containsOnlyOnce("V_VP8");
    server.idle.acquire();
    assertThat(server.relay.stats()).isEmpty();
  }

  @Test
  void aClientThatLeavesFreesItsPlace() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    CompletableFuture<HttpResponse<InputStream>> response = get("/video/one");
    server.keyFrameRequests.acquire();
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    response.get().body().close();

    for (int millis = 1; !server.idle.tryAcquire(1, TimeUnit.MILLISECONDS); millis++) {
      server.relay.publish(MediaKind.VIDEO, Frames.delta(millis, 10_000));
    }
  }

  @Test
  void aClientThatReadsNothingIsBoundedAndCutOff() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    HttpResponse<InputStream> response = get("/video/one").get();
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    List<SubscriberStats> stats = server.relay.stats();
    int millis = 1;
    for (; !stats.isEmpty(); millis++) {
      assertThat(stats.getFirst().queuedBytes())
          .isLessThanOrEqualTo(Outbox.MAX_BYTES + Outbox.MAX_BYTES_IN_FLIGHT + 200_100);
      server.relay.publish(MediaKind.VIDEO, Frames.delta(millis, 200_000));
      stats = server.relay.stats();
    }
    server.idle.acquire();

    assertThat(lengthOf(response.body())).isLessThan(millis * 200_000L);
    assertThat(server.keyFrameRequests.availablePermits())
        .as("the first, and none for who reads nothing")
        .isEqualTo(1);
  }

  /** Reads to the end, also to one in the middle of a write. */
  private static long lengthOf(InputStream body) {
    var length = new AtomicLong();
    try (OutputStream counter =
        new OutputStream() {
          @Override
          public void write(int octet) {
            length.incrementAndGet();
          }

          @Override
          public void write(byte[] octets, int offset, int count) {
            length.addAndGet(count);
          }
        }) {
      body.transferTo(counter);
    } catch (IOException cutOff) {
      // In the middle of a write.
    }
    return length.get();
  }

  @Test
  void theHeadersDoNotWaitForAPicture() throws Exception {
    assertThat(get("/video/one").get().headers().firstValue("Content-Type")).contains("video/webm");
  }

  @Test
  void whoComesInTheMiddleOfACallHasAPictureAtOnce() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    server.relay.publish(MediaKind.VIDEO, Frames.delta(40, 5_000));
    InputStream body = get("/video/one").get().body();

    assertThat(body.readNBytes(5_100)).hasSize(5_100);
    assertThat(server.keyFrameRequests.availablePermits()).isZero();
  }

  @Test
  void aCallThatIsNotThereIsNotFound() throws Exception {
    assertThat(get("/video/other").get().statusCode()).isEqualTo(404);
  }

  @Test
  void aCallThatIsOverIsUnavailable() throws Exception {
    server.relay.end("hung up");

    assertThat(get("/video/one").get().statusCode()).isEqualTo(503);
  }

  private CompletableFuture<HttpResponse<InputStream>> get(String path) {
    URI uri = server.http(path);
    return client.sendAsync(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream());
  }
}
