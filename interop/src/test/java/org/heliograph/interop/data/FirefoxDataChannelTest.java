package org.heliograph.interop.data;

import java.io.IOException;
import java.util.Map;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.Page;

class FirefoxDataChannelTest extends BrowserDataChannelTest {
  @Override
  Page start() throws IOException {
    return new Firefox(Map.of());
  }
}
