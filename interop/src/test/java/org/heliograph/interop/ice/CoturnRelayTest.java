package org.heliograph.interop.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.heliograph.interop.lab.Coturn;
import org.heliograph.peer.IceCandidateInit;
import org.heliograph.peer.IceServer;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.MediaKind;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.PeerListener;
import org.heliograph.peer.SessionDescription;
import org.heliograph.peer.Transceiver;
import org.heliograph.peer.TransceiverDirection;
import org.heliograph.peer.media.MediaFormat;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.net.PeerDriver;
import org.heliograph.peer.stats.IceCandidateStats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls through coturn, shown by the sound that arrives. */
@Timeout(90)
class CoturnRelayTest {
  /** Loopback candidates, no servers: who is called. */
  private static final PeerConfiguration DIRECT = new PeerConfiguration(List.of(), true);

  /** One side of a call. */
  private static final class Side implements PeerListener, AutoCloseable {
    final BlockingQueue<IceCandidateInit> candidates = new LinkedBlockingQueue<>();
    final CompletableFuture<Void> connected = new CompletableFuture<>();
    final CompletableFuture<String> failed = new CompletableFuture<>();
    final List<String> servers = new CopyOnWriteArrayList<>();
    final BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();
    final PeerDriver driver;
    final Transceiver sound;

