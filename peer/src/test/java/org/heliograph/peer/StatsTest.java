package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.stats.CertificateStats;
import org.heliograph.peer.stats.CodecStats;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.InboundRtpStreamStats;
import org.heliograph.peer.stats.MediaSourceStats;
import org.heliograph.peer.stats.OutboundRtpStreamStats;
import org.heliograph.peer.stats.RemoteInboundRtpStreamStats;
import org.heliograph.peer.stats.RemoteOutboundRtpStreamStats;
import org.heliograph.peer.stats.TransportStats;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What both sides tell of one call over an emulated network, in virtual time. */
class StatsTest {
  private static final Duration ONE_WAY = Duration.ofMillis(30);

  private final NetworkEmulator network = new NetworkEmulator(5);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");
  private final VirtualMedia hers = new VirtualMedia(network, alice);

  @BeforeEach
  void call() {
    Transceiver sound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    aliceHost.uplink().setConditions(LinkConditions.delay(ONE_WAY).withLoss(0.02));
    bobHost.uplink().setConditions(LinkConditions.delay(ONE_WAY));
    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    alice.negotiateWith(bob);
    assertThat(
            network.runUntil(
                () -> alice.isConnected() && bob.isConnected(), Duration.ofSeconds(20)))
        .isTrue();
    hers.sendPictures(picture);
    hers.sendSound(sound);
    network.run(Duration.ofSeconds(20));
    hers.stop();
    network.run(Duration.ofSeconds(3));
  }

