package org.heliograph.interop.peer;

import java.io.IOException;

class ChromiumPeerTest extends BrowserPeerTest {
  @Override
  boolean tellsAllStatistics() {
    return true;
  }

  @Override
  BrowserPeer start() throws IOException {
    return BrowserPeer.chromium();
  }
}
