package org.heliograph.interop.peer;

import java.io.IOException;

class ChromiumPeerTest extends BrowserPeerTest {
  @Override
  BrowserPeer start() throws IOException {
    return BrowserPeer.chromium();
  }
}
