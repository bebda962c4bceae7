package org.heliograph.interop.data;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Page;

class ChromiumDataChannelTest extends BrowserDataChannelTest {
  @Override
  Page start() throws IOException {
    return new Chromium(Map.of(), List.of());
  }
}
