package org.heliograph.agent.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.heliograph.peer.MediaKind;
import org.heliograph.relay.FfmpegCommand;
import org.heliograph.relay.Frames;
import org.heliograph.relay.Outbox;
import org.heliograph.relay.PageMessage;
import org.heliograph.relay.SampleCall;
import org.heliograph.relay.SampleCall.Packet;
import org.heliograph.relay.Subscription;
import org.heliograph.relay.VirtualRelay;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The WebSocket route of a real server, watched by the JDK's WebSocket client. */
@Timeout(60)
class MediaSocketTest {
  private final RelayServer server = RelayServer.withoutTime();
  private final HttpClient client = HttpClient.newHttpClient();

  private sealed interface Event {}

  private record Text(String message) implements Event {}

  private record Binary(ByteBuffer message) implements Event {}

  private record Closed(int code) implements Event {}

  /** A page that takes everything, or nothing until it is told to. */
  private static final class Page implements WebSocket.Listener {
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final boolean reads;

    private Page(boolean reads) {
      this.reads = reads;
    }

    @Override
    public void onOpen(WebSocket socket) {
      if (reads) {
        socket.request(Long.MAX_VALUE);
      }
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence message, boolean last) {
      events.add(new Text(message.toString()));
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer message, boolean last) {
      byte[] bytes = new byte[message.remaining()];
      message.get(bytes);
      partial.writeBytes(bytes);
      if (last) {
        events.add(new Binary(ByteBuffer.wrap(partial.toByteArray())));
        partial.reset();
      }
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      events.add(new Closed(code));
      return null;
    }

    private Event next() throws InterruptedException {
      Event event = events.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("an event within 20 s").isNotNull();
      return event;
    }

    /** Until then, the relay does not know of the page. */
    private void awaitGreeting() throws InterruptedException {
      assertThat(next()).isEqualTo(new Text("{\"type\":\"state\",\"state\":\"connected\"}"));
    }

    private ByteBuffer nextBinary() throws InterruptedException {
      while (true) {
        switch (next()) {
          case Binary(ByteBuffer message) -> {
            return message;
          }
          case Text _ -> {}
          case Closed(int code) -> throw new AssertionError("closed with " + code);
        }
      }
    }
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    server.close();
  }

  @Test
  void whatAPageReceivesIsWebmThatFfmpegDecodes(@TempDir Path directory) throws Exception {
    SampleCall call = SampleCall.encode();
    Page page = watch("/media/one");
    for (Packet packet : call.packets()) {
      server.relay.publish(packet.kind(), packet.frame());
    }

    assertThat(page.next())
        .isEqualTo(
            new Text("{\"type\":\"init\",\"mime\":\"video/webm; codecs=\\\"vp8,opus\\\"\"}"));
    var file = new ByteArrayOutputStream();
    file.writeBytes(bytes(page.nextBinary()));
    int clusters = 0;
    long lastMillis = 0;
    // The last picture is at 1960 ms and the last packet at 1980 ms.
    while (lastMillis < 1_980) {
      ByteBuffer cluster = page.nextBinary();
      file.writeBytes(bytes(cluster));
      lastMillis = Math.max(lastMillis, millis(cluster));
      clusters++;
    }
    server.relay.end("hung up");
    assertThat(page.next()).isEqualTo(new Text("{\"type\":\"ended\",\"reason\":\"hung up\"}"));
    assertThat(page.next()).isEqualTo(new Closed(1000));

    var decoded =
        FfmpegCommand.decode(Files.write(directory.resolve("page.webm"), file.toByteArray()));
    long pictures = decoded.stream().filter(line -> line.startsWith("0,")).count();
    long sounds = decoded.stream().filter(line -> line.startsWith("1,")).count();
    assertThat(pictures).as("with repeated ones").isBetween(44L, 48L);
    assertThat(sounds).as("with those that stand for lost ones").isBetween(98L, 102L);
    assertThat(clusters).isGreaterThanOrEqualTo((int) pictures + 98);
  }

