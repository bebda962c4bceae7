package org.heliograph.interop.peer;

import java.io.IOException;

class FirefoxPeerTest extends BrowserPeerTest {
  @Override
  boolean tellsAllStatistics() {
    return false;
  }

  @Override
  BrowserPeer start() throws IOException {
    return BrowserPeer.firefox();
  }
}
