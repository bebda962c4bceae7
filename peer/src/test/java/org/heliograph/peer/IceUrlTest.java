package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.heliograph.peer.IceUrl.Scheme;
import org.heliograph.peer.IceUrl.Transport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7064 3.1, RFC 7065 3.1. */
class IceUrlTest {
  @ParameterizedTest
  @CsvSource({
    "stun:stun.example.org, STUN, stun.example.org, 3478, UDP",
    "stun:192.0.2.1:19302, STUN, 192.0.2.1, 19302, UDP",
    "stun:[2001:db8::1]:5000, STUN, 2001:db8::1, 5000, UDP",
    "turn:turn.example.org, TURN, turn.example.org, 3478, UDP",
    "turn:turn.example.org?transport=udp, TURN, turn.example.org, 3478, UDP",
    "turn:turn.example.org:80?transport=tcp, TURN, turn.example.org, 80, TCP",
    "turns:[2001:db8::1], TURNS, 2001:db8::1, 5349, TCP",
    "TURNS:turn.example.org:443?transport=TCP, TURNS, turn.example.org, 443, TCP",
  })
  void partsAreReadAndDefaultsStandIn(
      String url, Scheme scheme, String host, int port, Transport transport) {
    assertThat(IceUrl.parse(url)).isEqualTo(new IceUrl(scheme, host, port, transport));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "turn:",
        "http://example.org",
        "stun://example.org",
        "stun:a:0",
        "stun:a:70000",
        "stun:[x]",
        "stun:a?transport=udp",
        "turn:a?transport=sctp",
        "turn:a?transport=",
        "turns:a?transport=udp",
        "turn:user@a",
        "stuns:stun.example.org",
      })
  void whatIsNoneIsRefusedByName(String url) {
    assertThatThrownBy(() -> IceUrl.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + url + "\": ");
  }

  @ParameterizedTest
  @CsvSource({
    "STUN:192.0.2.1, stun:192.0.2.1:3478",
    "turn:turn.example.org, turn:turn.example.org:3478?transport=udp",
    "TURNS:[2001:db8::1]:443, turns:[2001:db8::1]:443?transport=tcp",
  })
  void isWrittenWithEverythingThatMayBeLeftOut(String url, String whole) {
    assertThat(IceUrl.parse(url)).hasToString(whole);
    assertThat(IceUrl.parse(whole)).isEqualTo(IceUrl.parse(url));
  }

  @Test
  void stunOverTlsIsRefusedWithWhatToWriteInstead() {
    assertThatThrownBy(() -> IceUrl.parse("stuns:stun.example.org"))
        .hasMessageContaining("ask the server with stun:, or name a relay with turns:");
  }

  @Test
  void turnServerNeedsACredentialWhichIsNotPrinted() {
    assertThatThrownBy(() -> new IceServer(List.of("turn:a"), "user", ""))
        .hasMessageContaining("turn:a needs a user name and a credential");
    IceServer server = new IceServer(List.of("turn:a"), "user", "hush-hush");
    assertThat(server.toString()).contains("turn:a").doesNotContain("hush-hush");
    assertThat(new PeerConfiguration(List.of(server), false).toString())
        .doesNotContain("hush-hush");
    assertThat(IceUrl.parse("turn:a").toTurnServer("user", "hush-hush").toString())
        .doesNotContain("hush-hush");
  }
}
