package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Alerts in the clear: anyone may send them who can write the other side's address. */
class UnprovenAlertTest {
  @AfterEach
  void noThreadIsLeft() throws Exception {
    HandshakeThreads.awaitNone();
  }

  private static Endpoint endpoint(DtlsPair pair, DtlsRole role) {
    return role == DtlsRole.CLIENT ? pair.client : pair.server;
  }

  private static void arrive(DtlsPair pair, Endpoint endpoint, String fixture) {
    endpoint.transport.handleDatagram(
        pair.nowNanos, ByteBuffer.wrap(DtlsFixtures.datagram(fixture)));
  }

  /** Between any two flights, and before the first and after the last. */
  @ParameterizedTest
  @CsvSource({
    "CLIENT, 0", "CLIENT, 1", "CLIENT, 2", "CLIENT, 3", "CLIENT, 4", //
    "SERVER, 0", "SERVER, 1", "SERVER, 2", "SERVER, 3", "SERVER, 4"
  })
  void theHandshakeGoesOnAfterAnAlertThatTheOtherSideDidNotSend(DtlsRole role, int flights) {
    for (String fixture : new String[] {DtlsFixtures.FATAL_ALERT, DtlsFixtures.CLOSE_NOTIFY}) {
      try (DtlsPair pair = new DtlsPair()) {
        pair.start();
        pair.run(TimeUnit.NANOSECONDS.toMillis(flights * DtlsPair.DELAY_NANOS));
        arrive(pair, endpoint(pair, role), fixture);

        pair.run(40_000);

        assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
        assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
        assertThat(pair.client.datagramsSent + pair.server.datagramsSent).isEqualTo(4);
      }
    }
  }

  /** The other side's own handshake may be held up by loss for a while. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void lossBesidesDoesNotMakeItBelieved(long seed) {
    try (DtlsPair pair = new DtlsPair().impair(seed, 0.2, 0.1, 60)) {
      pair.start();
      arrive(pair, pair.server, DtlsFixtures.FATAL_ALERT);
      arrive(pair, pair.client, DtlsFixtures.FATAL_ALERT);
      pair.run(25_000);
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    }
  }

  /** What has followed it has shown it to be forged; a silence after that is only loss. */
  @ParameterizedTest
  @ValueSource(longs = {1_500, 2_500, 4_000, 6_000})
  void anOutageAfterTheHandshakeWentOnDoesNotMakeItBelieved(long outageMillis) {
    try (DtlsPair pair = new DtlsPair()) {
      pair.start();
      arrive(pair, pair.server, DtlsFixtures.FATAL_ALERT);
      pair.run(TimeUnit.NANOSECONDS.toMillis(DtlsPair.DELAY_NANOS) + 1);
      var path = pair.path;
      pair.path = datagram -> null;
      pair.run(outageMillis);
      pair.path = path;

      pair.run(25_000);

      assertThat(pair.server.failures).isEmpty();
      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    }
  }

  @ParameterizedTest
  @EnumSource(DtlsRole.class)
  void anAlertThatNothingFollowsIsToldInWordsSoon(DtlsRole role) {
    try (DtlsPair pair = new DtlsPair()) {
      pair.path = datagram -> null;
      pair.start();
      Endpoint endpoint = endpoint(pair, role);
      arrive(pair, endpoint, DtlsFixtures.FATAL_ALERT);

      pair.run(TimeUnit.NANOSECONDS.toMillis(UnprovenAlert.PATIENCE_NANOS));

      assertThat(endpoint.failures)
          .containsExactly(
              new DtlsFailure(
                  Reason.ALERT_RECEIVED,
                  "the other side refused the handshake: handshake_failure(40)"));
      assertThat(endpoint.transport.nextTimeoutNanos()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(DtlsRole.class)
  void aCloseThatNothingFollowsEndsInGoodOrder(DtlsRole role) {
    try (DtlsPair pair = new DtlsPair()) {
      pair.path = datagram -> null;
      pair.start();
      Endpoint endpoint = endpoint(pair, role);
      arrive(pair, endpoint, DtlsFixtures.CLOSE_NOTIFY);

      pair.run(TimeUnit.NANOSECONDS.toMillis(UnprovenAlert.PATIENCE_NANOS));

      assertThat(endpoint.closedByRemote).isEqualTo(1);
      assertThat(endpoint.failures).isEmpty();
      assertThat(endpoint.transport.state()).isEqualTo(DtlsState.CLOSED);
    }
  }
}
