package org.heliograph.peer.sdp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Damages a session description a little: lines lost, doubled, swapped, and characters changed. */
public final class SdpMutator {
  private static final String[] FRAGMENTS = {
    "0",
    "-1",
    "99999999999999999999",
    "\u0000",
    "\r",
    "\n",
    "=",
    ":",
    "/",
    " ",
    "*",
    "a=",
    "m=",
    "\uFFFF",
    "é",
    "rtpmap",
    "apt=",
    "65536",
    "BUNDLE",
    "bundle-only",
    "inactive"
  };

  private SdpMutator() {}

  /** A damaged copy. */
  public static String mutate(String sdp, Random random) {
    List<String> lines = new ArrayList<>(sdp.lines().toList());
    int changes = 1 + random.nextInt(3);
    for (int change = 0; change < changes && !lines.isEmpty(); change++) {
      int index = random.nextInt(lines.size());
      String line = lines.get(index);
      int column = random.nextInt(line.length() + 1);
      switch (random.nextInt(7)) {
        case 0 -> lines.remove(index);
        case 1 -> lines.add(index, line);
        case 2 -> Collections.swap(lines, index, random.nextInt(lines.size()));
        case 3 -> lines.set(index, line.substring(0, column));
        case 4 ->
            lines.set(
                index,
                line.substring(0, column)
                    + FRAGMENTS[random.nextInt(FRAGMENTS.length)]
                    + line.substring(column));
        case 5 -> {
          StringBuilder changed = new StringBuilder(line);
          if (!line.isEmpty()) {
            changed.setCharAt(Math.min(column, line.length() - 1), (char) random.nextInt(128));
          }
          lines.set(index, changed.toString());
        }
        default -> {
          int space = line.lastIndexOf(' ');
          lines.set(index, space < 0 ? line + " 1" : line.substring(0, space));
        }
      }
    }
    return String.join("\r\n", lines) + "\r\n";
  }
}