  private static <T extends Stats> List<T> all(VirtualPeer peer, Class<T> type) {
    return peer.connection.getStats().stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static OutboundRtpStreamStats outbound(String kind, VirtualPeer peer) {
    return all(peer, OutboundRtpStreamStats.class).stream()
        .filter(stats -> stats.kind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static InboundRtpStreamStats inbound(String kind, VirtualPeer peer) {
    return all(peer, InboundRtpStreamStats.class).stream()
        .filter(stats -> stats.kind().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static Set<String> ids(VirtualPeer peer) {
    return peer.connection.getStats().stream().map(Stats::id).collect(Collectors.toSet());
  }

  @Test
  void everyReferenceLeadsToAnObject() throws ReflectiveOperationException {
    int references = 0;
    for (VirtualPeer peer : List.of(alice, bob)) {
      Set<String> ids = ids(peer);
      for (Stats stats : peer.connection.getStats()) {
        for (RecordComponent member : stats.getClass().getRecordComponents()) {
          Object value = member.getAccessor().invoke(stats);
          if (member.getName().endsWith("Id") && value != null) {
            assertThat(ids).as(stats.type() + "." + member.getName()).contains((String) value);
            references++;
          }
        }
      }
    }
    assertThat(references).isGreaterThan(30);
  }

  @Test
  void anObjectKeepsItsIdentification() {
    Set<String> before = ids(alice);
    network.run(Duration.ofSeconds(5));

    assertThat(ids(alice)).isEqualTo(before);
    assertThat(alice.connection.getStats()).extracting(Stats::id).doesNotHaveDuplicates();
    assertThat(alice.connection.getStats().getFirst().timestamp())
        .isEqualTo(alice.connection.getStats().getLast().timestamp());
  }

  @Test
  void whatOneSideSendsTheOtherReceivesOrLoses() {
    for (String kind : List.of("audio", "video")) {
      OutboundRtpStreamStats sent = outbound(kind, alice);
      InboundRtpStreamStats received = inbound(kind, bob);

      assertThat(received.ssrc()).isEqualTo(sent.ssrc());
      assertThat(received.mid()).isEqualTo(sent.mid());
      long firstTime = received.packetsReceived() - received.retransmittedPacketsReceived();
      assertThat(firstTime + received.packetsLost())
          .isCloseTo(sent.packetsSent() - sent.retransmittedPacketsSent(), within(2L));
      assertThat(received.packetsLost()).isPositive();
      assertThat(received.bytesReceived()).isLessThanOrEqualTo(sent.bytesSent());
      assertThat(received.bytesReceived()).isGreaterThan(sent.bytesSent() * 9 / 10);
      assertThat(received.headerBytesReceived() / received.packetsReceived()).isBetween(12L, 80L);
      assertThat(sent.headerBytesSent() / sent.packetsSent()).isBetween(12L, 80L);
      assertThat(received.timestamp() - received.lastPacketReceivedTimestamp())
          .isBetween(0.0, 5_000.0);
      assertThat(received.jitter()).isBetween(0.0, 0.1);
    }
  }

  @Test
  void retransmissionsAreAmongThePackets() {
    OutboundRtpStreamStats sent = outbound("video", alice);
    InboundRtpStreamStats received = inbound("video", bob);

    assertThat(sent.retransmittedPacketsSent()).isPositive();
    assertThat(received.retransmittedPacketsReceived())
        .isPositive()
        .isLessThanOrEqualTo(sent.retransmittedPacketsSent());
    assertThat(received.retransmittedBytesReceived()).isPositive();
    assertThat(received.rtxSsrc()).isEqualTo(sent.rtxSsrc());
    assertThat(sent.nackCount()).isPositive().isLessThanOrEqualTo(received.nackCount());
  }

  @Test
  void picturesAreCountedAndSoundHasNone() {
    assertThat(outbound("video", alice).framesEncoded())
        .isEqualTo(hers.sentPictures.size())
        .isGreaterThanOrEqualTo(outbound("video", alice).framesSent());
    assertThat(outbound("video", alice).keyFramesEncoded()).isPositive();
    assertThat(inbound("video", bob).framesReceived())
        .isGreaterThan(hers.sentPictures.size() * 9L / 10);
    assertThat(outbound("audio", alice).framesSent()).isNull();
    assertThat(inbound("audio", bob).framesReceived()).isNull();
  }

  @Test
  void reportsTellHowTheOtherSideReceives() {
    RemoteInboundRtpStreamStats remote =
        all(alice, RemoteInboundRtpStreamStats.class).stream()
            .filter(stats -> stats.kind().equals("video"))
            .findFirst()
            .orElseThrow();

    assertThat(remote.id()).isEqualTo(outbound("video", alice).remoteId());
    assertThat(remote.localId()).isEqualTo(outbound("video", alice).id());
    assertThat(remote.roundTripTime()).isCloseTo(0.060, within(0.010));
    assertThat(remote.totalRoundTripTime() / remote.roundTripTimeMeasurements())
        .isCloseTo(0.060, within(0.010));
    assertThat(remote.packetsLost()).isPositive();
    assertThat(remote.fractionLost()).isBetween(0.0, 0.5);
    assertThat(all(bob, RemoteOutboundRtpStreamStats.class))
        .hasSize(2)
        .allSatisfy(stats -> assertThat(stats.packetsSent()).isPositive());
  }

  @Test
  void theChosenPairCarriesWhatTheTransportDoes() {
    TransportStats transport = all(alice, TransportStats.class).getFirst();
    IceCandidatePairStats pair =
        all(alice, IceCandidatePairStats.class).stream()
            .filter(stats -> stats.id().equals(transport.selectedCandidatePairId()))
            .findFirst()
            .orElseThrow();

    assertThat(pair.nominated()).isTrue();
    assertThat(pair.state()).isEqualTo("succeeded");
    long media = outbound("video", alice).packetsSent() + outbound("audio", alice).packetsSent();
    assertThat(pair.packetsSent()).isBetween(media, transport.packetsSent());
    assertThat(pair.bytesSent()).isBetween(1L, transport.bytesSent());
    assertThat(pair.packetsReceived()).isPositive();
    assertThat(pair.bytesReceived()).isPositive();
    assertThat(pair.timestamp() - pair.lastPacketSentTimestamp()).isBetween(0.0, 5_000.0);
    assertThat(pair.currentRoundTripTime()).isCloseTo(0.060, within(0.010));
    assertThat(pair.availableOutgoingBitrate()).isGreaterThan(50_000);
  }

  @Test
  void namesAndNumbersAreThoseOfTheDescriptions() {
    String offer = alice.connection.localDescription().orElseThrow().sdp();

    assertThat(all(alice, MediaSourceStats.class))
        .hasSize(2)
        .allSatisfy(source -> assertThat(offer).contains(" " + source.trackIdentifier()));
    assertThat(inbound("video", bob).trackIdentifier())
        .isEqualTo(
            all(alice, MediaSourceStats.class).stream()
                .filter(source -> source.kind().equals("video"))
                .findFirst()
                .orElseThrow()
                .trackIdentifier());
    assertThat(all(alice, CodecStats.class))
        .extracting(CodecStats::mimeType, CodecStats::payloadType, CodecStats::clockRate)
        .contains(
            org.assertj.core.groups.Tuple.tuple("video/VP8", 96L, 90_000L),
            org.assertj.core.groups.Tuple.tuple("audio/opus", 111L, 48_000L));
    CertificateStats certificate = all(alice, CertificateStats.class).getFirst();
    assertThat(offer).contains(certificate.fingerprint());
    assertThat(certificate.base64Certificate()).startsWith("MII");
  }
}
