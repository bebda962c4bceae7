package org.heliograph.peer.sctp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.heliograph.peer.netem.VirtualClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that is authenticated and hostile: every chunk with every content, in every state. Nothing
 * is thrown, nothing goes on for ever, and what is held stays within its bounds.
 */
class SctpFuzzTest {
  private static final int LENGTH = Integer.getInteger("heliograph.fuzz", 1);
  private static final int[] TYPES = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 63, 64, 127, 128, 130, 192, 194, 255
  };

  /** An association, and the hostile peer's view of it. */
  private static final class Victim {
    final VirtualClock clock = new VirtualClock();
    final SctpEndpoint endpoint = new SctpEndpoint(clock, 1);
    final List<ByteBuffer> sent = new ArrayList<>();
    int tag;
    int tsn = 1000;
    int firstTsnOfVictim;
    long packetsOut;

    Victim() {
      endpoint.keepsMessages = false;
      endpoint.sendsTo(
          packet -> {
            packetsOut++;
            if (sent.size() < 100) {
              sent.add(ByteBuffer.allocate(packet.remaining()).put(packet.duplicate()).flip());
            }
          });
    }

    SctpAssociation association() {
      return endpoint.association;
    }

    /** Opens the association as a correct peer would. */
    Victim open() {
      association().connect(clock.nanoTime());
      ByteBuffer init = sent.removeFirst();
      tag = init.getInt(16);
      firstTsnOfVictim = init.getInt(28);
      give(
          chunk(
              ChunkType.INIT_ACK,
              0,
              ByteBuffer.allocate(24)
                  .putInt(77)
                  .putInt(100_000)
                  .putShort((short) 1024)
                  .putShort((short) 1024)
                  .putInt(tsn)
                  .putShort((short) 7)
                  .putShort((short) 8)
                  .putInt(42)
                  .flip()));
      give(chunk(ChunkType.COOKIE_ACK, 0, ByteBuffer.allocate(0)));
      assertThat(association().state()).isEqualTo(SctpState.ESTABLISHED);
      return this;
    }

    void give(ByteBuffer... chunks) {
      give(tag, chunks);
    }

    void give(int verificationTag, ByteBuffer... chunks) {
      ByteBuffer packet = ByteBuffer.allocate(70_000);
      packet.putShort((short) SctpEndpoint.PORT).putShort((short) SctpEndpoint.PORT);
      packet.putInt(verificationTag).putInt(0);
      for (ByteBuffer chunk : chunks) {
        packet.put(chunk.duplicate());
      }
      packet.flip();
      CRC32C crc = new CRC32C();
      crc.update(packet.array(), 0, packet.limit());
      packet.order(ByteOrder.LITTLE_ENDIAN).putInt(8, (int) crc.getValue());
      packet.order(ByteOrder.BIG_ENDIAN);
      endpoint.receive(packet);
    }

    /** How many octets it holds for messages that are not whole. */
    void assertBounded() {
      assertThat(association().heldOctets())
          .isLessThanOrEqualTo(2 * SctpAssociation.RECEIVE_WINDOW + 70_000);
    }
  }

  private static ByteBuffer chunk(int type, int flags, ByteBuffer value) {
    int length = 4 + value.remaining();
    return ByteBuffer.allocate((length + 3) & ~3)
        .put((byte) type)
        .put((byte) flags)
        .putShort((short) length)
        .put(value)
        .rewind();
  }

  private static ByteBuffer data(int tsn, int flags, int stream, int sequence, int length) {
    ByteBuffer value = ByteBuffer.allocate(12 + length);
    value.putInt(tsn).putShort((short) stream).putShort((short) sequence).putInt(53).rewind();
    return chunk(ChunkType.DATA, flags, value);
  }

  private static ByteBuffer random(Random random, int maxLength) {
    byte[] octets = new byte[random.nextInt(maxLength + 1)];
    random.nextBytes(octets);
    return ByteBuffer.wrap(octets);
  }

  @Test
  void everyChunkOfEveryLengthInEveryState() {
    Random random = new Random(1);
    for (int round = 0; round < 3 * LENGTH; round++) {
      for (int type : TYPES) {
        for (int length = 0; length <= 64; length++) {
          byte[] octets = new byte[length];
          random.nextBytes(octets);
          for (Victim victim : List.of(new Victim(), opening(), new Victim().open())) {
            victim.give(
                type == ChunkType.INIT ? 0 : victim.tag,
                chunk(type, random.nextInt(256), ByteBuffer.wrap(octets)));
            victim.clock.run(Duration.ofMillis(10));
            assertThat(victim.packetsOut).isLessThan(20);
          }
        }
      }
    }
  }

  private static Victim opening() {
    Victim victim = new Victim();
    victim.association().connect(victim.clock.nanoTime());
    victim.tag = victim.sent.getFirst().getInt(16);
    return victim;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void streamsOfChunksWithPlausibleNumbers(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 20 * LENGTH; round++) {
      Victim victim = new Victim().open();
      for (int i = 0; i < 20; i++) {
        victim.endpoint.send(i, i, 3000);
      }
      long given = 0;
      for (int step = 0; step < 2000 && !victim.association().hasEnded(); step++) {
        ByteBuffer[] chunks = new ByteBuffer[1 + random.nextInt(4)];
        for (int i = 0; i < chunks.length; i++) {
          chunks[i] = plausible(victim, random);
        }
        victim.give(chunks);
        given++;
        if (random.nextInt(20) == 0) {
          victim.clock.run(Duration.ofMillis(random.nextInt(1000)));
        }
        victim.assertBounded();
      }
      assertThat(victim.packetsOut).isLessThan(20 * given + 1000);
    }
  }

  private static ByteBuffer plausible(Victim victim, Random random) {
    int near = random.nextInt(50) - 10;
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> {
        int tsn = random.nextInt(3) == 0 ? victim.tsn + near : victim.tsn++;
        yield data(
            tsn,
            random.nextInt(8),
            random.nextInt(random.nextInt(10) == 0 ? 70_000 : 8),
            random.nextInt(20),
            random.nextInt(100) == 0 ? 0 : 1 + random.nextInt(1000));
      }
      case 4, 5 -> {
        int blocks = random.nextInt(4);
        ByteBuffer value = ByteBuffer.allocate(12 + 4 * blocks);
        value.putInt(victim.firstTsnOfVictim + near).putInt(random.nextInt(200_000));
        value.putShort((short) blocks).putShort((short) 0);
        for (int i = 0; i < blocks; i++) {
          value.putShort((short) random.nextInt(30)).putShort((short) random.nextInt(30));
        }
        yield chunk(ChunkType.SACK, 0, value.flip());
      }
      case 6 -> {
        ByteBuffer value = ByteBuffer.allocate(8);
        value.putInt(random.nextInt(50) == 0 ? random.nextInt() : victim.tsn + near);
        value.putShort((short) random.nextInt(8)).putShort((short) random.nextInt(20));
        yield chunk(ChunkType.FORWARD_TSN, 0, value.flip());
      }
      case 7 -> {
        ByteBuffer value = ByteBuffer.allocate(20);
        value.putShort((short) (13 + random.nextInt(7))).putShort((short) 20);
        value.putInt(victim.tsn + random.nextInt(3)).putInt(random.nextInt());
        value.putInt(victim.tsn + near).putShort((short) random.nextInt(8)).putShort((short) 1);
        yield chunk(ChunkType.RE_CONFIG, 0, value.flip());
      }
      case 8 -> chunk(ChunkType.HEARTBEAT, 0, random(random, 60));
      case 9 -> chunk(ChunkType.HEARTBEAT_ACK, 0, random(random, 60));
      case 10 -> chunk(ChunkType.ERROR, 0, random(random, 60));
      default -> chunk(random.nextInt(256) | 0x20, 0, random(random, 60));
    };
  }

  @Test
  void packetsOfEveryLengthAndOfNoise() {
    Victim victim = new Victim().open();
    Random random = new Random(5);
    for (int i = 0; i < 20_000 * LENGTH; i++) {
      ByteBuffer noise = random(random, 1500);
      if (noise.remaining() >= 12) {
        noise.putShort(0, (short) SctpEndpoint.PORT).putShort(2, (short) SctpEndpoint.PORT);
        noise.putInt(4, victim.tag).putInt(8, 0);
      }
      victim.endpoint.receive(noise);
      if (victim.association().hasEnded()) {
        victim = new Victim().open();
      }
    }
    victim.assertBounded();
  }

  @Test
  void partsWithoutAnEndEndTheAssociationBeforeTheyFillTheMemory() {
    Victim victim = new Victim().open();
    int given = 0;
    while (!victim.association().hasEnded() && given < 1_000_000) {
      victim.give(data(victim.tsn++, 2 | 4, given % 1000, 0, 1));
      given++;
      victim.assertBounded();
    }
    assertThat(given).isLessThan(100_000);
    assertThat(victim.endpoint.closings).singleElement().asString().contains("receiver window");
  }

  @Test
  void messagesOutOfOrderWithoutAnEndFillNoMoreThanTheWindow() {
    Victim victim = new Victim().open();
    victim.tsn++; // the first never comes
    for (int i = 0; i < 100_000; i++) {
      victim.give(data(victim.tsn++, 3, 1, i % 30_000 + 1, 100));
    }
    assertThat(victim.association().hasEnded()).isFalse();
    assertThat(victim.association().heldOctets())
        .isBetween(1_000_000L, SctpAssociation.RECEIVE_WINDOW + 1000);
  }

  private static ByteBuffer forward(int tsn, int... streamsAndSequences) {
    ByteBuffer value = ByteBuffer.allocate(4 + 2 * streamsAndSequences.length).putInt(tsn);
    for (int each : streamsAndSequences) {
      value.putShort((short) each);
    }
    return chunk(ChunkType.FORWARD_TSN, 0, value.flip());
  }

  @Test
  void aGigabyteBehindAMessageThatIsLostIsNotKept() {
    Victim victim = new Victim().open();
    int first = victim.tsn++; // the first does not come yet
    int length = 60_000;
    for (long given = 0; given < 1L << 30; given += length) {
      victim.give(data(victim.tsn++, 3, 1, victim.tsn - first - 1, length));
      victim.assertBounded();
    }
    assertThat(victim.association().hasEnded()).isFalse();

    victim.give(data(first, 3, 1, 0, length));
    assertThat(victim.association().heldOctets()).isZero();
    assertThat(victim.endpoint.receivedOctets)
        .isBetween(1_000_000L, SctpAssociation.RECEIVE_WINDOW + 2L * length);
  }

  @Test
  void aGigabyteBehindAMessageThatWasNotSentEndsTheAssociation() {
    Victim victim = new Victim().open();
    int length = 60_000;
    long given = 0;
    for (int i = 1; given < 1L << 30 && !victim.association().hasEnded(); i++) {
      victim.give(data(victim.tsn++, 3, 1, i, length));
      given += length;
      victim.assertBounded();
    }
    assertThat(given).isLessThan(3 * SctpAssociation.RECEIVE_WINDOW);
    assertThat(victim.endpoint.closings).singleElement().asString().contains("receiver window");
  }

  @Test
  void aGigabyteIsHandedOnAsItComesAndNothingOfItKept() {
    Victim victim = new Victim().open();
    int length = 60_000;
    long given = 0;
    for (int i = 0; given < 1L << 30; i++) {
      victim.give(data(victim.tsn++, 3, 1, i, length));
      given += length;
      assertThat(victim.association().heldOctets()).isZero();
    }
    assertThat(victim.endpoint.receivedOctets).isEqualTo(given);
  }

  @Test
  void whoGivesUpMoreThanHeCanHaveSentEndsTheAssociation() {
    int window = (int) SctpAssociation.RECEIVE_WINDOW;
    Victim victim = new Victim().open();
    victim.give(forward(victim.tsn - 1 + window));
    assertThat(victim.association().hasEnded()).isFalse();
    victim.give(data(victim.tsn + window, 3, 0, 0, 10));
    assertThat(victim.endpoint.receivedOctets).isEqualTo(10);

    victim.give(forward(victim.tsn + 2 * window + 1));
    assertThat(victim.endpoint.closings).singleElement().asString().contains("given up");
  }

  @Test
  void whatIsGivenUpAgainOrBackwardsOrLateChangesNothing() {
    Victim victim = new Victim().open();
    victim.give(forward(victim.tsn + 9, 1, 4));
    victim.give(forward(victim.tsn + 9, 1, 4), forward(victim.tsn + 3, 1, 2));
    victim.give(data(victim.tsn + 5, 3, 1, 5, 10)); // given up before
    assertThat(victim.endpoint.receivedOctets).isZero();

    victim.give(data(victim.tsn + 10, 3, 1, 5, 10));
    assertThat(victim.endpoint.receivedOctets).isEqualTo(10);
    assertThat(victim.association().heldOctets()).isZero();
  }

  @Test
  void manyStreamsInOneChunkAreGivenUpEachOnce() {
    Victim victim = new Victim().open();
    int waiting = 1000;
    for (int stream = 0; stream < waiting; stream++) {
      victim.give(data(victim.tsn + 1 + stream, 3, stream, 1, 10));
    }
    assertThat(victim.endpoint.receivedOctets).isZero();
    int[] streams = new int[2 * 16_000];
    for (int i = 0; i < 16_000; i++) {
      streams[2 * i] = i; // most of them are none
    }
    for (int i = 0; i < 3; i++) {
      victim.give(forward(victim.tsn, streams));
    }

    assertThat(victim.association().hasEnded()).isFalse();
    assertThat(victim.endpoint.receivedOctets).isEqualTo(10L * waiting);
    assertThat(victim.association().heldOctets()).isZero();
  }

  @Test
  void partsThatAreGivenUpOneByOneAreFreed() {
    Victim victim = new Victim().open();
    int parts = 15_000;
    for (int i = 1; i <= parts; i += 2) {
      victim.give(data(victim.tsn + i, 2 | 4, 1, 0, 1));
    }
    assertThat(victim.association().heldOctets()).isGreaterThan(parts / 2);
    for (int i = 0; i <= parts; i += 100) {
      ByteBuffer[] chunks = new ByteBuffer[100];
      for (int chunk = 0; chunk < chunks.length; chunk++) {
        chunks[chunk] = forward(victim.tsn + i + chunk);
      }
      victim.give(chunks);
    }
    assertThat(victim.association().heldOctets()).isZero();
    assertThat(victim.association().hasEnded()).isFalse();
  }

  @Test
  void aMessageThatIsTooLongEndsTheAssociation() {
    Victim victim = new Victim().open();
    victim.give(data(victim.tsn++, 2, 0, 0, 1000));
    for (int i = 0; i < 300; i++) {
      victim.give(data(victim.tsn++, 0, 0, 0, 1000));
    }
    assertThat(victim.endpoint.closings).singleElement().asString().contains("longer than");
    assertThat(victim.association().heldOctets()).isLessThan(400_000);
  }

  @Test
  void partsInTheWorstOrderAreJoined() {
    Victim victim = new Victim().open();
    int parts = 2000;
    // Every second one backwards, and then those between them.
    for (int i = parts - 2; i >= 0; i -= 2) {
      victim.give(data(victim.tsn + i, i == 0 ? 2 : 0, 0, 0, 100));
    }
    for (int i = 1; i < parts; i += 2) {
      victim.give(data(victim.tsn + i, i == parts - 1 ? 1 : 0, 0, 0, 100));
    }
    assertThat(victim.endpoint.receivedOctets).isEqualTo(100L * parts);
    assertThat(victim.association().heldOctets()).isZero();
  }

  @Test
  void aPacketWithAWrongTagOrChecksumChangesNothing() {
    Victim victim = new Victim().open();
    victim.give(victim.tag + 1, data(victim.tsn, 3, 0, 0, 10));
    victim.give(victim.tag + 1, chunk(ChunkType.ABORT, 0, ByteBuffer.allocate(0)));
    ByteBuffer packet = ByteBuffer.allocate(12 + 28);
    packet.putShort((short) SctpEndpoint.PORT).putShort((short) SctpEndpoint.PORT);
    packet.putInt(victim.tag).putInt(12345).put(data(victim.tsn, 3, 0, 0, 10)).rewind();
    victim.endpoint.receive(packet);

    assertThat(victim.endpoint.receivedOctets).isZero();
    assertThat(victim.association().state()).isEqualTo(SctpState.ESTABLISHED);
  }
}
