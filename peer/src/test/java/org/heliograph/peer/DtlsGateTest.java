package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.heliograph.peer.dtls.DtlsFixtures;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.transport.PacketKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * DTLS hears nobody whom no authentic check has shown. Alice offers and so is its server; bob
 * answers and is its client.
 */
class DtlsGateTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration DELAY = Duration.ofMillis(10);

  private final NetworkEmulator network = new NetworkEmulator(5);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final InetSocketAddress aliceAddress = aliceHost.address(0, 50_000);
  private final InetSocketAddress bobAddress = bobHost.address(0, 50_000);
  private final InetSocketAddress stranger = new InetSocketAddress("203.0.113.66", 6666);

  /** Bob's host, but not bob. */
  private final InetSocketAddress besideBob = new InetSocketAddress("192.0.2.2", 50_001);

  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");
  private int sentElsewhere;

  DtlsGateTest() {
    aliceHost.uplink().setConditions(LinkConditions.delay(DELAY));
    bobHost.uplink().setConditions(LinkConditions.delay(DELAY));
    alice.onSend = (remote, _) -> sentElsewhere += remote.equals(bobAddress) ? 0 : 1;
    bob.onSend = (remote, _) -> sentElsewhere += remote.equals(aliceAddress) ? 0 : 1;
  }

  private void toAlice(InetSocketAddress from, String fixture) {
    alice.connection.handleDatagram(
        network.nanoTime(), aliceAddress, from, ByteBuffer.wrap(DtlsFixtures.datagram(fixture)));
  }

  private void toBob(InetSocketAddress from, String fixture) {
    bob.connection.handleDatagram(
        network.nanoTime(), bobAddress, from, ByteBuffer.wrap(DtlsFixtures.datagram(fixture)));
  }

  private void strangersDatagrams(String fixture) {
    for (InetSocketAddress from : List.of(stranger, besideBob)) {
      toAlice(from, fixture);
      toBob(from, fixture);
    }
  }

  static List<String> fixtures() {
    return List.of(DtlsFixtures.FATAL_ALERT, DtlsFixtures.CLOSE_NOTIFY, DtlsFixtures.CLIENT_HELLO);
  }

  /** Sets a call up; says how long it took from the descriptions on, in nanoseconds. */
  private long connect(Runnable each) {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    each.run();
    SessionDescription offer = alice.offer();
    each.run();
    SessionDescription answer = bob.answer(offer);
    each.run();
    alice.connection.setRemoteDescription(answer);
    each.run();
    long began = network.nanoTime();
    alice.trickleTo(bob, Duration.ofMillis(20));
    bob.trickleTo(alice, Duration.ofMillis(20));
    for (int i = 0; i < 1000 && !(alice.isConnected() && bob.isConnected()); i++) {
      each.run();
      network.run(Duration.ofMillis(1));
    }
    long took = network.nanoTime() - began;
    each.run();
    network.run(Duration.ofSeconds(5));
    assertThat(alice.failure + bob.failure).isEmpty();
    assertThat(alice.isConnected()).isTrue();
    assertThat(bob.isConnected()).isTrue();
    return took;
  }

  /** In every millisecond of the setting up, to both sides, from two addresses. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void aStrangersDtlsAtAnyTimeChangesNothingAndIsNotAnswered(String fixture) {
    long undisturbed = new DtlsGateTest().connect(() -> {});
    long disturbed = connect(() -> strangersDatagrams(fixture));
    assertThat(disturbed).isEqualTo(undisturbed);
    assertThat(sentElsewhere).isZero();
  }

  @Test
  void whatAStrangerSendsBeforeTheAnswerTakesNoPlaceFromTheTrueHandshake() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    SessionDescription offer = alice.offer();
    for (int i = 0; i < 20; i++) {
      toAlice(stranger, DtlsFixtures.CLIENT_HELLO);
    }
    SessionDescription answer = bob.answer(offer);
    alice.candidates.forEach(bob.connection::addIceCandidate);
    long[] firstHello = {Long.MAX_VALUE};
    bob.onSend =
        (_, datagram) -> {
          if (PacketKind.of(datagram) == PacketKind.DTLS) {
            firstHello[0] = Math.min(firstHello[0], network.nanoTime());
          }
        };
    // Bob checks, alice answers, and he begins the handshake: all before she has his answer.
    network.run(Duration.ofMillis(90));
    assertThat(firstHello[0]).isLessThan(network.nanoTime());
    alice.connection.setRemoteDescription(answer);
    long agreed = network.nanoTime();
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    // One round trip for her check, two for the rest of the handshake: the hello was there already.
    assertThat(network.nanoTime() - agreed).isLessThan(6 * DELAY.toNanos());
  }

  /** An established association knows by its keys what is not of it, from whatever address. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void theTruePathsAddressIsNoUseWhereThereAreKeys(String fixture) {
    connect(() -> {});
    for (int i = 0; i < 100; i++) {
      toAlice(bobAddress, fixture);
      toBob(aliceAddress, fixture);
    }
    network.run(Duration.ofSeconds(5));
    assertThat(alice.isConnected()).isTrue();
    assertThat(bob.isConnected()).isTrue();
  }
}
