package org.heliograph.interop.lab;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A screen without a monitor (Xvfb), of 1280 by 960. */
public final class VirtualDisplay implements AutoCloseable {
  private final Subprocess server;
  private final String name;

  /** Starts a screen under a free display number. */
  public VirtualDisplay() {
    server =
        Subprocess.start(
            Map.of(),
            List.of(
                "Xvfb",
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x960x24",
                "-nolisten",
                "tcp",
                "-ac"));
    name = ":" + server.awaitLine(line -> line.matches("\\d+"), Duration.ofSeconds(20));
  }

  /** The environment that makes a program draw here. */
  public Map<String, String> environment() {
    return Map.of("DISPLAY", name, "LIBGL_ALWAYS_SOFTWARE", "1", "GDK_BACKEND", "x11");
  }

  /** Writes what the screen shows to a PNG file. */
  public void screenshot(Path png) {
    Subprocess.run(
        environment(),
        List.of("import", "-window", "root", png.toString()),
        Duration.ofSeconds(30));
  }

  /** A real click at a point of the screen. */
  public void click(int x, int y) {
    Subprocess.run(
        environment(),
        List.of(
            "xdotool",
            "mousemove",
            "--sync",
            Integer.toString(x),
            Integer.toString(y),
            "click",
            "1"),
        Duration.ofSeconds(30));
  }

  @Override
  public void close() {
    server.close();
  }
}
