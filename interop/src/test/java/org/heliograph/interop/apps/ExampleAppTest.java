package org.heliograph.interop.apps;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.heliograph.interop.lab.Chromium;
import org.heliograph.interop.lab.PageServer;
import org.heliograph.interop.lab.SoundServer;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.interop.lab.Tone;
import org.heliograph.interop.lab.VirtualDisplay;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The apps in {@code examples/}, installed from their packages, each in a window of its own with a
 * guest in Chromium. Nothing in them knows of tests: what they show is read from the window's
 * pixels, what they play is heard at the sound server, and they are used by clicks. Run by name:
 * {@code ./check --apps}, which builds them.
 */
@Tag("example-apps")
class ExampleAppTest {
  private static final int GUEST_HERTZ = 620;
  private static final int DESK_HERTZ = 440;
  private static final int PICTURES = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  // The buttons' colours, as page.css has them.
  private static final Color CALL = new Color(0x2563c9);
  private static final Color ACCEPT = new Color(0x1a7f4b);
  private static final Color HANG_UP = new Color(0xc2332b);

  enum App {
    WAILS("Front desk \\(Wails\\)", "wails/build", "heliograph-wails-example"),
    TAURI("Front desk \\(Tauri\\)", "tauri/target/release/bundle/deb", "heliograph-tauri-example");

    private final String title;
    private final Path packages;
    private final String folder;

    App(String title, String packages, String folder) {
      this.title = title;
      this.packages = Path.of("../examples", packages);
      this.folder = folder;
    }

    private Path root() {
      return installed.resolve(name());
    }

    private String program() {
      return root().resolve("usr/bin/front-desk").toString();
    }

    /** As dpkg would do it, into a folder. */
    private void install() throws Exception {
      String archive;
      try (var files = Files.newDirectoryStream(packages, "*.deb")) {
        archive = files.iterator().next().toString();
      }
      Path scripts = root().resolve("scripts");
      Subprocess.run(Map.of(), List.of("dpkg-deb", "-x", archive, root().toString()), LIMIT);
      Subprocess.run(Map.of(), List.of("dpkg-deb", "-e", archive, scripts.toString()), LIMIT);
      Path postinst = scripts.resolve("postinst");
      if (Files.exists(postinst)) {
        Subprocess.run(
            Map.of("DPKG_ROOT", root().toString()),
            List.of(postinst.toString(), "configure"),
            LIMIT);
      }
    }
  }

  @TempDir static Path installed;
  @TempDir Path home;
  private static VirtualDisplay display;
  private static SoundServer sound;

  @BeforeAll
  static void start() throws Exception {
    for (App app : App.values()) {
      app.install();
    }
    display = new VirtualDisplay();
    sound = new SoundServer();
  }

  @AfterAll
  static void stop() {
    sound.close();
    display.close();
  }

  @ParameterizedTest
  @EnumSource(App.class)
  void appAndGuestCallAndSeeAndHearEachOther(App app) throws Exception {
    inTheApp(
        app,
        (_, window, guest) -> {
          guest.click("#call");
          window.click(ACCEPT);
          assertPicturesAndTones(guest, window);
          window.screenshot(
              Path.of("target", "example-%s.png".formatted(app.name().toLowerCase(Locale.ROOT))));
          window.click(HANG_UP);
          guest.await("document.body.dataset.state === 'idle'", LIMIT);

          window.click(CALL);
          guest.await("document.body.dataset.state === 'ringing'", LIMIT);
          guest.click("#accept");
          assertPicturesAndTones(guest, window);
          guest.click("#hangup");
          window.awaitButton(CALL);
        });
  }

  @ParameterizedTest
  @EnumSource(App.class)
  void theOtherSideIsToldWhenTheWindowIsClosed(App app) throws Exception {
    inTheApp(
        app,
        (desk, window, guest) -> {
          connect(guest, window);
          ProcessHandle agent = agent(app);
          window.close();
          guest.await(
              "document.getElementById('status').textContent === 'desk has hung up.'", LIMIT);
          desk.awaitExit(LIMIT);
          assertThat(agent.isAlive()).as("the agent goes on without its app").isFalse();
        });
  }

