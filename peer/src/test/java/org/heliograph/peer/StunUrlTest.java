package org.heliograph.peer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StunUrlTest {
  @Test
  void namesAndAddressesMayHaveAPort() {
    assertThat(StunUrl.parse("stun:stun.example.org"))
        .contains(new StunUrl("stun.example.org", 3478));
    assertThat(StunUrl.parse("stun:192.0.2.1:19302")).contains(new StunUrl("192.0.2.1", 19302));
    assertThat(StunUrl.parse("stun:[2001:db8::1]:5000")).contains(new StunUrl("2001:db8::1", 5000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"turn:example.org", "stun:", "stun:a:0", "stun:a:70000", "stun:[x]", ""})
  void whatIsNoStunUrlIsNone(String url) {
    assertThat(StunUrl.parse(url)).isEmpty();
  }
}