  @Test
  void aPauseOfThePictureIsFilledInTime() throws Exception {
    try (RelayServer real = RelayServer.inRealTime()) {
      real.relay.expect(VirtualRelay.VIDEO);
      Page page = new Page(true);
      client.newWebSocketBuilder().buildAsync(real.webSocket("/media/one"), page).get();
      real.keyFrameRequests.acquire();
      real.relay.publish(MediaKind.VIDEO, Frames.key(0));
      page.nextBinary(); // the init segment

      assertThat(millis(page.nextBinary())).isZero();
      assertThat(millis(page.nextBinary())).isEqualTo(80);
      assertThat(millis(page.nextBinary())).isEqualTo(160);
    }
  }

  @Test
  void whatAPageReceivesAsFramesIsWhatTheSenderSent() throws Exception {
    SampleCall call = SampleCall.encode();
    Page page = watch("/media/one?format=frames");
    for (Packet packet : call.packets()) {
      server.relay.publish(packet.kind(), packet.frame());
    }

    for (Packet packet : call.packets()) {
      ByteBuffer message = page.nextBinary();
      assertThat((int) message.get(0)).isEqualTo(packet.kind() == MediaKind.VIDEO ? 1 : 2);
      assertThat(message.get(1) == 1).isEqualTo(packet.frame().key());
      assertThat(message.getLong(4)).isEqualTo(packet.frame().timeNanos() / 1_000);
      assertThat(message.slice(12, message.limit() - 12)).isEqualTo(packet.frame().payload());
    }
  }

  @Test
  void aCallThatIsNotThereCloses() throws Exception {
    assertThat(connect("/media/other", true).next()).isEqualTo(new Closed(4404));
  }

  @Test
  void aFormatThatIsNotThereCloses() throws Exception {
    for (String query : List.of("format=mp4", "format=frames&sound=mp3", "sound=pcm")) {
      assertThat(connect("/media/one?" + query, true).next()).isEqualTo(new Closed(4400));
    }
  }

  @Test
  void aBinaryMessageFromThePageCloses() throws Exception {
    Page page = new Page(true);
    open("/media/one", page).sendBinary(ByteBuffer.allocate(10), true).get();
    page.awaitGreeting();

    assertThat(page.next()).isEqualTo(new Closed(1003));
  }

  @Test
  void aMessageThatIsTooLongCloses() throws Exception {
    Page page = new Page(true);
    open("/media/one", page).sendText("x".repeat(PageMessage.MAX_LENGTH + 1), true).get();
    page.awaitGreeting();

    assertThat(page.next()).isEqualTo(new Closed(1009));
  }

  @Test
  void aPageThatLeavesFreesItsPlace() throws Exception {
    WebSocket socket = open("/media/one", new Page(true));
    server.keyFrameRequests.acquire();
    assertThat(server.relay.stats()).hasSize(1);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();

    server.idle.acquire();
    assertThat(server.relay.stats()).isEmpty();
  }

  @Test
  void aPageThatReadsNothingSlowsNeitherTheSenderNorAnotherPage() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    connect("/media/one?format=frames", false);
    server.keyFrameRequests.acquire();
    Page reader = watch("/media/one?format=frames");
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    reader.nextBinary();
    long dropped = 0;
    // More than any socket buffers: the connection of who reads nothing is full then.
    for (int millis = 1; dropped == 0; millis++) {
      server.relay.publish(MediaKind.VIDEO, Frames.delta(millis, 200_000));
      assertThat(reader.nextBinary().getLong(4)).isEqualTo(millis * 1_000L);
      dropped = server.relay.stats().getFirst().framesDropped();
    }

