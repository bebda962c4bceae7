package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.junit.jupiter.api.Test;

/** A thousand connections whose other side begins a handshake and never ends it. */
class UnfinishedHandshakesTest {
  private static final int CONNECTIONS = 1000;

  /** What a connection may cost that has got as far as it can be brought without an end. */
  private static final long BYTES_EACH = 400 << 10;

  @Test
  void aThousandHandshakesWithoutAnEndCostLittleAndEndInWords() throws Exception {
    byte[] hello = firstFlight();
    long before = usedMemory();
    List<Endpoint> servers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Endpoint server = new Endpoint(configuration());
      server.transport.start(0);
      server.transport.handleDatagram(0, ByteBuffer.wrap(hello));
      // The beginnings of as many long messages as are taken ahead of their turn, and more.
      for (int message = 1; message < 40; message++) {
        server.transport.handleDatagram(0, beginningOfALongMessage(message));
      }
      server.toSend.clear();
      servers.add(server);
    }
    long each = (usedMemory() - before) / CONNECTIONS;
    System.getLogger(UnfinishedHandshakesTest.class.getName())
        .log(System.Logger.Level.INFO, each + " octets for each unfinished handshake");
    assertThat(each).isLessThan(BYTES_EACH);

    for (Endpoint server : servers) {
      while (server.transport.nextTimeoutNanos().isPresent()) {
        server.transport.handleTimeout(server.transport.nextTimeoutNanos().getAsLong());
      }
      assertThat(server.failures).extracting(DtlsFailure::reason).containsExactly(Reason.TIMED_OUT);
    }
    HandshakeThreads.awaitNone();
  }

  private static byte[] firstFlight() {
    try (DtlsPair pair = new DtlsPair().start()) {
      return pair.client.takeSent().getFirst();
    }
  }

  private static ByteBuffer beginningOfALongMessage(int sequence) {
    ByteBuffer record = ByteBuffer.allocate(DtlsRecord.HEADER_LENGTH + 12 + 1);
    record.put((byte) DtlsRecord.HANDSHAKE).putShort((short) 0xFEFD).putShort((short) 0);
    record.putShort((short) 0).putInt(100 + sequence).putShort((short) 13);
    record.putInt(11 << 24 | DtlsRecord.MAX_HANDSHAKE_MESSAGE_LENGTH); // Certificate
    record.putShort((short) sequence);
    record.put(new byte[] {0, 0, 0}).put(new byte[] {0, 0, 1}).put((byte) 0);
    return record.flip();
  }

  private static DtlsConfiguration configuration() {
    return new DtlsConfiguration(
        DtlsRole.SERVER, TestCertificates.SECOND, List.of(TestCertificates.FIRST.fingerprint()));
  }

  private static long usedMemory() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
