package org.heliograph.interop.peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.interop.lab.SoundServer;

/** A browser; {@code remote-peer.html} performs the commands. Each connection has a fresh page. */
final class BrowserPeer extends RemotePeer {
  private static final int TONE_HERTZ = 620;

  private final PageServer pages;
  private final SoundServer sound;
  private final Page page;

  private interface Browser {
    Page start(Map<String, String> environment) throws IOException;
  }

  static BrowserPeer chromium() throws IOException {
    return new BrowserPeer(
        environment ->
            new Chromium(
                environment, java.util.List.of("--autoplay-policy=no-user-gesture-required")));
  }

  static BrowserPeer firefox() throws IOException {
    return new BrowserPeer(Firefox::new);
  }

  /** Without a sound server Firefox runs no AudioContext, which makes and measures the tones. */
  private BrowserPeer(Browser browser) throws IOException {
    pages =
        new PageServer(Map.of("/", text("remote-peer.html"), "/code.js", text("/picture-code.js")));
    SoundServer startedSound = null;
    try {
      startedSound = new SoundServer();
      page = browser.start(startedSound.environment());
    } catch (IOException | RuntimeException | Error e) {
      if (startedSound != null) {
        startedSound.close();
      }
      pages.close();
      throw e;
    }
    sound = startedSound;
  }

  private static String text(String resource) {
    try (var stream = BrowserPeer.class.getResourceAsStream(resource)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  void begin() {
    page.open(pages.url("/"));
    ask("begin", JSON.createObjectNode().put("hertz", TONE_HERTZ));
  }

  @Override
  JsonNode ask(String command, JsonNode argument) {
    return page.evaluate("return await remote.%s(%s)".formatted(command, argument));
  }

  /** The page, for what only a browser can be asked. */
  Page page() {
    return page;
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
    page.close();
    sound.close();
    pages.close();
  }
}
