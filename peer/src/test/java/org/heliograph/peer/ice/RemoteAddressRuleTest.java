package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.heliograph.peer.netem.Host;
import org.heliograph.peer.netem.NetworkEmulator;
import org.heliograph.peer.netem.VirtualSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a description, a name, a check or a packet of media can have checks sent to. */
class RemoteAddressRuleTest {
  private static final RemoteAddressRule RULE = new RemoteAddressRule(false);
  private static final RemoteAddressRule ON_THIS_MACHINE = new RemoteAddressRule(true);

  private final NetworkEmulator network = new NetworkEmulator(1);
  private final Host host = network.host("192.0.2.1", "2001:db8::1");
  private final RelayPeer a = new RelayPeer(network, host, IceRole.CONTROLLING, 11, false);
  private final IceCredentials theirs = IceCredentials.generate(new Random(5));

  @ParameterizedTest
  @CsvSource({
    // Services, anywhere.
    "198.51.100.7, 22",
    "198.51.100.7, 53",
    "198.51.100.7, 161",
    "198.51.100.7, 1023",
    "192.168.1.1, 22",
    "2001:db8::7, 53",
    "198.51.100.7, 0",
    // The web, in private networks.
    "10.1.2.3, 80",
    "172.31.0.1, 443",
    "192.168.1.1, 80",
    "169.254.1.1, 443",
    "100.64.0.1, 80",
    "fd00::1, 443",
    "fe80::1, 80",
    // This machine.
    "127.0.0.1, 50000",
    "127.9.9.9, 443",
    "::1, 50000",
    // Nobody, or everybody.
    "0.0.0.0, 50000",
    "0.1.2.3, 50000",
    "::, 50000",
    "255.255.255.255, 50000",
    "224.0.0.251, 5353",
    "239.255.255.250, 1900",
    "ff02::fb, 5353",
    // The same, written as IPv6.
    "::ffff:127.0.0.1, 50000",
    "::ffff:192.168.1.1, 80",
    "::127.0.0.1, 50000",
    "64:ff9b::127.0.0.1, 50000",
    "64:ff9b::255.255.255.255, 50000",
    "64:ff9b::192.168.1.1, 443",
    "64:ff9b::224.0.0.1, 50000",
    "64:ff9b:1::7f00:1, 50000",
    "2002:7f00:1::1, 50000",
    "2002:c0a8:101::1, 80"
  })
  void refused(String ip, int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    assertThat(RULE.refusal(address)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.7, 1024", "198.51.100.7, 80", "198.51.100.7, 443", "192.168.1.1, 50000",
    "10.0.0.255, 50000", "100.64.0.1, 50000", "2001:db8::7, 443", "fd00::1, 50000",
    "64:ff9b::198.51.100.7, 443", "64:ff9b::192.168.1.1, 50000", "2002:c633:6407::1, 80"
  })
  void used(String ip, int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    assertThat(RULE.refusal(address)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1", "::ffff:127.0.0.1"})
  void loopbackIsUsedWhereTheOtherSideMayBeOnThisMachineAndNeverItsServices(String ip) {
    InetAddress loopback = InetAddress.ofLiteral(ip);
    assertThat(ON_THIS_MACHINE.admits(new InetSocketAddress(loopback, 50_000))).isTrue();
    for (int port : new int[] {22, 80, 443, 631}) {
      assertThat(ON_THIS_MACHINE.refusal(new InetSocketAddress(loopback, port)))
          .hasValueSatisfying(reason -> assertThat(reason).contains("port is " + port));
    }
  }

  /** Who sends from there knows the password; a description only points there. */
  @ParameterizedTest
  @CsvSource({
    "198.51.100.9, 443, true", "198.51.100.9, 80, true", "192.168.1.9, 443, true",
    "fd00::1, 80, true", "100.64.0.9, 443, true", "198.51.100.9, 53, false",
    "192.168.1.9, 22, false", "127.0.0.1, 443, false", "224.0.0.1, 443, false",
    "::ffff:127.0.0.1, 443, false"
  })
  void authenticPacketsAreHeardFromTheWebsPortsOnPrivateAddressesToo(
      String ip, int port, boolean heard) {
    InetSocketAddress source = new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    assertThat(RULE.hears(source)).isEqualTo(heard);
    assertThat(ON_THIS_MACHINE.hears(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"198.51.100.9, 443", "192.168.1.9, 443", "192.168.1.9, 80"})
  void anAuthenticCheckFromTheWebsPortsIsAnsweredAndLearnedFrom(String ip, int port) {
    begin();
    List<ByteBuffer> answers = new ArrayList<>();
    VirtualSocket peer =
        network.host(ip).bind(ip, port, (local, remote, packet) -> answers.add(packet));
    InetSocketAddress to = a.candidates.getFirst().address();

    peer.send(to, check());
    network.run(Duration.ofSeconds(1));
    assertThat(answers).isNotEmpty();
    assertThat(a.sentTo).contains(peer.local());
    assertThat(a.agent.isValidated(to, peer.local())).isTrue();
  }

  private void begin() {
    a.bind("192.0.2.1");
    a.bind("2001:db8::1");
    a.endOfServers();
    a.agent.setRemoteCredentials(network.nanoTime(), theirs, false);
  }

  private void name(String addressAndPort, String transport) {
    a.paths.addRemoteCandidate(
        network.nanoTime(), parse("1 1 " + transport + " 99 " + addressAndPort + " typ host"));
  }

  @Test
  void nothingIsSentWhereNothingMayBe() {
    List<InetSocketAddress> opened = new ArrayList<>();
    a.streams = new Recorder(opened);
    begin();
    for (String address :
        List.of("127.0.0.1 631", "192.168.1.1 22", "192.168.1.1 53", "::1 50000", "10.0.0.1 80")) {
      name(address, "udp");
      a.paths.addRemoteCandidate(
          network.nanoTime(), parse("1 1 tcp 99 " + address + " typ host tcptype passive"));
    }
    network.run(Duration.ofSeconds(10));
    assertThat(a.sentTo).isEmpty();
    assertThat(opened).isEmpty();
    assertThat(a.skipped).hasSize(10);
  }

  @Test
  void aNameIsJudgedByTheAddressThatItStandsFor() {
    begin();
    name("7d0a.local 50000", "udp");
    name("7d0b.local 53", "udp");
    name("7d0c.local 50000", "udp");
    a.found("7d0a.local", InetAddress.ofLiteral("127.0.0.1"));
    a.found("7d0b.local", InetAddress.ofLiteral("192.168.1.1"));
    a.found("7d0c.local", InetAddress.ofLiteral("192.168.1.2"));
    network.run(Duration.ofSeconds(2));
    assertThat(a.sentTo).containsOnly(new InetSocketAddress("192.168.1.2", 50_000));
    assertThat(a.skipped).hasSize(2);
  }

  @Test
  void aRelayIsNotAskedForWhereNothingMayBeSent() {
    TestTurnServer turn = new TestTurnServer(network, "198.51.100.1");
    a.use(turn);
    begin();
    network.run(Duration.ofSeconds(1));
    name("127.0.0.1 50000", "udp");
    name("192.168.1.1 161", "udp");
    network.run(Duration.ofSeconds(3));
    assertThat(a.candidates).anyMatch(candidate -> candidate.type() == CandidateType.RELAYED);
    assertThat(turn.count("permission")).isZero();
    name("192.168.1.1 50000", "udp");
    network.run(Duration.ofSeconds(3));
    assertThat(turn.count("permission")).isEqualTo(1);
  }

  @Test
  void whatIsBehindARelayOnLoopbackIsNoPeerUnlessTheRelayIsThereToo() {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    InetAddress elsewhere = InetAddress.ofLiteral("198.51.100.1");
    LocalBase afar =
        new LocalBase(new InetSocketAddress(elsewhere, 60_000), LocalBase.Kind.RELAYED, 0);
    LocalBase here =
        new LocalBase(new InetSocketAddress(loopback, 60_000), LocalBase.Kind.RELAYED, 0);
    assertThat(afar.reaches(loopback)).isFalse();
    assertThat(here.reaches(loopback)).isTrue();
  }

  /** The sender of a datagram is easily made up, and the answer goes where it points. */
  @Test
  void anAuthenticCheckFromAServicesPortIsNotAnsweredNorLearnedFrom() {
    begin();
    List<ByteBuffer> answers = new ArrayList<>();
    Host other = network.host("198.51.100.9");
    VirtualSocket service =
        other.bind("198.51.100.9", 53, (local, remote, packet) -> answers.add(packet));
    VirtualSocket peer =
        other.bind("198.51.100.9", 5300, (local, remote, packet) -> answers.add(packet));
    InetSocketAddress to = a.candidates.getFirst().address();

    service.send(to, check());
    network.run(Duration.ofSeconds(5));
    assertThat(answers).isEmpty();
    assertThat(a.agent.statistics()).isEmpty();
    assertThat(a.agent.isValidated(to, service.local())).isFalse();

    peer.send(to, check());
    network.run(Duration.ofSeconds(1));
    assertThat(answers).isNotEmpty();
    assertThat(a.agent.isValidated(to, peer.local())).isTrue();
  }

  @Test
  void authenticMediaFromAServicesPortHasNothingChecked() {
    begin();
    InetSocketAddress to = a.candidates.getFirst().address();
    a.agent.handleTraffic(network.nanoTime(), to, new InetSocketAddress("198.51.100.9", 53));
    network.run(Duration.ofSeconds(5));
    assertThat(a.sentTo).isEmpty();
    a.agent.handleTraffic(network.nanoTime(), to, new InetSocketAddress("198.51.100.9", 5300));
    network.run(Duration.ofSeconds(1));
    assertThat(a.sentTo).isNotEmpty();
  }

  private ByteBuffer check() {
    return new StunWriter()
        .begin(StunClass.REQUEST, StunMessage.BINDING, new TransactionId(1, 2))
        .add(
            new StunAttribute.Username(
                a.agent.localCredentials().usernameFragment() + ":" + theirs.usernameFragment()))
        .add(new StunAttribute.Priority(1))
        .add(new StunAttribute.IceControlled(1))
        .finish(StunKey.shortTerm(a.agent.localCredentials().password()));
  }

  private record Recorder(List<InetSocketAddress> opened) implements RelayPeer.Streams {
    @Override
    public void connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      opened.add(remote);
    }

    @Override
    public void send(int stream, ByteBuffer message) {}

    @Override
    public void disconnect(int stream) {}
  }

  private static Candidate parse(String line) {
    try {
      return Candidate.parse(line);
    } catch (CandidateFormatException e) {
      throw new AssertionError(e);
    }
  }
}
