package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.MadeUpDevices;
import org.heliograph.interop.lab.Page;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A page in an engine that has RTCPeerConnection, fed over loopback with what a browser on the
 * other side of a call sends. Proven by content: codes read from pixels, a tone measured.
 */
class LoopbackCallTest {
  private static final int HERTZ = 620;
  private static final Duration LIMIT = Duration.ofSeconds(40);

  @TempDir static Path devices;
  private static HeliographAgent agent;
  private static Page remote;
  private static Page app;

  @BeforeAll
  static void start() throws Exception {
    agent = new HeliographAgent("--media-camera=test", "--media-microphone=test:440");
    remote =
        new Chromium(
            Map.of(),
            List.of(
                "--autoplay-policy=no-user-gesture-required",
                "--use-file-for-fake-video-capture=" + MadeUpDevices.camera(devices),
                "--use-file-for-fake-audio-capture=" + MadeUpDevices.microphone(devices, HERTZ)));
    app = new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable opened : new AutoCloseable[] {app, remote, agent}) {
      try {
        if (opened != null) {
          opened.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private static String resource(String name) throws IOException {
    try (var stream = LoopbackCallTest.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void addPictureCode(Page page) throws IOException {
    page.evaluate(
        "globalThis.pictureCode = (() => { %s; return pictureCode; })()"
            .formatted(resource("/picture-code.js")));
  }

  /** The app's page, or the same after a reload: without any connection. */
  private static void openApp() throws IOException {
    app.open("about:blank");
    app.open(agent.demoLink());
    addPictureCode(app);
    app.evaluate(
        "globalThis.watchLoopback = (() => { %s; return watchLoopback; })()"
            .formatted(resource("/loopback-page.js")));
    app.evaluate("globalThis.views = []");
  }

  private static void watch(String channel) {
    app.evaluate(
        "views.push(await watchLoopback(%s, %s, %s))"
            .formatted(Page.quote(agent.url()), Page.quote(agent.token()), Page.quote(channel)));
  }

  private static void awaitPictureAndTone(int view) {
    app.await(
        """
        (() => {
          const view = views[%d];
          const code = pictureCode.read(view.video);
          if (code !== null) view.codes.add(code);
          return view.codes.size > 10;
        })()
        """
            .formatted(view),
        LIMIT);
    app.await(
        """
        pictureCode.frequencyOf(views[%d].stream)
            .then((tone) => Math.abs(tone.hertz - %d) < 5 && tone.decibels > -60)
        """
            .formatted(view, HERTZ),
        LIMIT);
  }

  @Test
  void aPageWithAPeerConnectionOfItsOwnShowsTheCall() throws Exception {
    remote.open(agent.invitation());
    addPictureCode(remote);
    remote.evaluate("pictureCode.leaveSoundAsItIs()");
    remote.await("document.body.dataset.state === 'idle'", LIMIT);
    agent.post("/api/call/start", HeliographAgent.call("lo").put("remote_peer", "guest"));
    remote.await("document.body.dataset.state === 'ringing'", LIMIT);
    openApp();
    watch("lo"); // before there is anything to see
    remote.click("#accept");
    remote.await("document.body.dataset.state === 'connected'", LIMIT);
    awaitPictureAndTone(0);

    watch("lo");
    awaitPictureAndTone(1);
    awaitPictureAndTone(0);
    assertThat(figures(0).path("video").path("framesDecoded").asInt()).isGreaterThan(20);
    assertThat(figures(0).path("video").path("ssrc").asLong())
        .isNotEqualTo(figures(1).path("video").path("ssrc").asLong());

    openApp(); // a reload in the middle of the call
    watch("lo");
    awaitPictureAndTone(0);
    assertThat(agent.get("/api/call/active").toString()).contains("\"connected\"");

    agent.post("/api/call/hangup", HeliographAgent.call("lo"));
    app.await("views[0].connection.getReceivers()[0].transport.state === 'closed'", LIMIT);
    remote.await("document.body.dataset.state === 'idle'", LIMIT);
  }

  private static JsonNode figures(int view) {
    return app.evaluate(
        """
        const all = [...(await views[%d].connection.getStats()).values()];
        const inbound = (kind) => all.find((s) => s.type === 'inbound-rtp' && s.kind === kind);
        return { video: inbound('video'), audio: inbound('audio') };
        """
            .formatted(view));
  }
}
