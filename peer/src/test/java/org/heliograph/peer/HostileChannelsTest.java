package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.sctp.SctpAssociation;
import org.heliograph.peer.sctp.SctpListener;
import org.heliograph.peer.sctp.SctpMessage;
import org.junit.jupiter.api.Test;

/** A side that is authenticated and announces what no correct one would. */
class HostileChannelsTest {
  private static final long DCEP = 50;
  private static final int CHANNELS = 511;

  private final Queue<ByteBuffer> toVictim = new ArrayDeque<>();
  private final Queue<ByteBuffer> toGuest = new ArrayDeque<>();
  private final List<Integer> refused = new ArrayList<>();
  private final DataChannels victim =
      new DataChannels(packet -> toGuest.add(copy(packet)), event -> {}, new Random(1));
  private final SctpAssociation guest =
      new SctpAssociation(
          DataDescription.OWN.port(),
          DataDescription.OWN.port(),
          DataChannel.MAX_MESSAGE_SIZE,
          new Random(2),
          new Guest());
  private long now = 1;

  private final class Guest implements SctpListener {
    @Override
    public void send(ByteBuffer packet) {
      toVictim.add(copy(packet));
    }

    @Override
    public void onConnected() {}

    @Override
    public void onMessage(int stream, long payloadProtocol, byte[] payload) {}

    @Override
    public void onDequeued(SctpMessage message, int octets) {}

    @Override
    public void onIncomingStreamReset(int stream) {
      refused.add(stream);
    }

    @Override
    public void onOutgoingStreamReset(int stream) {}

    @Override
    public void onClosed(String reason) {
      throw new AssertionError(reason);
    }
  }

  private static ByteBuffer copy(ByteBuffer packet) {
    return ByteBuffer.allocate(packet.remaining()).put(packet.duplicate()).flip();
  }

  private void connect() {
    victim.agree(Optional.of(DataDescription.OWN), DtlsRole.CLIENT, now);
    victim.onDtlsConnected(now);
    guest.connect(now);
    pass();
  }

  /** Passes packets until there are none, and lets time pass with each round. */
  private void pass() {
    for (int idle = 0; idle < 200; idle++) {
      now += 10_000_000;
      guest.handleTimeout(now);
      victim.handleTimeout(now);
      while (!toVictim.isEmpty() || !toGuest.isEmpty()) {
        idle = 0;
        while (!toVictim.isEmpty()) {
          victim.onDtlsData(now, toVictim.poll());
        }
        while (!toGuest.isEmpty()) {
          guest.handlePacket(now, toGuest.poll());
        }
      }
    }
  }

  /** DATA_CHANNEL_OPEN (RFC 8832 5.1) with a label of any octets. */
  private void announce(int stream, byte octet, int labelLength) {
    byte[] label = new byte[labelLength];
    Arrays.fill(label, octet);
    ByteBuffer open = ByteBuffer.allocate(12 + labelLength);
    open.put((byte) 3).put((byte) 0).putShort((short) 0).putInt(0);
    open.putShort((short) labelLength).putShort((short) 0).put(label).flip();
    guest.send(SctpMessage.reliable(stream, DCEP, open));
  }

  private long namesLength() {
    return victim.all().stream()
        .mapToLong(channel -> channel.label().length() + channel.protocol().length())
        .sum();
  }

  @Test
  void labelsWithoutNumberTakeNoMoreThanTheirBudget() {
    connect();
    for (int i = 0; i < CHANNELS; i++) {
      announce(2 * i + 1, (byte) 'x', 65_000);
      pass();
      assertThat(namesLength()).isLessThanOrEqualTo(DataChannels.MAX_NAMES_LENGTH);
    }
    assertThat(victim.all()).hasSize(1);
    assertThat(refused).hasSize(CHANNELS - 1);

    // Who closes one has room again, and a short name has it still.
    guest.resetStream(1);
    pass();
    announce(3, (byte) 'y', 65_000);
    pass();
    announce(5, (byte) 'z', 10);
    pass();

    assertThat(victim.all()).hasSize(2);
  }

  @Test
  void octetsThatAreNoTextAreCountedAsTheTextThatTheyBecome() {
    connect();
    announce(1, (byte) 0xFF, 65_000);
    pass();

    assertThat(victim.all()).isEmpty();
    assertThat(refused).containsExactly(1);
  }
}
