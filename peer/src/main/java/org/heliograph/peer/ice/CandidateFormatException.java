package org.heliograph.peer.ice;

/** A text is not a candidate-attribute of RFC 8839 5.1; the message says what is wrong with it. */
public final class CandidateFormatException extends Exception {
  private static final long serialVersionUID = 1;

  /** What is wrong, as a clause for people. */
  public CandidateFormatException(String message) {
    super(message);
  }
}
