package org.heliograph.interop.peer;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Page;

class ChromiumPeerTest extends BrowserPeerTest {
  @Override
  Page start() throws IOException {
    return new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
  }
}
