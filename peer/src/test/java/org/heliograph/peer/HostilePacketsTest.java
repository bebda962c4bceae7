package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.heliograph.peer.MediaKind.AUDIO;
import static org.heliograph.peer.MediaKind.VIDEO;
import static org.heliograph.peer.TransceiverDirection.SENDRECV;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.stats.IceCandidatePairStats;
import org.heliograph.peer.stats.TransportStats;
import org.heliograph.peer.transport.PacketKind;
import org.junit.jupiter.api.Test;

/**
 * What somebody can do who sends packets to a call, or sends its own packets again, and has none of
 * its keys: nothing, for bounded work.
 */
class HostilePacketsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final NetworkEmulator network = new NetworkEmulator(5);
  private final Host aliceHost = network.host("192.0.2.1");
  private final Host bobHost = network.host("192.0.2.2");
  private final InetSocketAddress aliceAddress = aliceHost.address(0, 50_000);
  private final InetSocketAddress bobAddress = bobHost.address(0, 50_000);
  private final InetSocketAddress stranger = new InetSocketAddress("203.0.113.66", 6666);
  private final VirtualPeer alice = new VirtualPeer(network, aliceHost, 1, "192.0.2.1");
  private final VirtualPeer bob = new VirtualPeer(network, bobHost, 2, "192.0.2.2");
  private VirtualMedia media;

  /** What bob sends, by whom it goes to. */
  private int sentToStranger;

  private int bytesSentToStranger;

  private void call() {
    Transceiver sound = alice.connection.addTransceiver(AUDIO, SENDRECV);
    Transceiver picture = alice.connection.addTransceiver(VIDEO, SENDRECV);
    alice.trickleTo(bob, Duration.ofMillis(20));
    bob.trickleTo(alice, Duration.ofMillis(20));
    countWhatTheStrangerGets();
    alice.negotiateWith(bob);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
    media = new VirtualMedia(network, alice);
    media.sendPictures(picture);
    media.sendSound(sound);
  }

  private void countWhatTheStrangerGets() {
    bob.onSend =
        (remote, datagram) -> {
          if (remote.equals(stranger)) {
            sentToStranger++;
            bytesSentToStranger += datagram.remaining();
          }
        };
  }

  private static byte[] bytes(ByteBuffer datagram) {
    byte[] bytes = new byte[datagram.remaining()];
    datagram.get(datagram.position(), bytes);
    return bytes;
  }

  /** Everything that alice sends to bob from now on, by kind. */
  private Map<PacketKind, List<byte[]>> record() {
    Map<PacketKind, List<byte[]>> recorded = new EnumMap<>(PacketKind.class);
    alice.onSend =
        (remote, datagram) ->
            recorded
                .computeIfAbsent(PacketKind.of(datagram), kind -> new ArrayList<>())
                .add(bytes(datagram));
    return recorded;
  }

  private void toBob(InetSocketAddress from, byte[] datagram) {
    bob.connection.handleDatagram(
        network.nanoTime(), bobAddress, from, ByteBuffer.wrap(datagram.clone()));
  }

  private TransportStats bobsTransport() {
    return bob.connection.getStats().stream()
        .filter(TransportStats.class::isInstance)
        .map(TransportStats.class::cast)
        .findFirst()
        .orElseThrow();
  }

  /** The call goes on as if nothing had been: nothing is lost, doubled or damaged. */
  private void assertUntouched() {
    String path = bobsTransport().selectedCandidatePairId();
    network.run(Duration.ofSeconds(2));
    media.stop();
    network.run(Duration.ofSeconds(1));
    assertThat(bob.isConnected()).isTrue();
    assertThat(alice.isConnected()).isTrue();
    assertThat(bob.audio.stream().map(frame -> frame.payload()).toList())
        .isEqualTo(media.sentSounds);
    assertThat(bob.video.stream().map(frame -> frame.payload()).toList())
        .isEqualTo(media.sentPictures);
    assertThat(bobsTransport().selectedCandidatePairId()).isEqualTo(path);
  }

  @Test
  void packetsThatAreSentAgainAreRefused() {
    call();
    Map<PacketKind, List<byte[]>> recorded = record();
    network.run(Duration.ofSeconds(8));
    assertThat(recorded).containsKeys(PacketKind.RTP, PacketKind.RTCP, PacketKind.STUN);
    int frames = bob.audio.size() + bob.video.size();

    for (InetSocketAddress from : List.of(aliceAddress, stranger)) {
      for (List<byte[]> packets : recorded.values()) {
        packets.forEach(packet -> toBob(from, packet));
      }
    }

    assertThat(bob.audio.size() + bob.video.size()).isEqualTo(frames);
    assertUntouched();
    // An authentic check that is sent again from elsewhere is answered and checked in return, which
    // proves that the stranger is not alice; no more comes of it.
    assertThat(sentToStranger).isLessThan(60);
  }

  @Test
  void forgedMediaIsRefusedWhateverByteIsForged() {
    call();
    Map<PacketKind, List<byte[]>> recorded = record();
    alice.onSend =
        alice.onSend.andThen(
            (remote, datagram) -> {
              PacketKind kind = PacketKind.of(datagram);
              if (kind == PacketKind.RTP || kind == PacketKind.RTCP) {
                byte[] forged = bytes(datagram);
                List<byte[]> before = recorded.get(kind);
                int at = before.size() * 31 % forged.length;
                forged[at] ^= (byte) (1 << before.size() % 8);
                toBob(aliceAddress, forged); // comes before the authentic one
              }
            });
    network.run(Duration.ofSeconds(8));
    assertThat(recorded.get(PacketKind.RTP)).hasSizeGreaterThan(500);
    assertUntouched();
  }

  @Test
  void checksWithAForgedSignatureChangeNothingAndAreAnsweredByLessThanTheyCost() {
    call();
    Map<PacketKind, List<byte[]>> recorded = record();
    network.run(Duration.ofSeconds(12));
    int bytesReceived = 0;
    for (byte[] check : recorded.get(PacketKind.STUN)) {
      // Behind MESSAGE-INTEGRITY stands FINGERPRINT, 8 octets that nothing signs (RFC 8489 14.5).
      for (int at = 20; at < check.length - 8; at++) {
        byte[] forged = check.clone();
        forged[at] ^= 1;
        toBob(stranger, forged);
        bytesReceived += forged.length;
      }
    }
    assertThat(bytesReceived).isPositive();
    assertThat(bytesSentToStranger).isLessThanOrEqualTo(bytesReceived);
    long pairs =
        bob.connection.getStats().stream().filter(IceCandidatePairStats.class::isInstance).count();
    assertThat(pairs).isEqualTo(1);
    assertUntouched();
  }

  @Test
  void aHandshakeBeforeIceIsNotAnsweredAndLeavesNothing() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    SessionDescription offer = alice.offer();
    countWhatTheStrangerGets();
    byte[] flight = new byte[600];
    flight[0] = 22; // a handshake record of DTLS 1.2
    flight[1] = (byte) 0xFE;
    flight[2] = (byte) 0xFD;
    for (int i = 0; i < 1_000; i++) {
      toBob(stranger, flight);
    }
    alice.connection.setRemoteDescription(bob.answer(offer));
    for (int i = 0; i < 1_000; i++) {
      toBob(stranger, flight);
    }
    network.run(Duration.ofSeconds(1));
    assertThat(sentToStranger).isZero();

    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    assertThat(network.runUntil(() -> alice.isConnected() && bob.isConnected(), LIMIT)).isTrue();
  }

  @Test
  void aFloodOfStrangersPacketsIsNeitherAnsweredNorKept() {
    call();
    network.run(Duration.ofSeconds(1));
    List<byte[]> flood = new ArrayList<>();
    Random random = new Random(9);
    for (int firstByte = 0; firstByte < 256; firstByte++) {
      byte[] packet = new byte[200 + random.nextInt(1000)];
      random.nextBytes(packet);
      packet[0] = (byte) firstByte;
      flood.add(packet);
    }
    for (int round = 0; round < 40; round++) {
      flood.forEach(packet -> toBob(stranger, packet));
    }

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    int packets = 0;
    byte[] copy = new byte[1200];
    ByteBuffer datagram = ByteBuffer.wrap(copy);
    for (int round = 0; round < 200; round++) {
      for (byte[] packet : flood) {
        System.arraycopy(packet, 0, copy, 0, packet.length);
        datagram.clear().limit(packet.length);
        bob.connection.handleDatagram(network.nanoTime(), bobAddress, stranger, datagram);
        packets++;
      }
    }
    long perPacket = (threads.getCurrentThreadAllocatedBytes() - before) / packets;

    assertThat(sentToStranger).isZero();
    // Most of it is the exception by which the JDK's AES-GCM says that a packet is not authentic.
    assertThat(perPacket).as("bytes of garbage for a stranger's packet").isLessThan(1024);
    assertUntouched();
  }

  @Test
  void packetsOfEveryLengthAndKindAreSurvived() {
    call();
    byte[] starts = {0, 1, 20, 22, 63, 64, (byte) 0x80, (byte) 0x90, (byte) 0xBF, (byte) 0xFF};
    byte[] seconds = {0, 1, 96, (byte) 0xC8, (byte) 0xCD, (byte) 0xFE, (byte) 0xFF};
    for (int length = 0; length <= 2_100; length++) {
      for (byte start : starts) {
        byte[] packet = new byte[length];
        if (length > 0) {
          packet[0] = start;
        }
        if (length > 1) {
          packet[1] = seconds[length % seconds.length];
        }
        toBob(length % 2 == 0 ? aliceAddress : stranger, packet);
      }
    }
    assertUntouched();
  }

  @Test
  void theAnswerersCertificateIsCheckedAsWell() {
    alice.connection.addTransceiver(AUDIO, SENDRECV);
    alice.trickleTo(bob, Duration.ZERO);
    bob.trickleTo(alice, Duration.ZERO);
    String another = "a=fingerprint:sha-256 " + "22:".repeat(31) + "22";
    String offer = alice.offer().sdp().replaceAll("a=fingerprint:[^\r]*", another);
    alice.connection.setRemoteDescription(bob.answer(new SessionDescription(SdpType.OFFER, offer)));

    network.run(LIMIT);

    assertThat(bob.states)
        .doesNotContain(PeerConnectionState.CONNECTED)
        .endsWith(PeerConnectionState.FAILED);
    assertThat(bob.failure).contains("certificate");
  }

  @Test
  void everyCallHasKeysAndNamesOfItsOwn() {
    VirtualPeer again = new VirtualPeer(network, network.host("192.0.2.3"), 3, "192.0.2.3");
    List<String> secrets = new ArrayList<>();
    for (VirtualPeer peer : List.of(alice, bob, again)) {
      peer.connection.addTransceiver(AUDIO, SENDRECV);
      String sdp = peer.offer().sdp();
      for (String attribute : List.of("ice-ufrag", "ice-pwd", "fingerprint", "ssrc")) {
        secrets.add(attribute(sdp, attribute));
      }
      secrets.add(sdp.lines().filter(line -> line.startsWith("o=")).findFirst().orElseThrow());
    }
    assertThat(secrets).doesNotHaveDuplicates();
  }

  private static String attribute(String sdp, String name) {
    return sdp.lines().filter(line -> line.startsWith("a=" + name + ":")).findFirst().orElseThrow();
  }

  @Test
  void noPasswordIsLoggedOrPrinted() throws Exception {
    List<String> logged = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            logged.add(new SimpleFormatter().format(entry));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger root = Logger.getLogger("org.heliograph");
    root.addHandler(handler);
    root.setLevel(Level.ALL);
    SessionDescription offer;
    try {
      handler.setLevel(Level.ALL);
      call();
      packetsOfStrangers();
      offer = alice.connection.localDescription().orElseThrow();
      alice.connection.close(network.nanoTime());
      network.run(Duration.ofSeconds(1));
    } finally {
      root.removeHandler(handler);
      root.setLevel(null);
    }
    String password = attribute(offer.sdp(), "ice-pwd").substring("a=ice-pwd:".length());
    logged.add(offer.toString());
    logged.add(alice.connection.getStats().toString());
    assertThat(String.join("\n", logged)).doesNotContain(password);
  }

  private void packetsOfStrangers() {
    Random random = new Random(4);
    for (int i = 0; i < 500; i++) {
      byte[] packet = new byte[random.nextInt(300)];
      random.nextBytes(packet);
      toBob(stranger, packet);
    }
    network.run(Duration.ofSeconds(1));
  }
}