  @ParameterizedTest
  @EnumSource(App.class)
  void anotherAgentTakesTheOnesPlaceThatDies(App app) throws Exception {
    inTheApp(
        app,
        (_, window, guest) -> {
          connect(guest, window);
          assertThat(agent(app).destroyForcibly()).isTrue();
          window.awaitButton(CALL);
          guest.click("#hangup");
          connect(guest, window);
          assertPicturesAndTones(guest, window);
        });
  }

  @ParameterizedTest
  @EnumSource(App.class)
  void noAgentOutlivesAnAppThatIsKilledInACall(App app) throws Exception {
    inTheApp(
        app,
        (desk, window, guest) -> {
          connect(guest, window);
          ProcessHandle agent = agent(app);
          desk.kill();
          desk.awaitExit(LIMIT);
          assertThat(agent.onExit().get(LIMIT.toSeconds(), TimeUnit.SECONDS).isAlive())
              .as("the agent goes on without its app")
              .isFalse();
        });
  }

  /** Wails' windows draw without acceleration, Tauri's with it. */
  @ParameterizedTest
  @EnumSource(App.class)
  void appAndGuestSeeAndHearEachOtherWhereWebKitHasNoWebCodecs(App app) throws Exception {
    inTheApp(
        app,
        Map.of("LD_PRELOAD", preload("without-webcodecs")),
        (_, window, guest) -> {
          connect(guest, window);
          assertPicturesAndTones(guest, window);
        });
  }

