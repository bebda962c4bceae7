package org.heliograph.peer.ice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandidateTest {
  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
  }

  @Test
  void readsAHostCandidateOfChromium() throws CandidateFormatException {
    Candidate candidate =
        Candidate.parse(
            "candidate:842163049 1 udp 2122260223 192.168.1.7 56143 typ host generation 0"
                + " ufrag EsAw network-id 1 network-cost 10");
    assertThat(candidate)
        .isEqualTo(
            new Candidate(
                "842163049",
                1,
                "udp",
                2122260223L,
                address("192.168.1.7", 56143),
                CandidateType.HOST,
                Optional.empty(),
                Optional.empty(),
                Optional.of("EsAw")));
  }

  @Test
  void readsAServerReflexiveCandidateOfFirefox() throws CandidateFormatException {
    Candidate candidate =
        Candidate.parse(
            "candidate:1 1 UDP 1685987327 203.0.113.9 61665 typ srflx raddr 10.0.0.2 rport 61665");
    assertThat(candidate.transport()).isEqualTo("udp");
    assertThat(candidate.type()).isEqualTo(CandidateType.SERVER_REFLEXIVE);
    assertThat(candidate.relatedAddress()).contains(address("10.0.0.2", 61665));
  }

  @Test
  void readsATcpCandidate() throws CandidateFormatException {
    Candidate candidate =
        Candidate.parse(
            "a=candidate:2 1 TCP 2105524479 192.168.1.7 9 typ host tcptype active generation 0");
    assertThat(candidate.transport()).isEqualTo("tcp");
    assertThat(candidate.tcpType()).contains("active");
  }

  @Test
  void readsAnMdnsNameWithoutResolvingIt() throws CandidateFormatException {
    Candidate candidate =
        Candidate.parse(
            "candidate:1 1 udp 2113937151 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 45664"
                + " typ host");
    assertThat(candidate.address().isUnresolved()).isTrue();
    assertThat(candidate.address().getHostString()).endsWith(".local");
  }

  /** Nobody needs it to reach the other side. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "raddr 10.0.0.3 rport x",
        "raddr 10.0.0.3 rport 65536",
        "raddr a_b rport 1",
        "raddr host.example.com rport 1",
        "raddr 10.0.0.3"
      })
  void aRelatedAddressThatCannotBeReadIsPassedOver(String related) throws CandidateFormatException {
    Candidate candidate = Candidate.parse("candidate:1 1 udp 1 10.0.0.2 5000 typ srflx " + related);
    assertThat(candidate.relatedAddress()).isEmpty();
    assertThat(candidate.address()).isEqualTo(address("10.0.0.2", 5000));
  }

  @Test
  void theZoneOfARelatedAddressIsTheOtherHosts() throws CandidateFormatException {
    assertThat(
            Candidate.parse("candidate:1 1 udp 1 2001:db8::1 5 typ srflx raddr fe80::1%lo rport 6")
                .relatedAddress())
        .contains(address("fe80::1", 6));
  }

  @Test
  void aFoundationMayBeLongerThanTheStandardAllows() throws CandidateFormatException {
    String foundation = "9b36eaac-bb2e-49bb-bb78-21c41c499900";
    assertThat(Candidate.parse("candidate:" + foundation + " 1 udp 1 10.0.0.2 5 typ host"))
        .satisfies(candidate -> assertThat(candidate.foundation()).isEqualTo(foundation));
  }

  @Test
  void readsAnIpv6Candidate() throws CandidateFormatException {
    assertThat(Candidate.parse("candidate:1 1 udp 1 2001:db8::7 9 typ host").address())
        .isEqualTo(address("2001:db8::7", 9));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "candidate:1 1 udp 2130706431 10.0.0.2 5000 typ host ufrag abcd",
        "candidate:a/+Z 1 udp 1694498815 203.0.113.9 6000 typ srflx raddr 10.0.0.2 rport 5000",
        "candidate:7 1 tcp 1671430143 10.0.0.2 9 typ host tcptype active",
        "candidate:7 1 udp 1671430143 host-1.local 9 typ host",
        "candidate:7 2 udp 1671430143 10.0.0.2 9 typ relay raddr 0.0.0.0 rport 0",
      })
  void formatsWhatItReads(String line) throws CandidateFormatException {
    assertThat(Candidate.parse(line).format()).isEqualTo(line);
  }

  @Test
  void zoneOfALinkLocalAddressStaysHere() throws Exception {
    byte[] bytes = InetAddress.ofLiteral("fe80::1").getAddress();
    InetSocketAddress scoped =
        new InetSocketAddress(Inet6Address.getByAddress(null, bytes, 3), 5000);
    Candidate candidate =
        Candidate.udp("1", 1, scoped, CandidateType.HOST, Optional.empty(), "abcd");
    assertThat(candidate.format()).doesNotContain("%");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "candidate:",
        "candidate:1 1 udp 2130706431 10.0.0.2 5000 typ",
        "candidate:1 1 udp 2130706431 10.0.0.2 5000 host typ",
        "candidate:1 0 udp 2130706431 10.0.0.2 5000 typ host",
        "candidate:1 257 udp 2130706431 10.0.0.2 5000 typ host",
        "candidate:1 1 udp -1 10.0.0.2 5000 typ host",
        "candidate:1 1 udp 4294967296 10.0.0.2 5000 typ host",
        "candidate:1 1 udp 99999999999999999999 10.0.0.2 5000 typ host",
        "candidate:1 1 udp 1 10.0.0.2 65536 typ host",
        "candidate:1 1 udp 1 10.0.0.256 5000 typ host",
        "candidate:1 1 udp 1 a_b 5000 typ host",
        "candidate:1 1 udp 1 ::1::2 5000 typ host",
        "candidate:1 1 udp 1 10.0.0.2 5000 typ moon",
        "candidate:1 1 udp 1 fe80::1%wlan7 5000 typ host",
        "candidate:1 1 udp 1 fe80::1%lo 5000 typ host",
        "candidate:1 1 udp 1 turn.example.com 5000 typ host",
        "candidate:1 1 udp 1 local 5000 typ host",
      })
  void malformedLinesAreRefused(String line) {
    assertThatThrownBy(() -> Candidate.parse(line)).isInstanceOf(CandidateFormatException.class);
  }

  @Test
  void priorityIsTheRecommendedFormula() {
    assertThat(Candidate.priority(CandidateType.HOST, 65535)).isEqualTo(2130706431L);
    assertThat(Candidate.priority(CandidateType.SERVER_REFLEXIVE, 65535)).isEqualTo(1694498815L);
  }
}
