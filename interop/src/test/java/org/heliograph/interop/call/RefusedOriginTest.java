package org.heliograph.interop.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.HeliographAgent;
import org.heliograph.interop.lab.Page;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.interop.lab.VirtualDisplay;
import org.heliograph.interop.lab.WailsApp;
import org.heliograph.interop.lab.Webview;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A page whose origin the agent does not know, as an app's page is while it is developed: an engine
 * does not let it read why it is refused.
 */
class RefusedOriginTest {
  private static final Duration LIMIT = Duration.ofSeconds(40);

  @TempDir Path folder;

  @Test
  void aWebviewSaysWhatToDoAndGoesOnWhenItIsDone() throws Exception {
    Path site = Files.createDirectory(folder.resolve("site"));
    new WailsApp(site);
    try (HeliographAgent agent = agent();
        VirtualDisplay display = new VirtualDisplay();
        Page page =
            new Webview(
                display.environment(), site, "wails://wails.localhost/index.html" + query(agent))) {
      saysWhatToDoAndGoesOnWhenItIsDone(agent, page, "wails://wails.localhost");
    }
  }

  @Test
  void aBrowserSaysWhatToDoAndGoesOnWhenItIsDone() throws Exception {
    Path site = Files.createDirectory(folder.resolve("site"));
    new WailsApp(site);
    try (HeliographAgent agent = agent();
        PageServer server = new PageServer(texts(site));
        Page page = new Chromium(Map.of(), List.of())) {
      page.open(server.url("/index.html") + query(agent));
      saysWhatToDoAndGoesOnWhenItIsDone(agent, page, server.url(""));
    }
  }

  private Path configuration() {
    return folder.resolve("config.toml");
  }

  private HeliographAgent agent() throws IOException {
    Files.writeString(configuration(), "");
    return new HeliographAgent("--config=" + configuration(), "--media-camera=test");
  }

  private static String query(HeliographAgent agent) {
    return "?agent=%s&token=%s"
        .formatted(URLEncoder.encode(agent.url(), StandardCharsets.UTF_8), agent.token());
  }

  private static Map<String, String> texts(Path site) throws IOException {
    Map<String, String> texts = new HashMap<>();
    try (Stream<Path> files = Files.walk(site)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        texts.put("/" + site.relativize(file), Files.readString(file));
      }
    }
    return texts;
  }

  private void saysWhatToDoAndGoesOnWhenItIsDone(HeliographAgent agent, Page page, String origin)
      throws IOException {
    page.await("window.app !== undefined", LIMIT);
    JsonNode refused = errorOfARequest(page);
    assertThat(refused.get("code").asText()).isEqualTo("forbidden_origin");
    assertThat(refused.get("words").asText())
        .contains("origin \"" + origin + "\"")
        .contains("HELIOGRAPH_API_ALLOWED_ORIGINS=" + origin + " ");
    assertThat(agent.awaitLog("origin \"" + origin + "\""))
        .contains("--api-allowed-origins=" + origin + " ", "api.allowed_origins");
    page.evaluate("app.show('c')");
    page.await("remote.shadowRoot.textContent.includes(" + Page.quote(origin) + ")", LIMIT);

    Files.writeString(configuration(), "[api]\nallowed_origins = [\"" + origin + "\"]\n");
    page.await("app.connected", LIMIT);
    page.await("remote.error?.code !== 'forbidden_origin'", LIMIT);

    agent.kill();
    assertThat(errorOfARequest(page).get("code").asText()).isEqualTo("agent_unreachable");
    assertThat(agent.log().split("origin \"" + origin, -1)).as(agent.log()).hasSize(2);
  }

  private static JsonNode errorOfARequest(Page page) {
    return page.evaluate(
        "return app.client.mode().then(() => ({}), ({ code, words }) => ({ code, words }))");
  }
}
