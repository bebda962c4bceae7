package org.heliograph.peer.sdp;

/**
 * A line of a description that was passed over: it breaks its grammar, and the description can be
 * used without it.
 *
 * @param line its number, from 1; 0 where it is not known
 * @param section the index of its media section; −1 at session level
 * @param name the attribute's name, or the line's type; as the other side wrote it
 * @param problem what is wrong, as a clause without a full stop
 */
public record SkippedLine(int line, int section, String name, String problem) {
  /** At session level. */
  public static final int SESSION = -1;

  @Override
  public String toString() {
    return (line == 0 ? "" : "line " + line + " ") + "(" + name + "): " + problem;
  }
}
