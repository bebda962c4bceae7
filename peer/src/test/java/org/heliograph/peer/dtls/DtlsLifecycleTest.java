package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.heliograph.peer.srtp.SrtpKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Closing, giving up and being given up, at every moment; after each no thread is left. */
class DtlsLifecycleTest {
  private static final int FLIGHTS = 4;

  @AfterEach
  void noThreadIsLeft() throws Exception {
    HandshakeThreads.awaitNone();
  }

  @Test
  void aHandshakeUnderWayHasAThreadThatTheDumpShows() throws Exception {
    try (DtlsPair pair = new DtlsPair().start()) {
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTING);
      assertThat(HandshakeThreads.count()).isEqualTo(2);
    }
  }

  @Test
  void aConnectedTransportNeedsNoThread() throws Exception {
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
      HandshakeThreads.awaitNone();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void closingAfterAnyFlightEndsBothSides(int flights) {
    try (DtlsPair pair = new DtlsPair()) {
      int[] count = {0};
      pair.path = datagram -> count[0]++ < flights ? datagram : null;
      pair.start();
      pair.run(flights * 20L);
      pair.path = datagram -> datagram;

      pair.client.transport.close();
      pair.run(60_000);

      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CLOSED);
      if (flights >= FLIGHTS - 1) {
        // The server is connected by the client's last flight, one before the client.
        assertThat(pair.server.closedByRemote).isEqualTo(1);
        assertThat(pair.server.failures).isEmpty();
      } else {
        // Before the server has the client's key it cannot read that the client gave up.
        assertThat(pair.server.failures)
            .extracting(DtlsFailure::reason)
            .containsExactly(Reason.TIMED_OUT);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DtlsRole.class)
  void anAbandonedHandshakeFailsAtItsLimit(DtlsRole role) {
    try (DtlsPair pair = new DtlsPair()) {
      pair.path = datagram -> null;
      pair.start().run(31_000);
      Endpoint endpoint = role == DtlsRole.CLIENT ? pair.client : pair.server;

      assertThat(endpoint.transport.state()).isEqualTo(DtlsState.FAILED);
      assertThat(endpoint.failures)
          .extracting(DtlsFailure::reason)
          .containsExactly(Reason.TIMED_OUT);
      assertThat(endpoint.transport.nextTimeoutNanos()).isEmpty();
    }
  }

  @Test
  void closingTwiceOrWithoutAStartDoesNothing() {
    DtlsPair pair = new DtlsPair();
    pair.close();
    pair.close();
    assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CLOSED);
    assertThat(pair.client.datagramsSent).isZero();
    assertThatThrownBy(() -> pair.client.transport.start(0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void datagramsBeforeTheStartAndAfterTheEndAreIgnored() {
    try (DtlsPair pair = new DtlsPair()) {
      pair.client.transport.start(pair.nowNanos);
      ByteBuffer hello = ByteBuffer.wrap(pair.client.toSend.getFirst());
      pair.server.transport.handleDatagram(pair.nowNanos, hello);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.NEW);

      pair.server.transport.start(pair.nowNanos);
      pair.run(1000);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);

      pair.client.transport.close();
      pair.server.transport.close();
      int sent = pair.server.datagramsSent;
      pair.server.transport.handleDatagram(pair.nowNanos, hello);
      pair.server.transport.handleTimeout(pair.nowNanos);
      assertThat(pair.server.datagramsSent).isEqualTo(sent);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CLOSED);
    }
  }

  @Test
  void closingFromWithinTheConnectedEventIsAllowed() {
    DtlsTransport[] closing = new DtlsTransport[1];
    Endpoint client =
        new Endpoint(configuration(DtlsRole.CLIENT)) {
          @Override
          public void connected(SrtpKeys keys) {
            super.connected(keys);
            closing[0].close();
          }
        };
    closing[0] = client.transport;
    try (DtlsPair pair = new DtlsPair(client, new Endpoint(configuration(DtlsRole.SERVER)))) {
      pair.start().run(1000);
      assertThat(client.connections).hasSize(1);
      assertThat(client.transport.state()).isEqualTo(DtlsState.CLOSED);
      assertThat(pair.server.closedByRemote).isEqualTo(1);
    }
  }

  @Test
  void fiveHundredHandshakesLeaveNoThread() throws Exception {
    for (int i = 0; i < 500; i++) {
      try (DtlsPair pair = new DtlsPair().impair(i, 0.2, 0, 0)) {
        pair.start().run(i % 150);
      }
    }
    HandshakeThreads.awaitNone();
  }

  private static DtlsConfiguration configuration(DtlsRole role) {
    boolean client = role == DtlsRole.CLIENT;
    return new DtlsConfiguration(
        role,
        client ? TestCertificates.FIRST : TestCertificates.SECOND,
        List.of((client ? TestCertificates.SECOND : TestCertificates.FIRST).fingerprint()));
  }
}
