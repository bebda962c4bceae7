package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.INACTIVE;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.rtcp.Goodbye;
import org.heliograph.peer.rtcp.RtcpCompound;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A call that is held and resumed, in virtual time: each time what is sent is another source. */
class HoldAndResumeTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int TIMES = 1000;

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");
  private final VirtualMedia hers = new VirtualMedia(network, alice);
  private final VirtualMedia his = new VirtualMedia(network, bob);
  private final Transceiver herPicture = alice.connection.addTransceiver(VIDEO, SENDRECV);
  private final Transceiver hisPicture = bob.connection.addTransceiver(VIDEO, SENDRECV);

  /** What becomes of each description on its way. */
  private UnaryOperator<String> signalling = UnaryOperator.identity();

  private static String withoutRetransmissions(String sdp) {
    return sdp.replaceAll("(m=video .*SAVPF).*", "$1 96")
        .replaceAll("a=(rtpmap|fmtp|rtcp-fb):(?!96)[0-9]+ .*\r\n", "");
  }

  private static String withoutAsking(String sdp) {
    return sdp.replaceAll("a=rtcp-fb:[0-9]+ (nack pli|ccm fir)\r\n", "");
  }

  private void negotiate(VirtualPeer from, VirtualPeer to) {
    SessionDescription offer = from.offer();
    SessionDescription answer =
        to.answer(new SessionDescription(SdpType.OFFER, signalling.apply(offer.sdp())));
    from.connection.setRemoteDescription(
        new SessionDescription(SdpType.ANSWER, signalling.apply(answer.sdp())));
  }

  private void connect() {
    LinkConditions conditions = LinkConditions.delay(Duration.ofMillis(5));
    aliceHost.uplink().setConditions(conditions);
    bobHost.uplink().setConditions(conditions);
    alice.trickleTo(bob, Duration.ofMillis(5));
    bob.trickleTo(alice, Duration.ofMillis(5));
    negotiate(alice, bob);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    hers.sendPictures(herPicture);
    his.sendPictures(hisPicture);
    assertThat(
            network.runUntil(
                () -> hasPictures(bob.video, hers) && hasPictures(alice.video, his), LIMIT))
        .isTrue();
  }

  /** Whether pictures came, from a key frame on, as they were sent. */
  private static boolean hasPictures(List<MediaFrame> received, VirtualMedia sent) {
    if (received.isEmpty()) {
      return false;
    }
    List<ByteBuffer> payloads = received.stream().map(MediaFrame::payload).toList();
    assertThat(received.getFirst().key()).isTrue();
    assertThat(sent.sentPictures).containsSubsequence(payloads);
    return true;
  }

  private void hold(VirtualPeer holding, VirtualPeer other, Transceiver picture) {
    picture.setDirection(INACTIVE);
    negotiate(holding, other);
    network.run(Duration.ofMillis(60));
  }

  private void resume(VirtualPeer holding, VirtualPeer other, Transceiver picture) {
    alice.video.clear();
    bob.video.clear();
    hers.sentPictures.clear();
    his.sentPictures.clear();
    picture.setDirection(SENDRECV);
    negotiate(holding, other);
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void mediaGoesOnAfterEachOfAThousand(boolean byAlice, boolean retransmitted) {
    signalling =
        retransmitted ? UnaryOperator.identity() : HoldAndResumeTest::withoutRetransmissions;
    connect();
    VirtualPeer holding = byAlice ? alice : bob;
    VirtualPeer other = byAlice ? bob : alice;
    Transceiver picture = byAlice ? herPicture : hisPicture;
    List<Long> sources = new ArrayList<>();

    for (int i = 0; i < TIMES; i++) {
      sources.add(herPicture.source().ssrc());
      hold(holding, other, picture);
      resume(holding, other, picture);
      assertThat(
              network.runUntil(
                  () -> hasPictures(bob.video, hers) && hasPictures(alice.video, his), LIMIT))
          .as("hold %d", i)
          .isTrue();
    }

    assertThat(sources).doesNotHaveDuplicates();
  }

  /** aiortc would end what it receives for good by the BYE of a source. */
  @Test
  void aSourceSaysGoodbyeOnlyWhenItsSectionEnds() {
    List<Long> saidGoodbye = new ArrayList<>();
    alice.connection.observePackets(
        (now, direction, rtcp, local, remote, packet) -> {
          if (rtcp && direction == PacketObserver.Direction.SENT) {
            saidGoodbye.addAll(goodbyes(packet));
          }
        });
    connect();
    for (int i = 0; i < 3; i++) {
      hold(alice, bob, herPicture);
      resume(alice, bob, herPicture);
      network.run(Duration.ofSeconds(2));
    }
    assertThat(saidGoodbye).isEmpty();
    long source = herPicture.source().ssrc();

    herPicture.stop();
    negotiate(alice, bob);
    network.run(Duration.ofMillis(60));

    assertThat(saidGoodbye).containsExactly(source);
  }

  private static List<Long> goodbyes(ByteBuffer compound) {
    try {
      return RtcpCompound.parse(compound).stream()
          .filter(Goodbye.class::isInstance)
          .flatMap(goodbye -> ((Goodbye) goodbye).ssrcs().stream())
          .toList();
    } catch (MalformedPacketException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whoCannotAskForAKeyFrameSeesAPictureAfterEach() {
    signalling = HoldAndResumeTest::withoutAsking;
    hers.keyFramesOnlyWhenAsked = true;
    his.keyFramesOnlyWhenAsked = true;
    connect();

    for (int i = 0; i < 5; i++) {
      network.run(Duration.ofSeconds(1));
      hold(alice, bob, herPicture);
      resume(alice, bob, herPicture);
      assertThat(
              network.runUntil(
                  () -> hasPictures(bob.video, hers) && hasPictures(alice.video, his), LIMIT))
          .isTrue();
      network.run(Duration.ofSeconds(1));

      hasPictures(bob.video, hers);
      assertThat(bob.video).hasSizeGreaterThan(20);
    }
  }

  @Test
  void whoCannotAskForAKeyFrameSeesAPictureAfterAnOutage() {
    signalling = HoldAndResumeTest::withoutAsking;
    hers.keyFramesOnlyWhenAsked = true;
    his.keyFramesOnlyWhenAsked = true;
    connect();
    LinkConditions before = LinkConditions.delay(Duration.ofMillis(5));
    bobHost.uplink().setConditions(before.withLoss(1));
    aliceHost.uplink().setConditions(before.withLoss(1));
    assertThat(
            network.runUntil(
                () -> alice.states.getLast() == PeerConnectionState.DISCONNECTED, LIMIT))
        .isTrue();
    bob.video.clear();
    bobHost.uplink().setConditions(before);
    aliceHost.uplink().setConditions(before);

    assertThat(network.runUntil(() -> !bob.video.isEmpty(), LIMIT)).isTrue();
    assertThat(bob.video.getFirst().key()).isTrue();
  }
}
