package org.heliograph.peer.dtls;

import java.util.concurrent.Semaphore;

/**
 * Code written to block, driven step by step: it runs in a virtual thread, but only while {@link
 * #resume} waits for it to {@link #suspend} or to end. So the two never run at once, and what one
 * has written the other sees.
 */
final class Coroutine {
  private final Semaphore turnOfBody = new Semaphore(0);
  private final Semaphore turnOfDriver = new Semaphore(0);
  private final Thread thread;
  private boolean started;
  private boolean done;

  /** A coroutine that the first {@link #resume} starts; the body must not throw. */
  Coroutine(String name, Runnable body) {
    thread =
        Thread.ofVirtual()
            .name(name)
            .inheritInheritableThreadLocals(false)
            .unstarted(
                () -> {
                  try {
                    body.run();
                  } finally {
                    done = true;
                    turnOfDriver.release();
                  }
                });
  }

  /** Runs the body until it suspends or ends. Not to be called by the body, nor after its end. */
  void resume() {
    if (done) {
      throw new IllegalStateException("the coroutine has ended");
    }
    if (started) {
      turnOfBody.release();
    } else {
      started = true;
      thread.start();
    }
    turnOfDriver.acquireUninterruptibly();
  }

  /** Called by the body: gives the turn back, and returns at the next {@link #resume}. */
  void suspend() {
    turnOfDriver.release();
    turnOfBody.acquireUninterruptibly();
  }

  /** Whether the body has ended. */
  boolean isDone() {
    return done;
  }
}
