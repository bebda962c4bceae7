package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.heliograph.peer.ice.StunAttribute.UseCandidate;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.LinkConditions;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;

/** Two agents on two public hosts, ten milliseconds apart, in virtual time. */
abstract class IceAgentFixture {
  static final Duration LIMIT = Duration.ofSeconds(30);
  static final LinkConditions NEAR = LinkConditions.delay(Duration.ofMillis(10));

  final NetworkEmulator network = new NetworkEmulator(1);
  final Host hostA = network.host("192.0.2.1", "2001:db8::1");
  final Host hostB = network.host("192.0.2.2", "2001:db8::2");
  IcePeer a = new IcePeer(network, hostA, IceRole.CONTROLLING, 11);
  IcePeer b = new IcePeer(network, hostB, IceRole.CONTROLLED, 12);

  IceAgentFixture() {
    hostA.uplink().setConditions(NEAR);
    hostB.uplink().setConditions(NEAR);
  }

  static Candidate candidate(String line) {
    try {
      return Candidate.parse(line);
    } catch (CandidateFormatException e) {
      throw new AssertionError(e);
    }
  }

  static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  /** Both on IPv4, everything signalled at once. */
  void connect() {
    a.bind("192.0.2.1");
    b.bind("192.0.2.2");
    a.agent.endOfLocalAddresses(network.nanoTime());
    b.agent.endOfLocalAddresses(network.nanoTime());
    a.signalTo(b);
    b.signalTo(a);
    assertThat(network.runUntil(() -> a.isCompleted() && b.isCompleted(), LIMIT)).isTrue();
  }

  void assertSamePath() {
    assertThat(a.selected().local()).isEqualTo(b.selected().remoteCandidate().address());
    assertThat(b.selected().local()).isEqualTo(a.selected().remoteCandidate().address());
  }

  void block(IcePeer peer) {
    LinkConditions nothing = LinkConditions.perfect().withLoss(1);
    Host host = peer == a ? hostA : hostB;
    host.uplink().setConditions(nothing);
    host.downlink().setConditions(nothing);
  }

  /** A controlling remote side made by hand, on ports of host A; it answers every check. */
  final class Aggressor {
    final IceCredentials credentials = IceCredentials.generate(new Random(5));
    private final StunWriter writer = new StunWriter();
    final InetSocketAddress to = b.bind("192.0.2.2");
    private final Map<Integer, VirtualSocket> sockets = new HashMap<>();

    InetSocketAddress address(int port) {
      return new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), port);
    }

    void nominate(int port, long priority) {
      sockets
          .computeIfAbsent(port, p -> hostA.bind("192.0.2.1", p, this::answer))
          .send(to, check(priority, true));
    }

    ByteBuffer check(long priority, boolean nominates) {
      writer
          .begin(StunClass.REQUEST, StunMessage.BINDING, new TransactionId(1, priority))
          .add(
              new StunAttribute.Username(
                  b.agent.localCredentials().usernameFragment()
                      + ":"
                      + credentials.usernameFragment()))
          .add(new StunAttribute.Priority(priority))
          .add(new StunAttribute.IceControlling(-1));
      if (nominates) {
        writer.add(new UseCandidate());
      }
      return writer.finish(StunKey.shortTerm(b.agent.localCredentials().password()));
    }

    private void answer(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      try {
        StunMessage message = StunMessage.parse(packet);
        if (message.messageClass() == StunClass.REQUEST) {
          writer
              .begin(StunClass.SUCCESS_RESPONSE, StunMessage.BINDING, message.transactionId())
              .add(new StunAttribute.XorMappedAddress(remote));
          sockets
              .get(local.getPort())
              .send(remote, writer.finish(StunKey.shortTerm(credentials.password())));
        }
      } catch (StunException e) {
        throw new AssertionError(e);
      }
    }
  }
}
