package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.stats.IceCandidateStats;
import org.heliograph.peer.stats.InboundRtpStreamStats;

/**
 * A guest's call whose frames are numbered: a page of the agent reads the numbers, so that not one
 * can be missing without being noticed. What the agent sends is counted.
 */
final class NumberedCall implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long SOUND_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int SOUNDS_A_PICTURE = 2;

  /** The table of contents of an Opus packet of 20 ms, CELT, mono (RFC 6716 3.1). */
  private static final byte OPUS_20_MS = (byte) 0xF8;

  /** Where a frame of {@code format=frames} begins, behind its header. */
  private static final int HEADER = 12;

  private static final int SOUND_NUMBER_AT = 1;
  private static final int KEY_NUMBER_AT = 10;
  private static final int DELTA_NUMBER_AT = 3;

  private final RendezvousGuest.Call call;
  private final AtomicBoolean keyFrameWanted = new AtomicBoolean(true);
  private final Thread sender;
  private volatile boolean ended;

  /** Guarded by this, as all below. */
  private final Map<MediaKind, Integer> sent = new EnumMap<>(MediaKind.class);

  private final Map<MediaKind, List<Integer>> seen = new EnumMap<>(MediaKind.class);
  private final Map<MediaKind, Integer> heard = new EnumMap<>(MediaKind.class);
  private String watching = "";

  NumberedCall(RendezvousGuest guest, AgentInProcess.Page page, String channel) throws Exception {
    for (MediaKind kind : MediaKind.values()) {
      sent.put(kind, 0);
      seen.put(kind, new ArrayList<>());
      heard.put(kind, 0);
    }
    call = guest.call(page, channel, new Heard());
    sender = Thread.ofPlatform().name("numbered frames").start(this::send);
    AgentInProcess.get(page.watch(channel, "frames", new Seen()));
    awaitMore();
  }

  private final class Heard implements PeerListener {
    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      synchronized (NumberedCall.this) {
        heard.merge(transceiver.kind(), 1, Integer::sum);
        NumberedCall.this.notifyAll();
      }
    }

    @Override
    public void onKeyFrameRequested(Transceiver transceiver) {
      keyFrameWanted.set(true);
    }
  }

  // ---- The guest sends ----

  private void send() {
    long due = System.nanoTime();
    while (!ended) {
      int sound = next(MediaKind.AUDIO);
      frame(
          call.sound,
          MediaFormat.OPUS,
          true,
          ByteBuffer.allocate(60).put(0, OPUS_20_MS).putInt(SOUND_NUMBER_AT, sound));
      if (sound % SOUNDS_A_PICTURE == 0) {
        boolean key = keyFrameWanted.getAndSet(false);
        frame(call.picture, MediaFormat.VP8, key, picture(next(MediaKind.VIDEO), key));
      }
      due += SOUND_NANOS;
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private synchronized int next(MediaKind kind) {
    return sent.merge(kind, 1, Integer::sum) - 1;
  }

  private void frame(Transceiver to, MediaFormat format, boolean key, ByteBuffer payload) {
    call.driver.send(
        to,
        new MediaFrame(
            format, System.nanoTime(), format == MediaFormat.OPUS ? SOUND_NANOS : 0, key, payload));
  }

  /** A VP8 frame as far as its header goes (RFC 6386 9.1), and its number. */
  private static ByteBuffer picture(int number, boolean key) {
    ByteBuffer picture = ByteBuffer.allocate(400);
    picture.put((byte) (key ? 0x10 : 0x11)); // shown
    if (key) {
      picture.put(3, (byte) 0x9D).put(4, (byte) 1).put(5, (byte) 0x2A);
      picture.order(ByteOrder.LITTLE_ENDIAN).putShort(6, (short) 320).putShort(8, (short) 240);
    }
    return picture
        .order(ByteOrder.BIG_ENDIAN)
        .putInt(key ? KEY_NUMBER_AT : DELTA_NUMBER_AT, number)
        .rewind();
  }

  // ---- The page sees ----

  private final class Seen implements WebSocket.Listener {
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private final Map<Byte, MediaKind> kinds = new HashMap<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        try {
          JSON.readTree(text.toString())
              .path("tracks")
              .forEach(
                  track ->
                      kinds.put(
                          (byte) track.path("id").asInt(),
                          track.path("kind").asText().equals("video")
                              ? MediaKind.VIDEO
                              : MediaKind.AUDIO));
        } catch (JsonProcessingException e) {
          throw new AssertionError(text.toString(), e);
        }
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      while (part.hasRemaining()) {
        message.write(part.get());
      }
      if (last) {
        see(ByteBuffer.wrap(message.toByteArray()));
        message.reset();
      }
      socket.request(1);
      return null;
    }

    private void see(ByteBuffer frame) {
      MediaKind kind = kinds.get(frame.get(0));
      int at =
          switch (kind) {
            case AUDIO -> SOUND_NUMBER_AT;
            case VIDEO -> (frame.get(1) & 1) != 0 ? KEY_NUMBER_AT : DELTA_NUMBER_AT;
          };
      synchronized (NumberedCall.this) {
        seen.get(kind).add(frame.getInt(HEADER + at));
        NumberedCall.this.notifyAll();
      }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      synchronized (NumberedCall.this) {
        watching = "the page's socket was closed: " + code + " " + reason;
        NumberedCall.this.notifyAll();
      }
      return null;
    }
  }

  /**
   * The call is as it was: the page has seen every frame that was sent so far, in order, none is
   * missing, and the guest goes on to hear and see the agent, with nothing lost.
   */
  void assertUnharmed() throws InterruptedException {
    awaitMore();
    for (MediaKind kind : MediaKind.values()) {
      List<Integer> numbers;
      synchronized (this) {
        numbers = List.copyOf(seen.get(kind));
      }
      int first = numbers.getFirst();
      assertThat(numbers)
          .as("the numbers of %s that the page has seen", kind)
          .isEqualTo(IntStream.range(first, first + numbers.size()).boxed().toList());
    }
    call.step(c -> c.getStats()).stream()
        .filter(InboundRtpStreamStats.class::isInstance)
        .map(InboundRtpStreamStats.class::cast)
        .forEach(stream -> assertThat(stream.packetsLost()).as("lost of %s", stream).isZero());
  }

  /** Where the agent receives this call, over IPv4. */
  List<InetSocketAddress> portsOfTheAgent() {
    return call.step(c -> c.getStats()).stream()
        .filter(IceCandidateStats.class::isInstance)
        .map(IceCandidateStats.class::cast)
        .filter(candidate -> candidate.type().equals("remote-candidate"))
        .filter(candidate -> !candidate.address().contains(":"))
        .map(
            candidate ->
                new InetSocketAddress(InetAddress.ofLiteral(candidate.address()), candidate.port()))
        .toList();
  }

  /** Waits until all that was sent before has come, and more of everything from the agent. */
  private synchronized void awaitMore() throws InterruptedException {
    Map<MediaKind, Integer> sentBefore = new EnumMap<>(sent);
    Map<MediaKind, Integer> heardBefore = new EnumMap<>(heard);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      boolean all = true;
      for (MediaKind kind : MediaKind.values()) {
        all &= !seen.get(kind).isEmpty() && seen.get(kind).getLast() >= sentBefore.get(kind);
        all &= heard.get(kind) > heardBefore.get(kind) + 10;
      }
      if (all) {
        return;
      }
      long left = deadline - System.nanoTime();
      if (left <= 0 || !watching.isEmpty()) {
        throw new AssertionError(
            "sent before %s, seen %s, heard before %s, now %s; %s"
                .formatted(
                    sentBefore,
                    seen.values().stream().map(List::size).toList(),
                    heardBefore,
                    heard,
                    watching));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  @Override
  public void close() {
    ended = true;
    try {
      sender.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    call.close();
  }
}
