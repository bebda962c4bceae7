package org.heliograph.peer.sdp;

/** A session description is malformed: says in which line, and what is wrong with it. */
public final class SdpException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final String problem;

  /**
   * @param line the line's number, from 1; 0 where no single line is at fault
   * @param problem what is wrong, as a clause without a full stop
   */
  public SdpException(int line, String problem) {
    super(line == 0 ? "SDP: " + problem : "SDP line " + line + ": " + problem);
    this.line = line;
    this.problem = problem;
  }

  /** The number of the malformed line, from 1; 0 where no single line is at fault. */
  public int line() {
    return line;
  }

  /** What is wrong, as a clause without a full stop. */
  public String problem() {
    return problem;
  }
}
