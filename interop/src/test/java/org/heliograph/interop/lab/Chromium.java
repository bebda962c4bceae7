package org.heliograph.interop.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Headless Chromium with a made-up camera and microphone, and no way out of this machine. */
public final class Chromium implements Page {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Kept, so that its level is: Selenium warns of a part of it that is not used here. */
  private static final Logger SELENIUM = Logger.getLogger("org.openqa.selenium");

  static {
    SELENIUM.setLevel(Level.SEVERE);
  }

  private final Path profile;
  private final ChromeDriver driver;

  /**
   * Starts a browser.
   *
   * @param environment of the browser, such as a sound server's
   * @param options further command line options, such as the file that its camera plays
   */
  public Chromium(Map<String, String> environment, List<String> options) throws IOException {
    profile = Files.createTempDirectory("heliograph-chromium");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--disable-dev-shm-usage",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--allow-loopback-in-peer-connection",
                "--disable-features=WebRtcHideLocalIpsWithMdns",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                "--user-data-dir=" + profile));
    arguments.addAll(options);
    LoggingPreferences logging = new LoggingPreferences();
    logging.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions chrome = new ChromeOptions();
    chrome.setBinary(binary("chromium", "chromium-browser", "google-chrome"));
    chrome.addArguments(arguments);
    chrome.setCapability("goog:loggingPrefs", logging);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Path.of(binary("chromedriver")).toFile())
            .withEnvironment(environment)
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, chrome);
    driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(2));
  }

  private static String binary(String... names) {
    for (String name : names) {
      for (String folder : System.getenv("PATH").split(":", -1)) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return file.toString();
        }
      }
    }
    throw new AssertionError(
        "no "
            + names[0]
            + " on this machine; ./check installs the packages chromium, chromium-driver");
  }

  @Override
  public void open(String url) {
    driver.get(url);
  }

  @Override
  public JsonNode evaluate(String body) {
    try {
      Object reply =
          driver.executeAsyncScript(
              """
              const done = arguments[arguments.length - 1];
              (async () => {
              %s
              })().then(value => done(JSON.stringify({ value: value ?? null })), error => done(JSON.stringify({ error: String(error?.stack ?? error) })));
              """
                  .formatted(body));
      JsonNode answer = JSON.readTree((String) reply);
      if (answer.has("error")) {
        throw new AssertionError("the page threw: " + answer.get("error").asText());
      }
      return answer.get("value");
    } catch (JavascriptException e) {
      throw new AssertionError("the page threw: " + e.getMessage() + "\n" + console(), e);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** What the page wrote to its console. */
  public String console() {
    StringBuilder text = new StringBuilder();
    driver.manage().logs().get(LogType.BROWSER).forEach(entry -> text.append(entry).append('\n'));
    return text.toString();
  }

  /** Writes what the window shows to a PNG file. */
  public void screenshot(Path png) throws IOException {
    Files.write(png, driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    try {
      driver.quit();
    } finally {
      Subprocess.deleteTree(profile);
    }
  }
}
