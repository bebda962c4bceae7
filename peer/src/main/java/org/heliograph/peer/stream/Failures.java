package org.heliograph.peer.stream;

/**
 * What has failed among steps of which none is to keep the others from being done: all are done,
 * and then the first failure is thrown, with those after it attached.
 */
public final class Failures {
  /** What a chain of failures may hold: the rest is more of the same. */
  private static final int MAX_ATTACHED = 8;

  private RuntimeException first;

  /** Does a step, and keeps its failure. */
  public void run(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      add(e);
    }
  }

  /** Takes a failure of one step. */
  public void add(RuntimeException failure) {
    if (first == null) {
      first = failure;
    } else if (!failure.equals(first) && first.getSuppressed().length < MAX_ATTACHED) {
      first.addSuppressed(failure);
    }
  }

  /** Throws the first failure since the last call, if there was one. */
  public void throwFirst() {
    RuntimeException thrown = first;
    first = null;
    if (thrown != null) {
      throw thrown;
    }
  }
}
