package org.heliograph.interop.peer;

import java.io.IOException;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.SoundServer;
import org.junit.jupiter.api.AfterAll;

class FirefoxPeerTest extends BrowserPeerTest {
  private SoundServer sound;

  /** Firefox runs no AudioContext, with which the page listens, where there is no sound server. */
  @Override
  Page start() throws IOException {
    sound = new SoundServer();
    return new Firefox(sound.environment());
  }

  @AfterAll
  void stopSound() {
    sound.close();
  }
}
