package org.heliograph.peer.dtls;

import org.junit.jupiter.api.Test;

class DtlsWarmUpTest {
  @Test
  void itShakesHandsAndLeavesNoThread() throws Exception {
    DtlsWarmUp.run();
    HandshakeThreads.awaitNone();
  }
}