    Side(PeerConfiguration configuration) {
      try {
        driver = PeerDriver.open(configuration, this);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      sound = call(peer -> peer.addTransceiver(MediaKind.AUDIO, TransceiverDirection.SENDRECV));
    }

    <T> T call(Function<PeerConnection, T> step) {
      return driver.call(step).join();
    }

    SessionDescription offer() {
      return call(
          peer -> {
            SessionDescription offer = peer.createOffer();
            peer.setLocalDescription(offer);
            return offer;
          });
    }

    SessionDescription answer(SessionDescription offer) {
      return call(
          peer -> {
            peer.setRemoteDescription(offer);
            SessionDescription answer = peer.createAnswer();
            peer.setLocalDescription(answer);
            return answer;
          });
    }

    /** Every candidate up to the end of them, also given to the other side. */
    List<String> tell(Side other) throws InterruptedException {
      List<String> told = new ArrayList<>();
      while (true) {
        IceCandidateInit candidate = candidates.take();
        other.call(
            peer -> {
              peer.addIceCandidate(candidate);
              return null;
            });
        if (candidate.candidate().isEmpty()) {
          return told;
        }
        told.add(candidate.candidate());
      }
    }

    void play(int number) {
      ByteBuffer packet = ByteBuffer.allocate(40).put(0, (byte) 0xF8).putInt(1, number);
      driver.send(
          sound,
          new MediaFrame(
              MediaFormat.OPUS,
              PeerDriver.nanoTime(),
              Duration.ofMillis(20).toNanos(),
              true,
              packet));
    }

    @Override
    public void onIceCandidate(IceCandidateInit candidate) {
      candidates.add(candidate);
    }

    @Override
    public void onConnectionStateChange(PeerConnectionState state) {
      if (state == PeerConnectionState.CONNECTED) {
        connected.complete(null);
      }
    }

    @Override
    public void onIceServer(String url, InetSocketAddress address) {
      servers.add(url + " relays at " + address.getAddress().getHostAddress());
    }

    @Override
    public void onIceCandidateError(String url, int errorCode, String errorText) {
      servers.add(url + " " + errorCode + " " + errorText);
    }

    @Override
    public void onFailed(String reason) {
      failed.complete(reason);
    }

    @Override
    public void onFrame(Transceiver transceiver, MediaFrame frame) {
      received.add(frame.payload());
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  private static PeerConfiguration relayed(String url, String user, String password) {
    return new PeerConfiguration(List.of(new IceServer(List.of(url), user, password)), true)
        .withIceTransportPolicy(IceTransportPolicy.RELAY);
  }

  private static PeerConfiguration relayed(Coturn coturn, String transport) {
    return relayed(coturn.url(transport), Coturn.USER, Coturn.PASSWORD)
        .withIceCertificateAuthorities(coturn.certificate());
  }

  /** Signals everything; gives the candidates of the caller. */
  private static List<String> signal(Side caller, Side callee) throws InterruptedException {
    SessionDescription answer = callee.answer(caller.offer());
    caller.call(
        peer -> {
          peer.setRemoteDescription(answer);
          return null;
        });
    callee.tell(caller);
    return caller.tell(callee);
  }

  /** What one side plays is what the other one hears, both ways. */
  private static void assertSoundGoesBothWays(Side caller, Side callee, int count)
      throws InterruptedException {
    caller.connected.join();
    callee.connected.join();
    for (int i = 0; i < count; i++) {
      caller.play(i);
      assertThat(callee.received.take().getInt(1)).isEqualTo(i);
      callee.play(1000 + i);
      assertThat(caller.received.take().getInt(1)).isEqualTo(1000 + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp", "tcp", "tls"})
  void soundGoesThroughTheRelayAndNoAddressIsTold(String transport) throws Exception {
    try (Coturn coturn = Coturn.start();
        Side caller = new Side(relayed(coturn, transport));
        Side callee = new Side(DIRECT)) {
      List<String> told = signal(caller, callee);
      assertThat(told).isNotEmpty();
      assertThat(told).allMatch(line -> line.contains(" typ relay raddr 0.0.0.0 rport 0"));
      assertSoundGoesBothWays(caller, callee, 50);
      assertThat(caller.servers).hasSize(1).first().asString().endsWith(" relays at 127.0.0.1");
      assertThat(caller.call(PeerConnection::getStats))
          .filteredOn(stats -> stats.type().equals("local-candidate"))
          .isNotEmpty()
          .allSatisfy(
              stats -> {
                IceCandidateStats candidate = (IceCandidateStats) stats;
                assertThat(candidate.relayProtocol()).isEqualTo(transport);
                assertThat(candidate.url()).startsWith(coturn.url(transport));
              });
      coturn.awaitLine("CHANNEL_BIND processed, success");
      caller.driver.close();
      coturn.awaitLine("refreshed, realm=<" + Coturn.REALM + ">, username=<ann>, lifetime=0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"udp", "tcp"})
  void relayWithoutIpv4IsUsedOverIpv6(String transport) throws Exception {
    assumeThat(hasIpv6()).as("whether this machine has IPv6 on loopback").isTrue();
    try (Coturn coturn = Coturn.startOnIpv6();
        Side caller = new Side(relayed(coturn, transport));
        Side callee = new Side(DIRECT)) {
      List<String> told = signal(caller, callee);
      assertThat(told).isNotEmpty();
      assertThat(told).allMatch(line -> line.contains(" typ relay raddr 0:0:0:0:0:0:0:0 rport 0"));
      assertSoundGoesBothWays(caller, callee, 20);
      coturn.awaitLine("CHANNEL_BIND processed, success");
    }
  }

  private static boolean hasIpv6() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .anyMatch(address -> address instanceof Inet6Address && address.isLoopbackAddress());
  }

  @Test
  void bothSidesMayBeOnRelaysOfDifferentTransports() throws Exception {
    try (Coturn coturn = Coturn.start();
        Side caller = new Side(relayed(coturn, "udp"));
        Side callee = new Side(relayed(coturn, "tls"))) {
      signal(caller, callee);
      assertSoundGoesBothWays(caller, callee, 20);
    }
  }

  @Test
  void timeLimitedCredentialIsAccepted() throws Exception {
    String secret = "a secret that only servers know";
    try (Coturn coturn = Coturn.withSecret(secret)) {
      IceServer minted =
          IceServer.withSharedSecret(
              List.of(coturn.url("udp")), secret, "ann", Instant.now().plusSeconds(600));
      PeerConfiguration configuration =
          new PeerConfiguration(List.of(minted), true)
              .withIceTransportPolicy(IceTransportPolicy.RELAY);
      try (Side caller = new Side(configuration);
          Side callee = new Side(DIRECT)) {
        signal(caller, callee);
        assertSoundGoesBothWays(caller, callee, 10);
      }
    }
  }

  @Test
  void staleNonceIsReplacedDuringTheCall() throws Exception {
    try (Coturn coturn = Coturn.start("--stale-nonce=1", "--max-allocate-lifetime=4");
        Side caller = new Side(relayed(coturn, "udp"));
        Side callee = new Side(DIRECT)) {
      signal(caller, callee);
      assertSoundGoesBothWays(caller, callee, 5);
      coturn.awaitLine("438: Stale nonce");
      coturn.awaitLine("refreshed, realm");
      assertSoundGoesBothWays(caller, callee, 5);
    }
  }

  @Test
  void alternateServerIsFollowed() throws Exception {
    try (Coturn second = Coturn.start();
        Coturn first = Coturn.start("--alternate-server=127.0.0.1:" + second.port());
        Side caller = new Side(relayed(first, "udp"));
        Side callee = new Side(DIRECT)) {
      signal(caller, callee);
      assertSoundGoesBothWays(caller, callee, 10);
      second.awaitLine("CHANNEL_BIND processed, success");
    }
  }

  @Test
  void reasonWhyNoServerRelaysIsTold() throws Exception {
    try (Coturn coturn = Coturn.start();
        Side wrongPassword = new Side(relayed(coturn.url("udp"), Coturn.USER, "wrong horse"));
        Side nobodysCertificate =
            new Side(relayed(coturn.url("tls"), Coturn.USER, Coturn.PASSWORD));
        Side anothersCertificate =
            new Side(
                relayed(
                        coturn.url("tls").replace("localhost", "127.0.0.1"),
                        Coturn.USER,
                        Coturn.PASSWORD)
                    .withIceCertificateAuthorities(coturn.certificate()));
        Side a = new Side(DIRECT);
        Side b = new Side(DIRECT);
        Side c = new Side(DIRECT)) {
      assertThat(signal(wrongPassword, a)).isEmpty();
      assertThat(signal(nobodysCertificate, b)).isEmpty();
      assertThat(signal(anothersCertificate, c)).isEmpty();
      assertThat(wrongPassword.failed.join())
          .contains(coturn.url("udp"))
          .contains("refuses the user name or password: 401")
          .doesNotContain("wrong horse");
      assertThat(nobodysCertificate.failed.join())
          .contains("its TLS certificate or its TLS is not accepted")
          .contains("certification path");
      assertThat(anothersCertificate.failed.join())
          .contains("its TLS certificate or its TLS is not accepted")
          .contains("127.0.0.1");
      assertThat(wrongPassword.servers).singleElement().asString().contains(" 401 it refuses");
      assertThat(nobodysCertificate.servers).singleElement().asString().contains(" 701 its TLS");
      assertThat(coturn.log()).doesNotContain("ALLOCATE processed, success");
    }
  }

  @Test
  void livingServerDoesNotWaitForADeadOne() throws Exception {
    try (Coturn coturn = Coturn.start()) {
      PeerConfiguration configuration =
          new PeerConfiguration(
                  List.of(
                      new IceServer(List.of("turn:127.0.0.1:9"), "u", "p"),
                      new IceServer(List.of(coturn.url("tcp")), Coturn.USER, Coturn.PASSWORD)),
                  true)
              .withIceTransportPolicy(IceTransportPolicy.RELAY);
      try (Side caller = new Side(configuration);
          Side callee = new Side(DIRECT)) {
        SessionDescription answer = callee.answer(caller.offer());
        caller.call(
            peer -> {
              peer.setRemoteDescription(answer);
              return null;
            });
        callee.tell(caller);
        IceCandidateInit first = caller.candidates.take();
        callee.call(
            peer -> {
              peer.addIceCandidate(first);
              return null;
            });
        assertSoundGoesBothWays(caller, callee, 5);
        assertThat(caller.candidates).as("the end is still awaited").isEmpty();
        assertThat(caller.candidates.take().candidate()).isEmpty();
      }
    }
  }
}
