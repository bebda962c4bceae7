package org.heliograph.peer.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.heliograph.peer.dtls.DtlsFailure.Reason;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpProfile;
import org.heliograph.peer.srtp.SrtpVerdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DtlsHandshakeTest {
  /** By then an alert is believed that nothing protects, for nothing has followed it. */
  private static final long AN_ALERT_IN_THE_CLEAR =
      1000 + TimeUnit.NANOSECONDS.toMillis(UnprovenAlert.PATIENCE_NANOS);

  @Test
  void bothSidesConnectInTwoRoundTrips() {
    try (DtlsPair pair = new DtlsPair()) {
      long began = pair.nowNanos;

      pair.start().run(1000);

      assertConnected(pair);
      assertThat(pair.nowNanos - began).isEqualTo(4 * DtlsPair.DELAY_NANOS);
      assertThat(pair.client.datagramsSent + pair.server.datagramsSent).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource(SrtpProfile.class)
  void theKeysProtectWhatTheOtherSideUnprotects(SrtpProfile profile) {
    try (DtlsPair pair = new DtlsPair(List.of(profile), List.of(profile)).start().run(1000)) {
      SrtpKeys client = pair.client.connections.getFirst();
      SrtpKeys server = pair.server.connections.getFirst();
      assertThat(client.profile()).isEqualTo(profile);
      assertThat(server.profile()).isEqualTo(profile);
      assertThat(carries(client, server)).isTrue();
      assertThat(carries(server, client)).isTrue();
      assertThat(carries(client, client)).isFalse();
    }
  }

  @Test
  void theCertificateThatWasShownTellsWhichFingerprintsAreIts() {
    try (DtlsPair pair = new DtlsPair()) {
      byte[] shown = TestCertificates.SECOND.encoded();
      List<Fingerprint> its =
          List.of(
              Fingerprint.of(Fingerprint.Hash.SHA_512, shown),
              Fingerprint.of(Fingerprint.Hash.SHA_256, shown));
      List<Fingerprint> others = List.of(TestCertificates.FIRST.fingerprint());
      assertThat(pair.client.transport.remoteCertificateMatches(its)).isEmpty();

      pair.start().run(1000);

      assertThat(pair.client.transport.remoteCertificateMatches(its)).contains(true);
      assertThat(pair.client.transport.remoteCertificateMatches(others)).contains(false);
    }
  }

  @Test
  void theServersOrderOfProfilesDecides() {
    List<SrtpProfile> gcmFirst =
        List.of(SrtpProfile.AEAD_AES_128_GCM, SrtpProfile.AES128_CM_HMAC_SHA1_80);
    try (DtlsPair pair = new DtlsPair(gcmFirst.reversed(), gcmFirst).start().run(1000)) {
      assertThat(pair.client.connections.getFirst().profile())
          .isEqualTo(SrtpProfile.AEAD_AES_128_GCM);
    }
  }

  @Test
  void aRemoteWithTheMandatoryProfileOnlyGetsThat() {
    try (DtlsPair pair =
        new DtlsPair(
                DtlsConfiguration.DEFAULT_SRTP_PROFILES,
                List.of(SrtpProfile.AES128_CM_HMAC_SHA1_80))
            .start()
            .run(1000)) {
      assertThat(pair.client.connections.getFirst().profile())
          .isEqualTo(SrtpProfile.AES128_CM_HMAC_SHA1_80);
    }
  }

  @Test
  void noCommonProfileFailsOnBothSides() {
    try (DtlsPair pair =
        new DtlsPair(
                List.of(SrtpProfile.AES128_CM_HMAC_SHA1_80), List.of(SrtpProfile.AEAD_AES_128_GCM))
            .start()
            .run(AN_ALERT_IN_THE_CLEAR)) {
      assertFailed(pair.server, Reason.NO_SRTP_PROFILE);
      assertFailed(pair.client, Reason.ALERT_RECEIVED);
    }
  }

  @Test
  void aClientRefusesACertificateThatWasNotSignalled() {
    try (DtlsPair pair =
        new DtlsPair(
                configuration(DtlsRole.CLIENT, TestCertificates.FIRST, TestCertificates.STRANGER),
                configuration(DtlsRole.SERVER, TestCertificates.SECOND, TestCertificates.FIRST))
            .start()
            .run(AN_ALERT_IN_THE_CLEAR)) {
      assertFailed(pair.client, Reason.WRONG_CERTIFICATE);
      assertThat(pair.client.failures.getFirst().message())
          .contains(TestCertificates.SECOND.fingerprint().toAttribute())
          .contains(TestCertificates.STRANGER.fingerprint().toAttribute());
      assertFailed(pair.server, Reason.ALERT_RECEIVED);
    }
  }

  @Test
  void aServerRefusesACertificateThatWasNotSignalled() {
    try (DtlsPair pair =
        new DtlsPair(
                configuration(DtlsRole.CLIENT, TestCertificates.FIRST, TestCertificates.SECOND),
                configuration(DtlsRole.SERVER, TestCertificates.SECOND, TestCertificates.STRANGER))
            .start()
            .run(AN_ALERT_IN_THE_CLEAR)) {
      assertFailed(pair.server, Reason.WRONG_CERTIFICATE);
      assertFailed(pair.client, Reason.ALERT_RECEIVED);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void thirtyPercentLossDuplicatesAndReorderingAreSurvived(long seed) {
    try (DtlsPair pair = new DtlsPair().impair(seed, 0.3, 0.1, 60).start().run(25_000)) {
      assertConnected(pair);
      assertThat(pair.client.connections).hasSize(1);
      assertThat(carries(pair.client.connections.getFirst(), pair.server.connections.getFirst()))
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void theLossOfAnyOneFlightCostsOneRetransmission(int lost) {
    try (DtlsPair pair = new DtlsPair()) {
      int[] count = {0};
      pair.path = datagram -> count[0]++ == lost ? null : datagram;
      long began = pair.nowNanos;

      pair.start().run(1000);

      assertConnected(pair);
      assertThat(pair.nowNanos - began)
          .isLessThanOrEqualTo(4 * DtlsPair.DELAY_NANOS + 2 * RetransmissionTimer.INITIAL_NANOS);
    }
  }

  @Test
  void flightsAreSentAgainAtDoubledIntervalsUntilTheHandshakeIsGivenUp() {
    try (DtlsPair pair = new DtlsPair()) {
      pair.path = datagram -> null;
      long began = pair.nowNanos;
      pair.client.transport.start(began);
      long expected = RetransmissionTimer.INITIAL_NANOS;
      long last = began;
      while (pair.client.transport.state() == DtlsState.CONNECTING) {
        assertThat(pair.client.takeSent()).hasSize(1);
        long next = pair.client.transport.nextTimeoutNanos().orElseThrow();
        if (next - began < DtlsTransport.HANDSHAKE_LIMIT_NANOS) {
          assertThat(next - last).isEqualTo(expected);
        }
        pair.client.transport.handleTimeout(next);
        expected = Math.min(2 * expected, RetransmissionTimer.MAX_NANOS);
        last = next;
      }
      assertThat(last - began).isEqualTo(TimeUnit.SECONDS.toNanos(30));
      assertFailed(pair.client, Reason.TIMED_OUT);
    }
  }

  @Test
  void closingTellsTheOtherSide() {
    try (DtlsPair pair = new DtlsPair().start().run(1000)) {
      pair.client.transport.close();
      pair.run(1000);

      assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CLOSED);
      assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CLOSED);
      assertThat(pair.server.closedByRemote).isEqualTo(1);
      assertThat(pair.client.closedByRemote).isZero();
    }
  }

  private static DtlsConfiguration configuration(
      DtlsRole role, DtlsCertificate own, DtlsCertificate remote) {
    return new DtlsConfiguration(role, own, List.of(remote.fingerprint()));
  }

  private static void assertConnected(DtlsPair pair) {
    assertThat(pair.client.failures).isEmpty();
    assertThat(pair.server.failures).isEmpty();
    assertThat(pair.client.transport.state()).isEqualTo(DtlsState.CONNECTED);
    assertThat(pair.server.transport.state()).isEqualTo(DtlsState.CONNECTED);
    assertThat(pair.client.connections).hasSize(1);
    assertThat(pair.server.connections).hasSize(1);
  }

  private static void assertFailed(Endpoint endpoint, Reason reason) {
    assertThat(endpoint.transport.state()).isEqualTo(DtlsState.FAILED);
    assertThat(endpoint.connections).isEmpty();
    assertThat(endpoint.failures).extracting(DtlsFailure::reason).containsExactly(reason);
  }

  private static boolean carries(SrtpKeys from, SrtpKeys to) {
    ByteBuffer packet = ByteBuffer.allocate(100).put(0, (byte) 0x80).limit(60);
    new OutboundSrtp(from).protectRtp(packet);
    return new InboundSrtp(to).unprotectRtp(packet) == SrtpVerdict.ACCEPTED;
  }
}
