package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.transport.TransportCounters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A guest who is authenticated, and sends packets of sources that no correct one would. */
class HostileSourcesTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int MANY =
      InboundSrtp.DEFAULT_MAX_SOURCES + InboundSrtp.DEFAULT_MAX_RETIRED + 5000;

  private final NetworkEmulator network = new NetworkEmulator(7);
  private final Host hostHost = network.host("192.0.2.1");
  private final Host guestHost = network.host("192.0.2.2");
  private final VirtualPeer host = new VirtualPeer(network, hostHost, 1, "192.0.2.1");
  private final VirtualPeer guest = new VirtualPeer(network, guestHost, 2, "192.0.2.2");
  private final VirtualMedia hosts = new VirtualMedia(network, host);
  private final VirtualMedia guests = new VirtualMedia(network, guest);

  @BeforeEach
  void connect() {
    Transceiver hostPicture = host.connection.addTransceiver(VIDEO, SENDRECV);
    Transceiver guestPicture = guest.connection.addTransceiver(VIDEO, SENDRECV);
    host.trickleTo(guest, Duration.ofMillis(5));
    guest.trickleTo(host, Duration.ofMillis(5));
    host.negotiateWith(guest);
    assertThat(network.runUntil(() -> host.isConnected() && guest.isConnected(), LIMIT)).isTrue();
    hosts.sendPictures(hostPicture);
    guests.sendPictures(guestPicture);
    network.run(Duration.ofSeconds(1));
  }

  /** Sends a packet of VP8 that names no section, behind the transform of a side. */
  private static void sendRaw(VirtualPeer from, int ssrc, int sequenceNumber) {
    ByteBuffer packet = ByteBuffer.allocate(100);
    packet.put((byte) 0x80).put((byte) 96).putShort((short) sequenceNumber).putInt(0).putInt(ssrc);
    packet.put((byte) 0x10).putInt(0).flip();
    from.connection.transport().sendRtp(packet);
  }

  private void assertBothSeeEachOther() {
    int hostBefore = host.video.size();
    int guestBefore = guest.video.size();
    network.run(Duration.ofSeconds(2));
    assertThat(host.video).hasSizeGreaterThan(hostBefore + 45);
    assertThat(guest.video).hasSizeGreaterThan(guestBefore + 45);
  }

  @Test
  void sourcesWithoutNumberAreRefusedAndThoseThatThereAreGoOn() {
    TransportCounters received = host.connection.transport().counters();
    // The guest's own bound is as high: what it is refused on its side, the host never sees.
    for (int i = 0; i < MANY; i++) {
      sendRaw(guest, 0x1000_0000 + i, 1);
      if (i % 200 == 0) {
        network.run(Duration.ofMillis(40));
      }
    }
    network.run(Duration.ofMillis(100));
    long refused = received.packetsRefused();
    long notProtected = guest.connection.transport().counters().packetsNotProtected();

    assertThat(notProtected).isBetween(4990L, 5010L);
    assertThat(refused).isLessThan(10);
    assertBothSeeEachOther();
    assertThat(host.failure).isEmpty();
  }

  @Test
  void aPacketThatCannotBeProtectedIsDroppedAndCounted() {
    int[] sent = {0};
    sendRaw(host, 77, 5);
    host.onSend = (remote, datagram) -> sent[0]++;
    sendRaw(host, 77, 5);

    assertThat(sent[0]).isZero();
    assertThat(host.connection.transport().counters().packetsNotProtected()).isOne();
    assertBothSeeEachOther();
  }
}
