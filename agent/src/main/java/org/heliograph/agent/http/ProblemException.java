package org.heliograph.agent.http;

import java.io.Serial;

/** A request is refused with a problem document. */
final class ProblemException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
