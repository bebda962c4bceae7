package org.heliograph.interop.devices;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.heliograph.interop.lab.DecodedStream.Picture;
import org.heliograph.interop.lab.Subprocess;

/** The kernel's camera for tests, which shows and does what its V4L2 controls say. */
record Vivid(Path device) {
  /** A colour that fills the picture: its test pattern's number, and its Y, U and V (BT.601). */
  enum Colour {
    WHITE(6, 235, 128, 128),
    RED(7, 81, 90, 240),
    GREEN(8, 145, 54, 34),
    BLUE(9, 41, 240, 110);

    /** What compression and another colour matrix may change. */
    private static final int TOLERANCE = 32;

    private final int pattern;
    private final int y;
    private final int u;
    private final int v;

    Colour(int pattern, int y, int u, int v) {
      this.pattern = pattern;
      this.y = y;
      this.u = u;
      this.v = v;
    }

    /** Whether a picture shows it. */
    boolean is(Picture picture) {
      return Math.abs(picture.y() - y) < TOLERANCE
          && Math.abs(picture.u() - u) < TOLERANCE
          && Math.abs(picture.v() - v) < TOLERANCE;
    }
  }

  /** Fills the picture with a colour. */
  void show(Colour colour) {
    control("osd_text_mode=2");
    control("test_pattern=" + colour.pattern);
  }

  /** Is gone, until the last program has closed it. */
  void unplug() {
    control("disconnect=1");
  }

  private void control(String setting) {
    Subprocess.run(
        Map.of(),
        List.of("v4l2-ctl", "-d", device.toString(), "--set-ctrl=" + setting),
        Duration.ofSeconds(20));
  }
}
