package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the other side, or someone in between, may send: a declared failure at worst. */
class DtlsHostileTest {
  @AfterEach
  void noThreadIsLeft() throws Exception {
    HandshakeThreads.awaitNone();
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 200, 300, 400})
  void damagedHandshakesEndInADeclaredWay(long firstSeed) {
    int connected = 0;
    int failed = 0;
    for (long seed = firstSeed; seed < firstSeed + 50; seed++) {
      Random random = new Random(seed);
      try (DtlsPair pair = new DtlsPair()) {
        pair.path = datagram -> random.nextInt(3) == 0 ? damaged(datagram, random) : datagram;
        pair.start().run(31_000);
        for (Endpoint endpoint : List.of(pair.client, pair.server)) {
          DtlsState state = endpoint.transport.state();
          assertThat(state).isIn(DtlsState.CONNECTED, DtlsState.CLOSED, DtlsState.FAILED);
          assertThat(endpoint.failures).hasSize(state == DtlsState.FAILED ? 1 : 0);
          connected += state == DtlsState.CONNECTED ? 1 : 0;
          failed += state == DtlsState.FAILED ? 1 : 0;
        }
      }
    }
    assertThat(connected).isPositive();
    assertThat(failed).isPositive();
  }

  private static byte[] damaged(byte[] datagram, Random random) {
    byte[] damaged = datagram.clone();
    switch (random.nextInt(3)) {
      case 0 -> damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        return Arrays.copyOf(damaged, random.nextInt(damaged.length));
      }
      default -> {
        for (int i = 0; i < 8; i++) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return damaged;
  }

  @ParameterizedTest
  @EnumSource(DtlsRole.class)
  void junkWhileWaitingForTheFirstFlightEndsInADeclaredWayAtWorst(DtlsRole role) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      try (DtlsPair pair = new DtlsPair()) {
        pair.start();
        Endpoint endpoint = role == DtlsRole.CLIENT ? pair.client : pair.server;
        for (int i = 0; i < 200; i++) {
          endpoint.transport.handleDatagram(pair.nowNanos, junk(random));
        }
        assertThat(endpoint.transport.state())
            .isIn(DtlsState.CONNECTING, DtlsState.FAILED, DtlsState.CLOSED);
        assertThat(endpoint.connections).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DtlsRole.class)
  void junkDoesNotDisturbAConnection(DtlsRole role) {
    Random random = new Random(7);
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      Endpoint endpoint = role == DtlsRole.CLIENT ? pair.client : pair.server;
      int sent = endpoint.datagramsSent;
      for (int i = 0; i < 2000; i++) {
        endpoint.transport.handleDatagram(pair.nowNanos, junk(random));
      }
      assertThat(endpoint.transport.state()).isEqualTo(DtlsState.CONNECTED);
      assertThat(endpoint.datagramsSent).isEqualTo(sent);
    }
  }

  /** Octets at random, half of the time behind the header of a record that fits them. */
  private static ByteBuffer junk(Random random) {
    byte[] octets = new byte[random.nextInt(120)];
    random.nextBytes(octets);
    ByteBuffer datagram = ByteBuffer.wrap(octets);
    if (octets.length > DtlsRecord.HEADER_LENGTH + 12 && random.nextBoolean()) {
      datagram.put(0, (byte) (DtlsRecord.CHANGE_CIPHER_SPEC + random.nextInt(4)));
      datagram.putShort(1, (short) 0xFEFD).putShort(3, (short) random.nextInt(2));
      datagram.putInt(5, 0).putShort(9, (short) random.nextInt(60));
      int length = octets.length - DtlsRecord.HEADER_LENGTH;
      datagram.putShort(11, (short) length);
      datagram.put(DtlsRecord.HEADER_LENGTH, (byte) random.nextInt(21));
      datagram.putShort(DtlsRecord.HEADER_LENGTH + 1, (short) 0);
      datagram.put(DtlsRecord.HEADER_LENGTH + 3, (byte) (length - 12));
      datagram.putShort(DtlsRecord.HEADER_LENGTH + 4, (short) random.nextInt(3));
      datagram.putShort(DtlsRecord.HEADER_LENGTH + 6, (short) 0);
      datagram.put(DtlsRecord.HEADER_LENGTH + 8, (byte) 0);
      datagram.putShort(DtlsRecord.HEADER_LENGTH + 9, (short) 0);
      datagram.put(DtlsRecord.HEADER_LENGTH + 11, (byte) (length - 12));
    }
    return datagram;
  }

  /** Otherwise a peer could have 16 MB reserved for each of several messages by a few octets. */
  @Test
  void aHandshakeMessageThatClaimsMegabytesIsDropped() {
    ByteBuffer record = ByteBuffer.allocate(DtlsRecord.HEADER_LENGTH + 12 + 1);
    record.put((byte) DtlsRecord.HANDSHAKE).putShort((short) 0xFEFD).putShort((short) 0);
    record.putShort((short) 0).putInt(0).putShort((short) 13);
    record.putInt(0x01FFFFFF).putShort((short) 0); // ClientHello, 16 MB
    record.put(new byte[] {0, 0, 0}).put(new byte[] {0, 0, 1}).put((byte) 0).flip();
    assertThat(DtlsRecord.split(record)).isEmpty();

    record.putInt(13, 0x01000000 | DtlsRecord.MAX_HANDSHAKE_MESSAGE_LENGTH);
    assertThat(DtlsRecord.split(record)).hasSize(1);
  }

  /** Otherwise a spoofed datagram would be answered by a whole flight, as often as it comes. */
  @Test
  void whatIsNoTimeOutDoesNotHaveTheLastFlightSentAgain() {
    try (DtlsPair pair = new DtlsPair()) {
      pair.start();
      byte[] hello = pair.client.takeSent().getFirst();
      pair.server.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(hello));
      assertThat(pair.server.datagramsSent).isEqualTo(1);
      byte[] changeCipherSpec = {20, -2, -3, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 1};
      for (int i = 0; i < 20; i++) {
        letTheSystemsClockPass();
        pair.server.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(hello));
        letTheSystemsClockPass();
        changeCipherSpec[10]++;
        pair.server.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(changeCipherSpec));
      }
      assertThat(pair.server.datagramsSent).isEqualTo(1);

      pair.run(1000);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    }
  }

  /** So that Bouncy Castle, which looks at it, believes that a time-out is over. */
  private static void letTheSystemsClockPass() {
    long end = System.currentTimeMillis() + 3;
    while (System.currentTimeMillis() < end) {
      Thread.onSpinWait();
    }
  }

  @Test
  void applicationDataIsDropped() {
    byte[] data = {23, -2, -3, 0, 1, 0, 0, 0, 0, 0, 9, 0, 3, 1, 2, 3};
    try (DtlsPair pair = new DtlsPair()) {
      pair.start();
      pair.server.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(data));
      pair.client.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(data));
      pair.run(1000);
      pair.server.transport.handleDatagram(pair.nowNanos, ByteBuffer.wrap(data));
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    }
  }
}
