package org.heliograph.peer.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void aCallWithItselfCarriesSound() {
    assertThat(WarmUp.run()).isTrue();
  }
}
