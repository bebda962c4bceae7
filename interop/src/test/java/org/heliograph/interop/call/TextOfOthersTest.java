package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.RejectingGuest;
import org.junit.jupiter.api.Test;

/**
 * What the other side says is shown as text, on the demo page and in the log; CommandLineTest has
 * the terminal, and remote-page.test.js the guest's page.
 */
class TextOfOthersTest {
  @Test
  void isTextOnTheDemoPageAndInTheLog() throws Exception {
    try (HeliographAgent agent =
            new HeliographAgent("--media-camera=test", "--media-microphone=test");
        Chromium page = new Chromium(Map.of(), List.of());
        RejectingGuest _ = new RejectingGuest(agent.signalUrl())) {
      page.open(agent.demoLink());
      page.await("document.body.dataset.state === 'idle'", Duration.ofSeconds(30));

      page.evaluate("document.getElementById('peer').value = 'guest'");
      page.click("#call");
      page.await(
          "document.getElementById('trouble-words').textContent.includes('end')",
          Duration.ofSeconds(30));

      String shown =
          page.evaluate("return document.getElementById('trouble-words').textContent").asText();
      assertThat(shown).contains(RejectingGuest.MARKUP).matches(RejectingGuest::isFit);
      assertThat(page.evaluate("return document.title").asText()).isNotEqualTo("pwned");
      assertThat(page.evaluate("return document.querySelectorAll('img, b').length").asInt())
          .isZero();
      assertThat(agent.awaitLog("is over").lines()).allMatch(RejectingGuest::isFit);
    }
  }
}
