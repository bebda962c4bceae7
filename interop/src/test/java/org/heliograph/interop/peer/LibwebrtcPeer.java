package org.heliograph.interop.peer;

import java.io.IOException;
import java.util.List;
import org.heliograph.interop.lab.LibwebrtcProgram;
import org.heliograph.interop.lab.SoundServer;

/**
 * libwebrtc, in a program of its own ({@link LibwebrtcProgram}), which a new one replaces when it
 * has crashed.
 */
final class LibwebrtcPeer extends ProgramPeer {
  private static final int TONE_HERTZ = 700;

  private final SoundServer sound = SoundServer.withMicrophone(TONE_HERTZ);

  LibwebrtcPeer() throws IOException {}

  @Override
  void begin() {
    if (!isRunning()) {
      start(
          sound.environment(),
          List.of(
              ProcessHandle.current().info().command().orElseThrow(),
              "-Xmx256m",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "--enable-native-access=ALL-UNNAMED",
              "-cp",
              System.getProperty("java.class.path"),
              LibwebrtcProgram.class.getName()));
    }
    super.begin();
  }

  @Override
  int toneHertz() {
    return TONE_HERTZ;
  }

  @Override
  ReceivedContent received() {
    return contentOf(ask("received", JSON.createObjectNode()));
  }

  @Override
  void forget() {
    ask("forget", JSON.createObjectNode());
  }

  @Override
  public void close() {
    super.close();
    sound.close();
  }
}
