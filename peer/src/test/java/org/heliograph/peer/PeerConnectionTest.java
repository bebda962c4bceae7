package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.RECVONLY;
import static org.heliograph.peer.TransceiverDirection.SENDONLY;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.sdp.SdpFixture;
import org.heliograph.peer.sdp.SdpMutator;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.InboundRtpStreamStats;
import org.heliograph.peer.stats.OutboundRtpStreamStats;
import org.heliograph.peer.stats.RemoteInboundRtpStreamStats;
import org.heliograph.peer.stats.RemoteOutboundRtpStreamStats;
import org.heliograph.peer.stats.TransportStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two connections over an emulated network, in virtual time. */
class PeerConnectionTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SIGNALLING = Duration.ofMillis(50);

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host aliceHost = network.host("192.0.2.1", "2001:db8::1");
  private final Host bobHost = network.host("192.0.2.2", "2001:db8::2");
  private final VirtualPeer alice =
      new VirtualPeer(network, aliceHost, 1, "192.0.2.1", "2001:db8::1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2", "2001:db8::2");

  private void delay(Duration oneWay) {
    aliceHost.uplink().setConditions(LinkConditions.delay(oneWay));
    bobHost.uplink().setConditions(LinkConditions.delay(oneWay));
  }

  private void trickle() {
    alice.trickleTo(bob, SIGNALLING);
    bob.trickleTo(alice, SIGNALLING);
  }

  private void connect() {
    trickle();
    alice.negotiateWith(bob);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT))
        .as(() -> "alice " + alice.states + alice.failure + ", bob " + bob.states + bob.failure)
        .isTrue();
  }

  private static List<ByteBuffer> payloads(List<MediaFrame> frames) {
    return frames.stream().map(MediaFrame::payload).toList();
  }

  /** What arrived is what was sent, from a key frame on, and nothing is missing. */
  private static void assertWholeFrom(List<ByteBuffer> sent, List<MediaFrame> received) {
    assertThat(received).isNotEmpty();
    assertThat(received.getFirst().key()).isTrue();
    assertThat(sent).containsSubsequence(payloads(received));
  }

  @Test
  void soundAndPictureGoBothWays() {
    Transceiver aliceSound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver alicePicture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    Transceiver bobSound = bob.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver bobPicture = bob.connection.addTransceiver(VIDEO, SENDRECV);
    delay(Duration.ofMillis(20));
    connect();

    VirtualMedia hers = new VirtualMedia(network, alice);
    VirtualMedia his = new VirtualMedia(network, bob);
    hers.sendPictures(alicePicture);
    hers.sendSound(aliceSound);
    his.sendPictures(bobPicture);
    his.sendSound(bobSound);
    network.run(Duration.ofSeconds(5));
    hers.stop();
    his.stop();
    network.run(Duration.ofSeconds(1));

    assertThat(payloads(bob.video)).isEqualTo(hers.sentPictures);
    assertThat(payloads(bob.audio)).isEqualTo(hers.sentSounds);
    assertThat(payloads(alice.video)).isEqualTo(his.sentPictures);
    assertThat(payloads(alice.audio)).isEqualTo(his.sentSounds);
    assertThat(alice.states)
        .containsExactly(PeerConnectionState.CONNECTING, PeerConnectionState.CONNECTED);
    assertThat(bob.tracks).containsExactly(bobSound, bobPicture);
  }

  @Test
  void anEmptyUserNameFragmentOfACandidateIsNone() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.negotiateWith(bob);
    for (IceCandidateInit his : bob.candidates) {
      String unmarked = his.candidate().replaceAll(" ufrag \\S+", "");
      alice.connection.addIceCandidate(
          new IceCandidateInit(unmarked, his.sdpMid(), his.sdpMLineIndex(), ""));
    }
    // He knows none of hers, so only her checks of his can find a path.
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void lostPacketsAreSentAgainAndNoFrameIsDamaged() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    LinkConditions lossy =
        LinkConditions.delay(Duration.ofMillis(25))
            .withLoss(0.05)
            .withJitter(Duration.ofMillis(10))
            .withReordering(0.05, Duration.ofMillis(15))
            .withDuplicates(0.02);
    aliceHost.uplink().setConditions(lossy);
    bobHost.uplink().setConditions(lossy);
    connect();

    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(20));

    assertWholeFrom(hers.sentPictures, bob.video);
    assertThat(bob.video.size()).isGreaterThan(hers.sentPictures.size() * 9 / 10);
    assertThat(bob.connection.getStats())
        .filteredOn(InboundRtpStreamStats.class::isInstance)
        .singleElement()
        .satisfies(
            stats -> {
              InboundRtpStreamStats inbound = (InboundRtpStreamStats) stats;
              assertThat(inbound.nackCount()).isPositive();
              assertThat(inbound.retransmittedPacketsReceived()).isPositive();
            });
  }

  @Test
  void withoutRetransmissionsALossCostsAKeyFrame() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDONLY);
    trickle();
    SessionDescription answer = bob.answer(alice.offer());
    alice.connection.setRemoteDescription(
        new SessionDescription(
            SdpType.ANSWER,
            answer
                .sdp()
                .replaceAll("SAVPF 96 97.*", "SAVPF 96")
                .replace("a=rtpmap:97 rtx/90000\r\n", "")
                .replace("a=fmtp:97 apt=96\r\n", "")));
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    aliceHost.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)).withLoss(0.03));

    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(20));

    assertThat(one(bob, InboundRtpStreamStats.class).nackCount()).isPositive();
    assertThat(one(alice, OutboundRtpStreamStats.class).retransmittedPacketsSent()).isZero();
    assertThat(alice.keyFrameRequests).isPositive();
    assertWholeFrom(hers.sentPictures, bob.video);
    assertThat(bob.video.size()).isGreaterThan(hers.sentPictures.size() / 2);
  }

  @Test
  void pictureThatCannotBeShownIsRefusedForAReasonAndTheSoundGoesOn() {
    Transceiver sound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.connection.addTransceiver(VIDEO, SENDRECV);
    trickle();
    SessionDescription offer = alice.offer();
    SessionDescription answer =
        bob.answer(
            new SessionDescription(
                SdpType.OFFER, offer.sdp().replaceAll("VP[89]/90000", "H264/90000")));
    alice.connection.setRemoteDescription(answer);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    new VirtualMedia(network, alice).sendSound(sound);
    network.run(Duration.ofSeconds(2));

    assertThat(bob.audio).hasSizeGreaterThan(50);
    assertThat(bob.refusals)
        .containsExactly("the other side has video only as H264, and this side takes VP8 or VP9");
    assertThat(alice.refusals).isEmpty();
  }

  @Test
  void aKeyFrameThatIsAskedForIsAskedOfTheOtherSide() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(2));
    int before = alice.keyFrameRequests;

    bob.connection.requestKeyFrame(bob.connection.transceivers().getFirst());
    network.run(Duration.ofMillis(500));

    assertThat(alice.keyFrameRequests).isEqualTo(before + 1);
  }

  @Test
  void candidatesThatComeBeforeTheirDescriptionAreKept() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    SessionDescription offer = alice.offer();
    network.run(Duration.ofMillis(10));
    assertThat(alice.candidates).isNotEmpty();

    alice.candidates.forEach(bob.connection::addIceCandidate);
    bob.trickleTo(alice, Duration.ZERO);
    SessionDescription answer = bob.answer(offer);
    network.run(Duration.ofMillis(100));
    alice.connection.setRemoteDescription(answer);

    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void aSideThatDoesNotTrickleGivesItsCandidatesInItsDescription() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.offer();
    network.run(Duration.ofMillis(10));
    SessionDescription offer = alice.connection.localDescription().orElseThrow();
    assertThat(offer.sdp()).contains("a=candidate:").contains("a=end-of-candidates");

    bob.answer(offer);
    network.run(Duration.ofMillis(10));
    alice.connection.setRemoteDescription(bob.connection.localDescription().orElseThrow());

    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void theEndOfCandidatesIsTold() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.offer();
    network.run(Duration.ofMillis(10));

    assertThat(alice.candidates).hasSize(3);
    assertThat(alice.candidates.getLast().candidate()).isEmpty();
    assertThat(alice.candidates)
        .allSatisfy(
            candidate -> {
              assertThat(candidate.sdpMid()).isEqualTo("0");
              assertThat(candidate.sdpMLineIndex()).isZero();
              assertThat(candidate.usernameFragment()).isNotBlank();
            });
  }

  /** It was taken back for the other side's, which then cannot be answered. */
  @Test
  void anOfferThatTurnsOutBadBringsThisSidesOwnBack() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();
    bob.connection.addTransceiver(VIDEO, SENDRECV);
    network.run(Duration.ofMillis(10));
    String before = bob.offer().sdp();
    int needed = bob.negotiationsNeeded;
    alice.connection.addTransceiver(VIDEO, SENDRECV);

    bob.connection.setRemoteDescription(alice.offer());
    bob.connection.setRemoteDescription(new SessionDescription(SdpType.ROLLBACK, ""));
    network.run(Duration.ofMillis(10));

    assertThat(bob.negotiationsNeeded).isEqualTo(needed + 1);
    assertThat(withoutVersionAndNames(bob.offer().sdp())).isEqualTo(withoutVersionAndNames(before));
  }

  private static String withoutVersionAndNames(String sdp) {
    return sdp.replaceAll("(?m)^(o=|a=group:|a=mid:).*$", "");
  }

  @Test
  void anOfferThatIsRefusedAtOnceLeavesThisSidesOwnOpen() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();
    bob.connection.addTransceiver(VIDEO, SENDRECV);
    SessionDescription own = bob.offer();

    assertThatThrownBy(
            () ->
                bob.connection.setRemoteDescription(
                    new SessionDescription(
                        SdpType.OFFER, alice.offer().sdp().replaceAll("a=ice-pwd:.*\r\n", ""))))
        .isInstanceOf(IllegalArgumentException.class);
    alice.connection.setLocalDescription(new SessionDescription(SdpType.ROLLBACK, ""));
    bob.connection.setRemoteDescription(alice.answer(own));

    assertThat(bob.connection.signalingState()).isEqualTo(SignalingState.STABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "candidate:1 1 udp", "candidate:1 1 udp x 192.0.2.9 9 typ host"})
  void aMalformedCandidateIsRefusedAndTheCallGoesOn(String text) {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    trickle();
    alice.negotiateWith(bob);
    IceCandidateInit candidate = new IceCandidateInit(text, "0", 0, null);
    if (text.isEmpty()) {
      bob.connection.addIceCandidate(candidate);
    } else {
      assertThatThrownBy(() -> bob.connection.addIceCandidate(candidate))
          .isInstanceOf(IllegalArgumentException.class);
    }

    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void aCandidateWithNamesOfAnyLengthIsRefusedAndNotKept() {
    String text = "candidate:1 1 udp 1 192.0.2.9 9 typ host";
    String name = "n".repeat(60_000);
    for (IceCandidateInit candidate :
        List.of(
            new IceCandidateInit(text, name, 0, null), new IceCandidateInit("", null, 0, name))) {
      assertThatThrownBy(() -> bob.connection.addIceCandidate(candidate))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("60000 characters");
    }
  }

  @Test
  void aPictureIsAddedToACallWithSound() {
    Transceiver aliceSound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendSound(aliceSound);
    network.run(Duration.ofSeconds(1));

    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    network.run(Duration.ofMillis(1));
    assertThat(alice.negotiationsNeeded).isEqualTo(1);
    alice.negotiateWith(bob);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(2));
    hers.stop();
    network.run(Duration.ofSeconds(1));

    assertThat(payloads(bob.video)).isEqualTo(hers.sentPictures);
    assertThat(payloads(bob.audio)).isEqualTo(hers.sentSounds);
  }

  @Test
  void aPauseSendsNothingAndGoesOnAfterIt() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDONLY);
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(1));
    Transceiver his = bob.connection.transceivers().getFirst();

    his.setDirection(TransceiverDirection.INACTIVE);
    bob.negotiateWith(alice);
    network.run(Duration.ofMillis(200));
    int before = bob.video.size();
    network.run(Duration.ofSeconds(1));
    assertThat(bob.video).hasSize(before);
    assertThat(bob.tracks).hasSize(2);

    his.setDirection(RECVONLY);
    bob.negotiateWith(alice);
    network.run(Duration.ofSeconds(3));

    assertThat(bob.video.size()).isGreaterThan(before + 20);
    assertWholeFrom(hers.sentPictures, bob.video.subList(before, bob.video.size()));
  }

  @Test
  void bothMayOfferAtOnce() {
    Transceiver hers = alice.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver his = bob.connection.addTransceiver(AUDIO, SENDRECV);
    trickle();
    alice.offer();
    SessionDescription hisOffer = bob.offer();
    network.run(Duration.ofMillis(200));

    bob.connection.setRemoteDescription(alice.answer(hisOffer));

    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    assertThat(hers.currentDirection()).contains(SENDRECV);
    assertThat(his.currentDirection()).contains(SENDRECV);
    assertThat(alice.signalingStates)
        .containsSubsequence(
            SignalingState.HAVE_LOCAL_OFFER,
            SignalingState.HAVE_REMOTE_OFFER,
            SignalingState.STABLE);
  }

  @Test
  void anIceRestartMovesTheCallWithoutAnInterruption() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(1));

    alice.connection.restartIce();
    network.run(Duration.ofMillis(1));
    assertThat(alice.negotiationsNeeded).isEqualTo(1);
    alice.negotiateWith(bob);
    network.run(Duration.ofSeconds(3));
    hers.stop();
    network.run(Duration.ofSeconds(1));

    assertThat(alice.isConnected()).isTrue();
    assertThat(bob.isConnected()).isTrue();
    assertThat(payloads(bob.video)).isEqualTo(hers.sentPictures);
  }

  @Test
  void theOtherSideIsToldOfTheEnd() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();

    alice.connection.close(network.nanoTime());
    network.run(Duration.ofMillis(100));

    assertThat(alice.states).endsWith(PeerConnectionState.CLOSED);
    assertThat(alice.signalingStates).endsWith(SignalingState.CLOSED);
    assertThat(bob.states).endsWith(PeerConnectionState.CLOSED);
    assertThatThrownBy(alice.connection::createOffer).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aClosedConnectionSendsNothing() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(1));

    alice.connection.close(network.nanoTime());
    alice.connection.close(network.nanoTime());
    long sent = aliceHost.uplink().sent();
    network.run(Duration.ofSeconds(10));

    assertThat(aliceHost.uplink().sent()).isEqualTo(sent);
    assertThat(alice.connection.nextTimeoutNanos()).isEmpty();
  }

  @Test
  void theOtherSideVanishing() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();

    bobHost.uplink().setConditions(LinkConditions.perfect().withLoss(1));
    network.run(Duration.ofMinutes(2));

    assertThat(alice.states).endsWith(PeerConnectionState.DISCONNECTED, PeerConnectionState.FAILED);
    assertThat(alice.failure).isNotBlank();
  }

  @Test
  void noPathAtAllFailsWithAReason() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    bobHost.uplink().setConditions(LinkConditions.perfect().withLoss(1));
    trickle();
    alice.negotiateWith(bob);

    network.run(Duration.ofMinutes(2));

    assertThat(alice.states)
        .containsExactly(PeerConnectionState.CONNECTING, PeerConnectionState.FAILED);
    assertThat(alice.failure).isNotBlank();
  }

  @Test
  void aStrangersCertificateIsRefused() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    trickle();
    SessionDescription answer = bob.answer(alice.offer());
    String another = "a=fingerprint:sha-256 " + "11:".repeat(31) + "11";
    alice.connection.setRemoteDescription(
        new SessionDescription(
            SdpType.ANSWER, answer.sdp().replaceAll("a=fingerprint:[^\r]*", another)));

    network.run(LIMIT);

    assertThat(alice.states).endsWith(PeerConnectionState.FAILED);
    assertThat(alice.failure).contains("certificate");
  }

  @Test
  void negotiationNeededIsToldOnceForChangesThatComeTogether() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.connection.addTransceiver(VIDEO, SENDRECV);
    assertThat(alice.negotiationsNeeded).isZero();

    network.run(Duration.ofMillis(1));

    assertThat(alice.negotiationsNeeded).isEqualTo(1);
  }

  @Test
  void statisticsOfBothDirectionsAreThere() {
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    delay(Duration.ofMillis(20));
    connect();
    VirtualMedia hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(5));

    OutboundRtpStreamStats outbound = one(alice, OutboundRtpStreamStats.class);
    assertThat(outbound.framesSent()).isEqualTo(hers.sentPictures.size());
    assertThat(outbound.ssrc()).isEqualTo(picture.source().ssrc());
    RemoteInboundRtpStreamStats remote = one(alice, RemoteInboundRtpStreamStats.class);
    assertThat(remote.roundTripTime()).isBetween(0.039, 0.06);
    assertThat(remote.localId()).isEqualTo(outbound.id());
    InboundRtpStreamStats inbound = one(bob, InboundRtpStreamStats.class);
    assertThat(inbound.ssrc()).isEqualTo(outbound.ssrc());
    assertThat(inbound.packetsLost()).isZero();
    RemoteOutboundRtpStreamStats sender = one(bob, RemoteOutboundRtpStreamStats.class);
    assertThat(sender.localId()).isEqualTo(inbound.id());
    assertThat(inbound.remoteId()).isEqualTo(sender.id());
    assertThat(sender.packetsSent()).isPositive();
    assertThat(sender.timestamp() - sender.remoteTimestamp()).isBetween(0.0, 3000.0);
    TransportStats transport = one(bob, TransportStats.class);
    assertThat(transport.dtlsState()).isEqualTo("connected");
    assertThat(transport.dtlsRole()).isEqualTo("client");
    assertThat(transport.iceRole()).isEqualTo("controlled");
    assertThat(bob.connection.getStats())
        .filteredOn(IceCandidatePairStats.class::isInstance)
        .extracting(Stats::id)
        .contains(transport.selectedCandidatePairId());
    assertThat(bob.connection.getStats()).extracting(Stats::id).doesNotHaveDuplicates();
  }

  private static <T extends Stats> T one(VirtualPeer peer, Class<T> type) {
    return peer.connection.getStats().stream()
        .filter(type::isInstance)
        .map(type::cast)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void datagramsOfStrangersChangeNothing() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    connect();
    Random random = new Random(3);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      if (bytes.length > 0) {
        // Every kind of RFC 7983, most of them RTP and RTCP.
        bytes[0] = (byte) (i % 3 == 0 ? random.nextInt(256) : 0x80 | random.nextInt(64));
      }
      bob.connection.handleDatagram(
          network.nanoTime(),
          bobHost.address(0, 50_000),
          aliceHost.address(0, 50_000),
          ByteBuffer.wrap(bytes));
    }
    network.run(Duration.ofSeconds(10));

    assertThat(bob.isConnected()).isTrue();
    assertThat(bob.audio).isEmpty();
  }

  @Test
  void damagedDescriptionsAreRefusedOrAnsweredAndNothingElse() {
    Random random = new Random(11);
    List<String> offers =
        SdpFixture.names().stream()
            .filter(name -> name.contains("offer"))
            .map(SdpFixture::read)
            .toList();
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      VirtualPeer peer = new VirtualPeer(network, aliceHost, round, "192.0.2.1");
      peer.connection.addTransceiver(VIDEO, SENDRECV);
      String offer = offers.get(random.nextInt(offers.size()));
      for (int again = 0; again < 3; again++) {
        try {
          peer.answer(new SessionDescription(SdpType.OFFER, SdpMutator.mutate(offer, random)));
          network.run(Duration.ofMillis(5));
        } catch (IllegalArgumentException declared) {
          refused++;
        }
      }
      peer.connection.close(network.nanoTime());
    }
    assertThat(refused).isBetween(50, 850);
  }
}
