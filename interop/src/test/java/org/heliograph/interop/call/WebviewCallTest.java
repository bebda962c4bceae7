package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.Firefox;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.MadeUpDevices;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Tone;
import org.heliograph.interop.lab.VirtualDisplay;
import org.heliograph.interop.lab.WailsApp;
import org.heliograph.interop.lab.Webview;
import org.heliograph.interop.lab.Webview.Acceleration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A call between a browser and an app's webview, through the agent. Proven by content: codes read
 * from pixels, tones measured, on both sides.
 */
class WebviewCallTest {
  private static final int BROWSER_HERTZ = 620;
  private static final int AGENT_HERTZ = 440;
  private static final Duration LIMIT = Duration.ofSeconds(40);

  enum Browser {
    CHROMIUM,
    FIREFOX
  }

  enum Caller {
    WEBVIEW,
    BROWSER
  }

  @TempDir static Path devices;
  @TempDir Path site;
  private static VirtualDisplay display;
  private static SoundServer sound;

  /** Firefox runs no AudioContext, which makes its tone, where there is no sound server. */
  private static SoundServer soundOfTheBrowser;

  private static HeliographAgent agent;

  @BeforeAll
  static void start() throws Exception {
    display = new VirtualDisplay();
    sound = new SoundServer();
    soundOfTheBrowser = new SoundServer();
    agent = new HeliographAgent("--media-camera=test", "--media-microphone=test:" + AGENT_HERTZ);
  }

  @AfterAll
  static void stop() {
    agent.close();
    soundOfTheBrowser.close();
    sound.close();
    display.close();
  }

  @ParameterizedTest
  @CsvSource({
    "CHROMIUM, webm, WEBVIEW, VP8, NEVER",
    "CHROMIUM, webm, BROWSER, VP8, ALWAYS",
    "CHROMIUM, frames, WEBVIEW, VP8, ALWAYS",
    "CHROMIUM, frames, BROWSER, VP8, NEVER",
    "CHROMIUM, webm, BROWSER, VP9, NEVER",
    "CHROMIUM, frames, BROWSER, VP9, ALWAYS",
    "FIREFOX, webm, WEBVIEW, VP8, ALWAYS",
    "FIREFOX, webm, BROWSER, VP8, NEVER",
    "FIREFOX, frames, WEBVIEW, VP8, NEVER",
    "FIREFOX, frames, BROWSER, VP8, ALWAYS",
  })
  void pictureAndSoundGoBothWays(
      Browser browser, String format, Caller caller, String codec, Acceleration acceleration)
      throws Exception {
    Map<String, String> environment = new HashMap<>(display.environment());
    environment.putAll(sound.environment());
    try (Page other = open(browser);
        Webview app =
            new WailsApp(site)
                .open(environment, agent, format, caller == Caller.BROWSER, acceleration)) {
      try {
        call(other, app, browser, caller, codec);
      } catch (AssertionError e) {
        display.screenshot(
            Path.of(
                "target",
                "webview-call-%s-%s-%s-%s.png".formatted(browser, format, caller, codec)));
        throw new AssertionError(
            "%s\nremote element: %s\nown element: %s\napp: %s\nagent:\n%s\nwebview:\n%s"
                .formatted(
                    e.getMessage(),
                    app.evaluate(ELEMENT.formatted("remote")),
                    app.evaluate(ELEMENT.formatted("own")),
                    app.evaluate("return [app.states, app.errors, app.ended]"),
                    agent.log(),
                    app.console()),
            e);
      }
    }
    assertThat(agent.get("/api/call/active").toString()).doesNotContain("channel_id");
  }

  private static final String ELEMENT =
      "return [%1$s.state, %1$s.callState, %1$s.sound, String(%1$s.error),"
          + " JSON.stringify(%1$s.stats ?? null)]";

  /** Has the browser offer a codec before all others, and send it where it is taken. */
  private static void prefer(Page browser, String codec) {
    browser.evaluate(
        """
        const apply = RTCPeerConnection.prototype.setLocalDescription;
        RTCPeerConnection.prototype.setLocalDescription = function (...description) {
          const wanted = RTCRtpReceiver.getCapabilities('video').codecs
              .sort((x, y) => (y.mimeType === 'video/%1$s') - (x.mimeType === 'video/%1$s'));
          for (const transceiver of this.getTransceivers()) {
            if (transceiver.receiver.track.kind === 'video') transceiver.setCodecPreferences(wanted);
          }
          return apply.apply(this, description);
        };
        """
            .formatted(codec));
  }

  private static final String SENT_CODEC =
      """
      const stats = await heliographCall.connection.getStats();
      const sent = [...stats.values()].find(({ type, kind }) =>
          type === 'outbound-rtp' && kind === 'video');
      return stats.get(sent.codecId).mimeType;
      """;

