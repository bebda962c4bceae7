package org.heliograph.agent.call;

import java.time.Duration;

/**
 * What is done while a call's path is lost: ICE restarts are offered until the path is back or the
 * time is over. Both sides do so; the caller goes first, so that they seldom collide.
 *
 * <p>An offer may be lost on its way, because the network that was lost carried the signalling,
 * too. So it is repeated, and at once when the signalling is back.
 */
final class Reconnection {
  /** How long the callee leaves it to the caller. */
  private static final Duration CALLEE_WAITS = Duration.ofSeconds(2);

  /** How long an offer, its answer and the checks after it may take before the next attempt. */
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  /** What an attempt and its end come to. */
  interface Steps {
    /** Offers a restart, or repeats the offer that is open. */
    void offerRestart();

    /** The time is over. */
    void giveUp();
  }

  private final LoopTimer attempt;
  private final LoopTimer end;
  private final Duration timeout;
  private final Steps steps;
  private boolean active;

  Reconnection(LoopTimer attempt, LoopTimer end, Duration timeout, Steps steps) {
    this.attempt = attempt;
    this.end = end;
    this.timeout = timeout;
    this.steps = steps;
  }

  /** The path is lost. */
  void begin(boolean caller) {
    active = true;
    end.start(timeout, steps::giveUp);
    if (caller) {
      tryNow();
    } else {
      attempt.start(CALLEE_WAITS, this::tryNow);
    }
  }

  /** There is a new reason to try: the signalling is back, or the path will not come back. */
  void tryNow() {
    if (active) {
      attempt.start(ATTEMPT, this::tryNow);
      steps.offerRestart();
    }
  }

  /** Descriptions have been exchanged: what they come to gets its time. */
  void exchanged() {
    if (active) {
      attempt.start(ATTEMPT, this::tryNow);
    }
  }

  /** The path is back, or the call is over. */
  void stop() {
    active = false;
    attempt.cancel();
    end.cancel();
  }
}
