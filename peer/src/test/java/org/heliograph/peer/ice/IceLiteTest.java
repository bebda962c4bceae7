package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.ice.StunAttribute.UseCandidate;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.Nat;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;
import org.junit.jupiter.api.Test;

/**
 * An ICE-lite remote side (RFC 8445 2.5), as media servers are: it answers checks, sends none, and
 * uses the pair that was nominated last.
 */
class IceLiteTest {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final NetworkEmulator network = new NetworkEmulator(4);
  private final Host server = network.host("192.0.2.9");
  private final LiteAgent lite = new LiteAgent();

  /** The lite side, made by hand. */
  private final class LiteAgent {
    private final StunWriter writer = new StunWriter();
    private final Random random = new Random(6);
    private final VirtualSocket socket = server.bind("192.0.2.9", 3000, this::receive);
    private IceCredentials credentials = IceCredentials.generate(random);
    private InetSocketAddress path;
    private int media;

    void restart() {
      credentials = IceCredentials.generate(random);
    }

    void sendMedia() {
      if (path != null) {
        socket.send(path, ByteBuffer.allocate(160).put(0, (byte) 0x80));
      }
      network.clock().after(Duration.ofMillis(20), this::sendMedia);
    }

    private void receive(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      if (!StunMessage.looksLikeStun(packet)) {
        media++;
        return;
      }
      try {
        StunMessage request = StunMessage.parse(packet);
        StunKey key = StunKey.shortTerm(credentials.password());
        if (request.messageClass() != StunClass.REQUEST || !request.isAuthentic(key)) {
          return;
        }
        if (request.has(UseCandidate.class)) {
          path = remote;
        }
        writer
            .begin(StunClass.SUCCESS_RESPONSE, StunMessage.BINDING, request.transactionId())
            .add(new StunAttribute.XorMappedAddress(remote));
        socket.send(remote, writer.finish(key));
      } catch (StunException e) {
        throw new AssertionError(e);
      }
    }

    Candidate candidate() {
      return Candidate.udp(
          "1",
          Candidate.priority(CandidateType.HOST, 65535),
          socket.local(),
          CandidateType.HOST,
          Optional.empty(),
          credentials.usernameFragment());
    }
  }

  private IcePeer connect(Host host, String address) {
    IcePeer peer = new IcePeer(network, host, IceRole.CONTROLLED, 8);
    host.uplink().setConditions(LinkConditions.delay(Duration.ofMillis(20)));
    peer.bind(address);
    peer.agent.endOfLocalAddresses(network.nanoTime());
    agree(peer);
    assertThat(network.runUntil(peer::isCompleted, LIMIT)).isTrue();
    peer.sendMedia();
    lite.sendMedia();
    network.run(Duration.ofSeconds(10));
    return peer;
  }

  private void agree(IcePeer peer) {
    peer.agent.setRemoteCredentials(network.nanoTime(), lite.credentials, true);
    peer.agent.addRemoteCandidate(network.nanoTime(), lite.candidate());
    peer.agent.endOfRemoteCandidates(network.nanoTime());
  }

  private void assertMediaFlowsWithin(IcePeer peer, Duration time) {
    network.run(Duration.ofMillis(100));
    int sent = lite.media;
    int received = peer.media.size();
    assertThat(
            network.runUntil(() -> lite.media > sent + 5 && peer.media.size() > received + 5, time))
        .isTrue();
  }

  @Test
  void isControlledAndItsPairNominated() {
    IcePeer peer = connect(network.host("192.0.2.1"), "192.0.2.1");
    assertThat(peer.agent.role()).isEqualTo(IceRole.CONTROLLING);
    assertThat(lite.path).isEqualTo(peer.selected().local());
    network.run(Duration.ofMinutes(5));
    assertThat(peer.states)
        .containsExactly(IceState.CHECKING, IceState.CONNECTED, IceState.COMPLETED);
  }

  @Test
  void learnsOfANatRebindingFromOurChecks() {
    Nat nat = network.nat(Nat.Behaviour.SYMMETRIC, "203.0.113.1");
    IcePeer peer = connect(nat.host("10.0.0.2"), "10.0.0.2");
    InetSocketAddress before = lite.path;
    nat.rebind();
    assertMediaFlowsWithin(peer, Duration.ofSeconds(2));
    assertThat(lite.path).isNotEqualTo(before);
  }

  @Test
  void learnsOfAnotherAddressFromOurChecks() {
    Host host = network.host("192.0.2.1");
    IcePeer peer = connect(host, "192.0.2.1");
    host.removeAddress("192.0.2.1");
    host.addAddress("192.0.2.77");
    peer.unbind("192.0.2.1")
        .forEach(gone -> peer.agent.removeLocalAddress(network.nanoTime(), gone));
    InetSocketAddress bound = peer.bind("192.0.2.77");
    assertMediaFlowsWithin(peer, Duration.ofSeconds(1));
    assertThat(lite.path).isEqualTo(bound);
  }

  @Test
  void takesPartInARestart() {
    IcePeer peer = connect(network.host("192.0.2.1"), "192.0.2.1");
    peer.agent.restart(network.nanoTime());
    lite.restart();
    agree(peer);
    assertMediaFlowsWithin(peer, Duration.ofSeconds(1));
    network.run(Duration.ofMinutes(1));
    assertThat(peer.isCompleted()).isTrue();
    assertThat(peer.agent.role()).isEqualTo(IceRole.CONTROLLING);
  }
}