  private void call(Page other, Webview app, Browser browser, Caller caller, String codec)
      throws Exception {
    other.evaluate(
        "globalThis.pictureCode = (() => { " + pictureCode() + "; return pictureCode; })()");
    other.evaluate(
        switch (browser) {
          case CHROMIUM -> "pictureCode.leaveSoundAsItIs()";
          case FIREFOX -> "pictureCode.replaceDevices(" + BROWSER_HERTZ + ")";
        });
    if (!codec.equals("VP8")) {
      prefer(other, codec);
    }
    other.await("document.body.dataset.state === 'idle'", LIMIT);
    String listening = app.awaitSaying("listening", LIMIT);
    if (caller == Caller.WEBVIEW) {
      // The click that calls is all that the engine wants of the user: sound needs no other.
      click(listening);
      other.await("document.body.dataset.state === 'ringing'", LIMIT);
      // However long the other side takes: to the engine the click is over by then.
      app.awaitSaying("rested", LIMIT);
      other.click("#accept");
    } else {
      other.click("#call");
      // Nobody has touched the app, so that the engine holds its sound back until a real click.
      click(app.awaitSaying("soundblocked", LIMIT));
    }
    // No script runs in the app until then: to the engine it would be a gesture like a click.
    app.awaitSaying("soundon", LIMIT);
    if (caller == Caller.WEBVIEW) {
      assertThat(app.console()).doesNotContain("soundblocked");
    }
    awaitConnected(other);
    app.await("app.states.includes('connected')", LIMIT);

    assertPictureMoves(app, "app.code(remote)");
    assertPictureMoves(app, "app.code(own)");
    assertPictureMoves(other, "pictureCode.read(document.getElementById('remote'))");
    assertThat(
            other
                .evaluate(
                    "return pictureCode.frequencyOf(document.getElementById('remote').srcObject)")
                .get("hertz")
                .asDouble())
        .isCloseTo(AGENT_HERTZ, within(5.0));
    assertThat(other.evaluate(SENT_CODEC).asText()).isEqualTo("video/" + codec);
    assertThat(toneOfTheWebview(app).hertz()).isCloseTo(BROWSER_HERTZ, within(5.0));

    if (caller == Caller.WEBVIEW) {
      app.evaluate("await app.client.hangup(app.channel)");
    } else {
      other.click("#hangup");
    }
    other.await("document.body.dataset.state === 'idle'", LIMIT);
    app.await("app.ended", LIMIT);
    assertThat(app.evaluate("return app.errors").isEmpty())
        .as(() -> "errors that the app was told of: " + app.evaluate("return app.errors"))
        .isTrue();
  }

  /** Clicks where the page says: a word, and x and y on the screen. */
  private static void click(String saying) {
    String[] place = saying.split(" ", -1);
    display.click(Integer.parseInt(place[1]), Integer.parseInt(place[2]));
  }

  private static void awaitConnected(Page browser) {
    try {
      browser.await("document.body.dataset.state === 'connected'", LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage()
              + "\nits state: "
              + browser.evaluate(
                  "return [document.body.dataset.state,"
                      + " document.getElementById('trouble-words').textContent]")
              + "\nthe agent says:\n"
              + agent.log(),
          e);
    }
  }

  private static Page open(Browser browser) throws Exception {
    Page page =
        switch (browser) {
          case CHROMIUM ->
              new Chromium(
                  Map.of(),
                  List.of(
                      "--autoplay-policy=no-user-gesture-required",
                      "--use-file-for-fake-video-capture=" + MadeUpDevices.camera(devices),
                      "--use-file-for-fake-audio-capture="
                          + MadeUpDevices.microphone(devices, BROWSER_HERTZ)));
          case FIREFOX -> new Firefox(soundOfTheBrowser.environment());
        };
    page.open(agent.invitation());
    return page;
  }

  private static String pictureCode() throws java.io.IOException {
    try (var stream = WebviewCallTest.class.getResourceAsStream("/picture-code.js")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** More than ten pictures are seen, each with a code of its own. */
  private static void assertPictureMoves(Page page, String code) {
    page.await(
        """
        (() => {
          globalThis.codes ??= new Map();
          const code = %1$s;
          if (!codes.has(%2$s)) codes.set(%2$s, new Set());
          if (code !== null) codes.get(%2$s).add(code);
          return codes.get(%2$s).size > 10;
        })()
        """
            .formatted(code, Page.quote(code)),
        LIMIT);
  }

  /**
   * The first sound that reaches the loudspeaker. The element may be changing its MediaSource just
   * when its sound is switched on, so the sound is awaited.
   */
  private static Tone toneOfTheWebview(Webview app) throws Exception {
    app.await("remote.sound === 'on'", LIMIT);
    long end = System.nanoTime() + LIMIT.toNanos();
    Tone tone;
    do {
      tone = Tone.strongest(sound.listen(Duration.ofSeconds(2)), SoundServer.SAMPLE_RATE);
    } while (tone.level() < 0.001 && System.nanoTime() < end);
    return tone;
  }

  @AfterEach
  void hangUpWhatIsLeft() throws Exception {
    for (var call : agent.get("/api/call/active")) {
      agent.post("/api/call/hangup", HeliographAgent.call(call.get("channel_id").asText()));
    }
  }
}