    assertThat(server.relay.stats().get(1).framesDropped()).isZero();
    assertThat(server.relay.stats().getFirst().queuedBytes()).isLessThanOrEqualTo(Outbox.MAX_BYTES);
  }

  @Test
  void fiftyPagesThatJoinAtOnceAreAllShownOneKeyFrame() throws Exception {
    server.relay.expect(VirtualRelay.VIDEO);
    List<Page> pages = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pages.add(watch(i % 2 == 0 ? "/media/one" : "/media/one?format=frames"));
    }
    assertThat(server.keyFrameRequests.drainPermits()).isEqualTo(1);
    server.relay.publish(MediaKind.VIDEO, Frames.key(0));
    server.relay.publish(MediaKind.VIDEO, Frames.delta(40, 5_000));

    for (int i = 0; i < 50; i += 2) {
      Page webm = pages.get(i);
      webm.nextBinary(); // the init segment
      assertThat(millis(webm.nextBinary())).isZero();
      assertThat(millis(webm.nextBinary())).isEqualTo(40);
      Page frames = pages.get(i + 1);
      assertThat(frames.nextBinary().get(1)).isEqualTo((byte) 1);
      assertThat(frames.nextBinary().getLong(4)).isEqualTo(40_000);
    }
    assertThat(server.keyFrameRequests.availablePermits()).isZero();
  }

  @Test
  void aPageThatStopsReadingIsCutOffAndMayComeBack() throws Exception {
    var clock = new AtomicLong();
    var tick = new AtomicReference<Runnable>();
    try (RelayServer real = RelayServer.withClock(clock::get, tick::set)) {
      real.relay.expect(VirtualRelay.VIDEO);
      client
          .newWebSocketBuilder()
          .buildAsync(real.webSocket("/media/one?format=frames"), new Page(false))
          .get();
      real.keyFrameRequests.acquire();
      Page reader = watch(real, "/media/one?format=frames");
      real.relay.publish(MediaKind.VIDEO, Frames.key(0));
      reader.nextBinary();
      for (int millis = 1; real.relay.stats().getFirst().framesDropped() == 0; millis++) {
        real.relay.publish(MediaKind.VIDEO, Frames.delta(millis, 200_000));
        reader.nextBinary();
      }
      clock.addAndGet(Subscription.MAX_STUCK.toNanos() + 1);
      tick.get().run();
      assertThat(real.relay.stats()).as("the reader alone").hasSize(1);
      assertThat(real.keyFrameRequests.availablePermits()).as("for who reads nothing").isZero();

      Page again = watch(real, "/media/one?format=frames");
      real.keyFrameRequests.acquire();
      real.relay.publish(MediaKind.VIDEO, Frames.key(100_000));
      assertThat(again.nextBinary().get(1)).isEqualTo((byte) 1);
      assertThat(reader.nextBinary().get(1)).isEqualTo((byte) 1);
    }
  }

  /** A page that the relay has begun to serve. */
  private Page watch(String path) throws Exception {
    return watch(server, path);
  }

  private Page watch(RelayServer server, String path) throws Exception {
    Page page = new Page(true);
    client.newWebSocketBuilder().buildAsync(server.webSocket(path), page).get();
    page.awaitGreeting();
    return page;
  }

  private Page connect(String path, boolean reads) throws Exception {
    Page page = new Page(reads);
    open(path, page);
    return page;
  }

  private WebSocket open(String path, Page page) throws Exception {
    return client.newWebSocketBuilder().buildAsync(server.webSocket(path), page).get();
  }

  private static byte[] bytes(ByteBuffer message) {
    byte[] bytes = new byte[message.remaining()];
    message.get(message.position(), bytes);
    return bytes;
  }

  /** A cluster's time code. */
  private static long millis(ByteBuffer cluster) {
    int size = 4;
    size += Integer.numberOfLeadingZeros(cluster.get(size) & 0xff) - 24 + 1;
    int length = cluster.get(size + 1) & 0x7f;
    long millis = 0;
    for (int i = 0; i < length; i++) {
      millis = millis << 8 | (cluster.get(size + 2 + i) & 0xff);
    }
    return millis;
  }
}
