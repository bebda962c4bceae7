package org.heliograph.interop.apps;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.heliograph.interop.lab.PictureCode;
import org.heliograph.interop.lab.Subprocess;
import org.heliograph.interop.lab.VirtualDisplay;

/** An app's window as a person has it: its pixels can be seen and clicked on, and nothing else. */
final class AppWindow {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final int TOLERANCE = 2;

  /** Shape of the picture that the other side sends; it stands in the middle of the window. */
  private static final double PICTURE_SHAPE = 4.0 / 3;

  private final VirtualDisplay display;
  private final Path screenshot;
  private final String id;
  private final int left;
  private final int top;

  /**
   * Waits for a window.
   *
   * @param folder for screenshots
   */
  AppWindow(VirtualDisplay display, String title, Path folder) {
    this.display = display;
    screenshot = folder.resolve("window.png");
    String found = xdotool("search", "--sync", "--onlyvisible", "--name", title);
    id = found.lines().reduce((_, last) -> last).orElseThrow();
    String geometry = xdotool("getwindowgeometry", "--shell", id);
    left = number(geometry, "X");
    top = number(geometry, "Y");
  }

  private String xdotool(String... arguments) {
    List<String> command = new ArrayList<>(List.of("xdotool"));
    command.addAll(List.of(arguments));
    return Subprocess.run(display.environment(), command, LIMIT);
  }

  private static int number(String geometry, String name) {
    return geometry
        .lines()
        .filter(line -> line.startsWith(name + "="))
        .mapToInt(line -> Integer.parseInt(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  /** Writes what the window shows to a PNG file. */
  void screenshot(Path png) {
    Subprocess.run(display.environment(), List.of("import", "-window", id, png.toString()), LIMIT);
  }

  private BufferedImage pixels() throws IOException {
    screenshot(screenshot);
    return ImageIO.read(screenshot.toFile());
  }

  /** Waits until there is a button of that colour, and clicks on it. */
  void click(Color button) throws IOException {
    int[] middle = await("a button of " + button, () -> middleOf(button, pixels()));
    display.click(left + middle[0], top + middle[1]);
  }

  /** Waits until there is a button of that colour. */
  void awaitButton(Color button) throws IOException {
    int[] _ = await("a button of " + button, () -> middleOf(button, pixels()));
  }

  /** Asks the window to close, as the button in its title bar does. */
  void close() {
    Subprocess.run(
        display.environment(), List.of("python3", "webview-lab/close-window.py", id), LIMIT);
  }

  /** Waits until so many pictures with different codes were seen. */
  void awaitPictures(int codes) throws IOException {
    Set<Integer> seen = new HashSet<>();
    Set<Integer> _ =
        await(
            codes + " pictures",
            () -> {
              int code = code(pixels());
              if (code >= 0) {
                seen.add(code);
              }
              return seen.size() < codes ? Optional.empty() : Optional.of(seen);
            });
  }

  private interface Look<T> {
    Optional<T> look() throws IOException;
  }

  private <T> T await(String what, Look<T> look) throws IOException {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      Optional<T> found = look.look();
      if (found.isPresent()) {
        return found.get();
      }
    }
    Path kept = Path.of("target", "example-app-failed.png");
    Files.copy(screenshot, kept, StandardCopyOption.REPLACE_EXISTING);
    throw new AssertionError("the window does not show " + what + ": " + kept.toAbsolutePath());
  }

  private static Optional<int[]> middleOf(Color color, BufferedImage image) {
    int right = -1;
    int bottom = -1;
    int x0 = image.getWidth();
    int y0 = image.getHeight();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if (isLike(color, image.getRGB(x, y))) {
          x0 = Math.min(x0, x);
          y0 = Math.min(y0, y);
          right = Math.max(right, x);
          bottom = Math.max(bottom, y);
        }
      }
    }
    return right - x0 < 40 || bottom - y0 < 20
        ? Optional.empty()
        : Optional.of(new int[] {(x0 + right) / 2, (y0 + bottom) / 2});
  }

  private static boolean isLike(Color color, int rgb) {
    return Math.abs((rgb >> 16 & 0xff) - color.getRed()) <= TOLERANCE
        && Math.abs((rgb >> 8 & 0xff) - color.getGreen()) <= TOLERANCE
        && Math.abs((rgb & 0xff) - color.getBlue()) <= TOLERANCE;
  }

  /** The code in the picture that fills the window; -1 when there is none. */
  private static int code(BufferedImage image) {
    int width = (int) Math.min(image.getWidth(), Math.round(image.getHeight() * PICTURE_SHAPE));
    int height = (int) Math.round(width / PICTURE_SHAPE);
    int x0 = (image.getWidth() - width) / 2;
    int y0 = (image.getHeight() - height) / 2;
    ByteBuffer luma = ByteBuffer.allocate(width * height);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        luma.put((byte) (image.getRGB(x0 + x, y0 + y) >> 8));
      }
    }
    return PictureCode.read(luma, width, width, height);
  }
}
