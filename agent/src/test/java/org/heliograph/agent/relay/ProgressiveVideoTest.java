package org.heliograph.agent.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.heliograph.agent.relay.SampleCall.Packet;
import org.heliograph.peer.MediaKind;
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
  void aClientThatReadsNothingIsBounded() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    CompletableFuture<HttpResponse<InputStream>> response = get("/video/one");
    server.keyFrameRequests.acquire();
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    response.get();
    SubscriberStats stats = server.relay.stats().getFirst();
    for (int millis = 1; stats.framesDropped() == 0; millis++) {
      server.relay.publish(MediaKind.VIDEO, Frames.delta(millis, 200_000));
      stats = server.relay.stats().getFirst();
      assertThat(stats.queuedBytes()).isLessThanOrEqualTo(Outbox.MAX_BYTES);
    }
    server.relay.end("hung up");

    assertThat(server.relay.stats()).isEmpty();
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
