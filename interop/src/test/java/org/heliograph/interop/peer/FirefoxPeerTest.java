package org.heliograph.interop.peer;

import java.io.IOException;

class FirefoxPeerTest extends BrowserPeerTest {
  @Override
  BrowserPeer start() throws IOException {
    return BrowserPeer.firefox();
  }
}
