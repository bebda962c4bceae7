package org.heliograph.interop.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What one side has received: when it was handed out, and what it is. For any thread. */
final class Reception {
  private final ArrayNode pictures = Program.JSON.createArrayNode();
  private final ArrayNode sounds = Program.JSON.createArrayNode();
  private long undecodable;

  /**
   * A picture was handed out.
   *
   * @param nanos when, on the clock of {@link System#nanoTime()}
   * @param code what its code says, or -1
   * @param timeNanos its place on the stream's time line; 0 where that is not known
   */
  synchronized void picture(long nanos, int code, int width, long timeNanos) {
    if (code < 0) {
      undecodable++;
    } else {
      pictures.addArray().add(nanos).add(code).add(width).add(timeNanos);
    }
  }

  /** A picture was handed out that cannot be decoded. */
  synchronized void undecodable() {
    undecodable++;
  }

  /** A packet of sound was handed out: when, and its place on the stream's time line. */
  synchronized void sound(long nanos, long timeNanos, long durationNanos) {
    sounds.addArray().add(nanos).add(timeNanos).add(durationNanos);
  }

  /** Forgets everything. */
  synchronized void clear() {
    pictures.removeAll();
    sounds.removeAll();
    undecodable = 0;
  }

  /** Everything since the last report. */
  synchronized ObjectNode report() {
    ObjectNode report = Program.JSON.createObjectNode();
    report.set("pictures", pictures.deepCopy());
    report.set("sounds", sounds.deepCopy());
    report.put("undecodable", undecodable);
    clear();
    return report;
  }
}
