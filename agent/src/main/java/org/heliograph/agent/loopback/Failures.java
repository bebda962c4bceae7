package org.heliograph.agent.loopback;

import java.util.concurrent.CompletionException;
import org.heliograph.text.ForeignText;

/** What a step on a connection's thread fails with, in words for the page. */
final class Failures {
  private Failures() {}

  /**
   * What a step has failed with.
   *
   * @param code for what the page has sent
   * @param what what it has sent
   */
  static CompletionException of(LoopbackException.Code code, String what, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof IllegalStateException closed) {
      return new CompletionException(
          new LoopbackException(
              LoopbackException.Code.UNKNOWN_CONNECTION,
              "The connection cannot take it: " + closed.getMessage() + "."));
    }
    return wrapped(
        code, what + " cannot be used: " + ForeignText.line("" + cause.getMessage()) + ".");
  }

  static CompletionException wrapped(LoopbackException.Code code, String message) {
    return new CompletionException(new LoopbackException(code, message));
  }
}
