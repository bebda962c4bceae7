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

  /** Asks a window to close, as a window manager does of which somebody pressed the cross. */
  public void closeWindow(String name) {
    String window =
        Subprocess.run(
            environment(), List.of("xdotool", "search", "--name", name), Duration.ofSeconds(30));
    Subprocess.run(
        environment(), List.of("python3", "-c", DELETE_WINDOW, window), Duration.ofSeconds(30));
  }

  // An XClientMessageEvent (ICCCM, section 4.2.8); not every release's xdotool has windowquit.
  private static final String DELETE_WINDOW =
      """
      import ctypes, struct, sys
      x = ctypes.CDLL('libX11.so.6')
      x.XOpenDisplay.restype = ctypes.c_void_p
      x.XInternAtom.restype = ctypes.c_ulong
      display = ctypes.c_void_p(x.XOpenDisplay(None))
      window = ctypes.c_ulong(int(sys.argv[1]))
      atom = lambda name: x.XInternAtom(display, name, 0)
      event = struct.pack('@iLiPLLi5l', 33, 0, 1, 0, window.value, atom(b'WM_PROTOCOLS'), 32,
                          atom(b'WM_DELETE_WINDOW'), 0, 0, 0, 0)
      if not x.XSendEvent(display, window, 0, ctypes.c_long(0), event + bytes(192 - len(event))):
          sys.exit('the event is not sent')
      x.XSync(display, 0)
      """;

  @Override
  public void close() {
    server.close();
  }
}
