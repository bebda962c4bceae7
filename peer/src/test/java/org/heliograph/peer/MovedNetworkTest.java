package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.time.Duration;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A network that changes under a call, up to pictures that come again; ICE restarts from it. */
class MovedNetworkTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration SIGNALLING = Duration.ofMillis(100);

  private final NetworkEmulator network = new NetworkEmulator(3);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final PeerConfiguration configuration =
      PeerConfiguration.defaults().withReconnectTimeout(Duration.ofSeconds(12));
  private final VirtualPeer alice =
      new VirtualPeer(configuration, network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(configuration, network, bobHost, 2, "192.0.2.2");
  private VirtualMedia hers;

  @BeforeEach
  void call() {
    aliceHost.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    bobHost.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    alice.trickleTo(bob, SIGNALLING);
    bob.trickleTo(alice, SIGNALLING);
    alice.negotiateWith(bob);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    hers = new VirtualMedia(network, alice);
    hers.sendPictures(picture);
    network.run(Duration.ofSeconds(5));
  }

  private void bothMove() {
    aliceHost.removeAddress("192.0.2.1");
    bobHost.removeAddress("192.0.2.2");
    aliceHost.addAddress("192.0.2.11");
    bobHost.addAddress("192.0.2.12");
    alice.unbind("192.0.2.1");
    bob.unbind("192.0.2.2");
    alice.bind(aliceHost, "192.0.2.11");
    bob.bind(bobHost, "192.0.2.12");
  }

  private void withoutTrickling() {
    alice.trickleTo(null, SIGNALLING);
    bob.trickleTo(null, SIGNALLING);
  }

  private boolean isDisconnected(VirtualPeer peer) {
    return peer.connection.connectionState() == PeerConnectionState.DISCONNECTED;
  }

  private void assertThatPicturesComeAgain() {
    int before = bob.video.size();
    assertThat(network.runUntil(() -> bob.video.size() > before + 10, LIMIT)).isTrue();
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void bothSidesMoveAndTellTheirNewCandidates() {
    bothMove();
    int before = bob.video.size();
    assertThat(network.runUntil(() -> bob.video.size() > before, Duration.ofSeconds(3))).isTrue();
    assertThat(alice.states)
        .containsExactly(PeerConnectionState.CONNECTING, PeerConnectionState.CONNECTED);
  }

  @Test
  void aRestartWhileDisconnectedBringsTheCallBack() {
    withoutTrickling();
    bothMove();
    assertThat(network.runUntil(() -> isDisconnected(alice), Duration.ofSeconds(3))).isTrue();

    alice.connection.restartIce();
    alice.negotiateWith(bob);
    alice.trickleTo(bob, SIGNALLING);
    bob.trickleTo(alice, SIGNALLING);

    assertThatPicturesComeAgain();
  }

  @Test
  void bothSidesRestartingAtOnceBringTheCallBack() {
    withoutTrickling();
    bothMove();
    assertThat(
            network.runUntil(
                () -> isDisconnected(alice) && isDisconnected(bob), Duration.ofSeconds(3)))
        .isTrue();

    alice.trickleTo(bob, SIGNALLING);
    bob.trickleTo(alice, SIGNALLING);
    alice.connection.restartIce();
    bob.connection.restartIce();
    alice.offer();
    network.run(Duration.ofMillis(50));
    bob.negotiateWith(alice);

    assertThatPicturesComeAgain();
    assertThat(alice.connection.signalingState()).isEqualTo(SignalingState.STABLE);
  }

  @Test
  void aRestartThatIsTakenBackLeavesThePathInUse() {
    alice.connection.restartIce();
    alice.offer();
    network.run(Duration.ofSeconds(1));
    alice.connection.setLocalDescription(new SessionDescription(SdpType.ROLLBACK, ""));
    assertThatPicturesComeAgain();
    network.run(Duration.ofMinutes(1));
    assertThatPicturesComeAgain();
    assertThat(alice.states).doesNotContain(PeerConnectionState.DISCONNECTED);
  }

  @Test
  void thePathComesBackByItselfWhileARestartIsNotAnswered() {
    aliceHost.uplink().setConditions(LinkConditions.perfect().withLoss(1));
    assertThat(network.runUntil(() -> isDisconnected(alice), LIMIT)).isTrue();
    alice.connection.restartIce();
    alice.offer();
    network.run(Duration.ofSeconds(3));

    aliceHost.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)));

    assertThatPicturesComeAgain();
  }

  @Test
  void theConnectionFailsWithAReasonAfterTheConfiguredTimeAndARestartLeadsOutOfIt() {
    long start = network.nanoTime();
    aliceHost.uplink().setConditions(LinkConditions.perfect().withLoss(1));
    network.runUntil(
        () -> alice.connection.connectionState() == PeerConnectionState.FAILED,
        Duration.ofMinutes(1));
    assertThat(Duration.ofNanos(network.nanoTime() - start))
        .isBetween(Duration.ofSeconds(12), Duration.ofSeconds(14));
    assertThat(alice.failure).contains("stopped answering").contains("within 12 s");
    network.run(Duration.ofSeconds(5));
    assertThat(bob.connection.connectionState()).isEqualTo(PeerConnectionState.FAILED);

    aliceHost.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    alice.connection.restartIce();
    alice.negotiateWith(bob);

    assertThatPicturesComeAgain();
  }

  @Test
  void withoutAnyAddressTheConnectionWaitsForOne() {
    aliceHost.removeAddress("192.0.2.1");
    alice.unbind("192.0.2.1");
    network.run(Duration.ofSeconds(8));
    assertThat(isDisconnected(alice)).isTrue();

    aliceHost.addAddress("192.0.2.11");
    alice.bind(aliceHost, "192.0.2.11");

    assertThatPicturesComeAgain();
  }
}