  /** Where the framework did not look at who asks, any site that a link leads to had the token. */
  @ParameterizedTest
  @EnumSource(App.class)
  void aPageOfAnotherOriginIsNotGivenTheToken(App app) throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    try (PageServer site = new PageServer(Map.of("/another", resource("/app/another-page.html")))) {
      site.listen("/said", said::add);
      Map<String, String> environment = environment("http://127.0.0.1:1");
      environment.put("LD_PRELOAD", preload("another-page"));
      environment.put("ANOTHER_PAGE", site.url("/another"));
      try (Subprocess desk = Subprocess.start(environment, List.of(app.program()))) {
        String first = said.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (app == App.WAILS) {
          assertThat(first).as(desk::output).isEqualTo("asked");
          desk.awaitLine(line -> line.contains("Blocked request from unauthorized origin"), LIMIT);
        } else {
          assertThat(first).as(desk::output).startsWith("refused: ");
        }
        assertThat(said).noneMatch(words -> words.startsWith("answered"));
      }
    }
  }

  private interface Use {
    void use(Subprocess desk, AppWindow window, Chromium guest) throws Exception;
  }

  /** A library that changes what an app's window does; its file. */
  private String preload(String name) {
    String library = home.resolve(name + ".so").toString();
    String source = "webview-lab/" + name + ".c";
    Subprocess.run(Map.of(), List.of("cc", "-shared", "-fPIC", "-o", library, source), LIMIT);
    return library;
  }

  private void inTheApp(App app, Use use) throws Exception {
    inTheApp(app, Map.of(), use);
  }

  /** Opens the app, with a guest who is ready to call. */
  private void inTheApp(App app, Map<String, String> more, Use use) throws Exception {
    try (Subprocess switchboard =
            Subprocess.start(Map.of(), List.of("node", "../examples/switchboard/server.js"));
        Chromium guest = guest()) {
      String address = switchboard.awaitLine(line -> line.startsWith("http://"), LIMIT);
      Map<String, String> environment = environment(address);
      environment.putAll(more);
      try (Subprocess desk = Subprocess.start(environment, List.of(app.program()))) {
        try {
          AppWindow window = new AppWindow(display, app.title, home);
          switchboard.awaitLine(line -> line.equals("desk is here"), LIMIT);
          window.awaitButton(CALL);
          guest.open(address + "/?name=guest&call=desk");
          guest.evaluate(
              "globalThis.pictureCode = (() => { "
                  + resource("/picture-code.js")
                  + "; return pictureCode; })()");
          guest.evaluate("pictureCode.replaceDevices(%d)".formatted(GUEST_HERTZ));
          guest.await("document.body.dataset.state === 'idle'", LIMIT);

          use.use(desk, window, guest);
        } catch (AssertionError e) {
          throw new AssertionError(e.getMessage() + "\nthe app says:\n" + desk.output(), e);
        }
      }
    }
  }

  private static void connect(Chromium guest, AppWindow window) throws Exception {
    guest.click("#call");
    window.click(ACCEPT);
    guest.await("document.body.dataset.state === 'connected'", LIMIT);
  }

  private static void assertPicturesAndTones(Chromium guest, AppWindow window) throws Exception {
    guest.await("document.body.dataset.state === 'connected'", LIMIT);
    window.awaitPictures(PICTURES);
    guest.evaluate("globalThis.codes = new Set()");
    guest.await(
        """
        (() => {
          const code = pictureCode.read(document.getElementById('remote'));
          if (code !== null) codes.add(code);
          return codes.size >= %d;
        })()
        """
            .formatted(PICTURES),
        LIMIT);
    assertThat(
            guest
                .evaluate(
                    "return pictureCode.frequencyOf(document.getElementById('remote').srcObject)")
                .get("hertz")
                .asDouble())
        .isCloseTo(DESK_HERTZ, within(5.0));
    awaitTheGuestsTone();
  }

  /** The app's sound may begin a moment after its picture. */
  private static void awaitTheGuestsTone() throws Exception {
    long end = System.nanoTime() + LIMIT.toNanos();
    Tone tone;
    do {
      tone = Tone.strongest(sound.listen(Duration.ofSeconds(1)), SoundServer.SAMPLE_RATE);
    } while (Math.abs(tone.hertz() - GUEST_HERTZ) > 5 && System.nanoTime() < end);
    assertThat(tone.hertz()).as(tone.toString()).isCloseTo(GUEST_HERTZ, within(5.0));
  }

  private static Chromium guest() throws Exception {
    return new Chromium(Map.of(), List.of("--autoplay-policy=no-user-gesture-required"));
  }

  /** A desktop's environment, with a home of its own; the agent that the app starts has it, too. */
  private Map<String, String> environment(String switchboard) {
    Map<String, String> environment = new HashMap<>(display.environment());
    environment.putAll(sound.environment());
    environment.putAll(
        Map.of(
            "HOME", home.toString(),
            "XDG_RUNTIME_DIR", home.toString(),
            "XDG_CONFIG_HOME", home.resolve("config").toString(),
            "XDG_DATA_HOME", home.resolve("data").toString(),
            "XDG_STATE_HOME", home.resolve("state").toString(),
            "SWITCHBOARD", switchboard,
            "HELIOGRAPH_MEDIA_CAMERA", "test",
            "HELIOGRAPH_MEDIA_MICROPHONE", "test:" + DESK_HERTZ,
            "HELIOGRAPH_ICE_INCLUDE_LOOPBACK", "true"));
    environment.put("GST_REGISTRY_FORK", "no");
    // The agent does not start where its start-up cache has not come through the packing.
    environment.put("HELIOGRAPH_JAVA_OPTIONS", "-XX:AOTMode=on");
    return environment;
  }

  /** The agent that the app has started, by the address file that it has for itself. */
  private ProcessHandle agent(App app) throws Exception {
    try (var files = Files.list(home.resolve(app.folder))) {
      Path address =
          files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
      long pid = new ObjectMapper().readTree(Files.readString(address)).get("pid").asLong();
      return ProcessHandle.of(pid).orElseThrow();
    }
  }

  private static String resource(String name) throws Exception {
    try (var stream = ExampleAppTest.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
