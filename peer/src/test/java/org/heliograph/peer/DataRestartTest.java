package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.dtls.DtlsRole;
import org.junit.jupiter.api.Test;

/** A side whose SCTP begins anew while DTLS stays (RFC 9260 5.2.2). */
class DataRestartTest {
  private static final long MILLI = 1_000_000;

  private long nowNanos;

  /** One side's data channels, over what DTLS would carry. */
  private final class Side implements PeerListener {
    final Deque<ByteBuffer> sent = new ArrayDeque<>();
    final List<String> events = new ArrayList<>();
    final DataChannels channels;

    Side(DtlsRole role, long seed) {
      channels =
          new DataChannels(
              packet -> sent.add(ByteBuffer.allocate(packet.remaining()).put(packet).flip()),
              event -> event.accept(this),
              new Random(seed));
      channels.agree(Optional.of(DataDescription.OWN), role, nowNanos);
      channels.onDtlsConnected(nowNanos);
    }

    @Override
    public void onOpen(DataChannel channel) {
      events.add("open " + channel.label());
    }

    @Override
    public void onClosed(DataChannel channel) {
      events.add("closed " + channel.label());
    }

    @Override
    public void onMessage(DataChannel channel, String text) {
      events.add(channel.label() + ": " + text);
    }
  }

  /** Lets packets go both ways and timers run for a second. */
  private void run(Side one, Side other) {
    for (long end = nowNanos + 1000 * MILLI; nowNanos < end; nowNanos += MILLI) {
      deliver(one, other);
      deliver(other, one);
      for (Side side : List.of(one, other)) {
        if (side.channels.nextTimeoutNanos() <= nowNanos) {
          side.channels.handleTimeout(nowNanos);
        }
      }
    }
  }

  private void deliver(Side from, Side to) {
    for (ByteBuffer packet = from.sent.poll(); packet != null; packet = from.sent.poll()) {
      to.channels.onDtlsData(nowNanos, packet);
    }
  }

  private static void say(Side side, DataChannel channel, String text) {
    side.channels.send(
        channel, true, ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
  }

  @Test
  void itsChannelsCloseAndNewOnesOpenWithoutANewConnection() {
    Side steady = new Side(DtlsRole.CLIENT, 1);
    Side before = new Side(DtlsRole.SERVER, 2);
    DataChannel first = steady.channels.create("first", DataChannelOptions.RELIABLE);
    run(steady, before);
    say(steady, first, "hello");
    run(steady, before);
    assertThat(before.events).containsExactly("open first", "first: hello");

    Side anew = new Side(DtlsRole.SERVER, 3);
    DataChannel theirs = anew.channels.create("theirs", DataChannelOptions.RELIABLE);
    run(steady, anew);
    assertThat(first.readyState()).isEqualTo(DataChannelState.CLOSED);
    assertThat(steady.events).containsExactly("open first", "closed first", "open theirs");
    say(anew, theirs, "again");
    DataChannel second = steady.channels.create("second", DataChannelOptions.RELIABLE);
    say(steady, second, "and back");
    run(steady, anew);
    assertThat(steady.events).endsWith("open second", "theirs: again");
    assertThat(anew.events).containsExactly("open theirs", "open second", "second: and back");
  }

  @Test
  void anInitThatComesTwiceIsNoNewBeginning() {
    Side one = new Side(DtlsRole.CLIENT, 1);
    Side other = new Side(DtlsRole.SERVER, 2);
    ByteBuffer init = other.sent.peek().duplicate();
    DataChannel channel = one.channels.create("first", DataChannelOptions.RELIABLE);
    run(one, other);
    one.channels.onDtlsData(nowNanos, init.rewind());
    run(one, other);
    say(one, channel, "still here");
    run(one, other);
    assertThat(other.events).containsExactly("open first", "first: still here");
    assertThat(one.events).containsExactly("open first");
  }
}
