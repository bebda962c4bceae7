package org.heliograph.interop.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The laboratory itself: what it measures must be true before anything is concluded from it. */
class LabTest {
  @TempDir Path folder;

  @Test
  void aToneIsFoundWithItsFrequency() {
    float[] sound = new float[48_000];
    for (int i = 0; i < sound.length; i++) {
      sound[i] = (float) (0.3 * Math.sin(2 * Math.PI * 880 * i / 48_000));
    }
    Tone tone = Tone.strongest(sound, 48_000);
    assertThat(tone.hertz()).isCloseTo(880, within(3.0));
    assertThat(tone.share()).isGreaterThan(0.9);
    assertThat(tone.level()).isCloseTo(0.3 / Math.sqrt(2), within(0.01));
  }

  @Test
  void theWebviewHasTheOriginOfAnAppAndItsSoundIsHeard() throws Exception {
    Files.writeString(
        folder.resolve("index.html"), "<!doctype html><body><button>sound</button><p>hello</p>");
    try (VirtualDisplay display = new VirtualDisplay();
        SoundServer sound = new SoundServer()) {
      Map<String, String> environment = new HashMap<>(display.environment());
      environment.putAll(sound.environment());
      try (Webview page = new Webview(environment, folder, "wails://wails/index.html")) {
        assertThat(page.evaluate("return location.origin").asText()).isEqualTo("wails://wails");
        assertThat(page.evaluate("return typeof RTCPeerConnection").asText())
            .isEqualTo("undefined");
        page.evaluate(
            """
            document.querySelector('button').onclick = () => {
              const context = new AudioContext();
              const tone = new OscillatorNode(context, { frequency: 660 });
              tone.connect(context.destination);
              tone.start();
              context.resume().then(() => document.body.dataset.playing = 'yes');
            };
            """);
        display.click(40, 20);
        page.await("document.body.dataset.playing === 'yes'", Duration.ofSeconds(20));
        Tone tone = Tone.strongest(sound.listen(Duration.ofSeconds(2)), SoundServer.SAMPLE_RATE);
        assertThat(tone.hertz()).isCloseTo(660, within(3.0));
      }
    }
  }

  @Test
  void chromiumAndFirefoxHaveAMadeUpCamera() throws Exception {
    try (PageServer server = new PageServer(Map.of("/", "<!doctype html><title>x</title>"));
        Chromium chromium = new Chromium(Map.of(), List.of());
        Firefox firefox = new Firefox(Map.of())) {
      for (Page page : List.of(chromium, firefox)) {
        page.open(server.url("/"));
        assertThat(
                page.evaluate(
                        "const s = await navigator.mediaDevices.getUserMedia({ video: true, audio:"
                            + " true }); return s.getTracks().length")
                    .asInt())
            .isEqualTo(2);
      }
    }
  }
}
