package org.heliograph.peer.ice;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Keeps the path that data takes: chooses it among the valid pairs, asks its other end for consent
 * to send (RFC 7675), and notices when it has died.
 */
final class PathKeeper {
  /** The mean interval of consent checks (RFC 7675 5.1), from which each one is drawn ± 20 %. */
  private static final Duration CONSENT_INTERVAL = Duration.ofSeconds(5);

  /** How soon a check without an answer is followed by the next one. */
  private static final Duration FAST_REPETITION = Duration.ofMillis(100);

  /** The same once the pair is suspect. */
  private static final Duration SLOW_REPETITION = Duration.ofMillis(500);

  /** An answer this young says enough, when the other side checks the pair. */
  private static final Duration JUST_ANSWERED = Duration.ofSeconds(1);

  /** How often all other pairs are tried while there is no path. */
  private static final Duration RECOVERY_INTERVAL = Duration.ofSeconds(2);

  private final IceConfiguration configuration;
  private final Roles roles;
  private final ConnectivityChecks checks;
  private final RandomGenerator random;

  /** The pair that data takes, maybe one of the generation before; null before there is one. */
  private CheckedPair selected;

  private Optional<SelectedPair> selectedPair = Optional.empty();

  /** Since when there has been no path, where there was one; MAX_VALUE otherwise. */
  private long lostSinceNanos = Long.MAX_VALUE;

  private long nextCheckNanos = Long.MAX_VALUE;
  private long nextRecoveryNanos = Long.MIN_VALUE;

  PathKeeper(
      IceConfiguration configuration,
      Roles roles,
      ConnectivityChecks checks,
      RandomGenerator random) {
    this.configuration = configuration;
    this.roles = roles;
    this.checks = checks;
    this.random = random;
  }

  /** The pair that data takes, maybe one of the generation before; null for none. */
  CheckedPair pair() {
    return selected;
  }

  boolean uses(CheckedPair pair) {
    return pair == selected;
  }

  Optional<SelectedPair> selectedPair() {
    return selectedPair;
  }

  /** The path has gone; nothing may be sent until there is another one. */
  void lose(long nowNanos) {
    lostSinceNanos = Math.min(nowNanos, lostSinceNanos());
    selected = null;
    selectedPair = Optional.empty();
  }

  /** Begins as if there had never been a path. */
  void reset() {
    selected = null;
    selectedPair = Optional.empty();
    lostSinceNanos = Long.MAX_VALUE;
  }

  /**
   * Since when the path has been gone or without an answer; {@link Long#MAX_VALUE} if it is not.
   */
  long lostSinceNanos() {
    return selected == null ? lostSinceNanos : selected.unansweredSinceNanos();
  }

  /** Whether there is no path that answers, and there was one. */
  boolean isLost(long nowNanos) {
    return selected == null ? lostSinceNanos != Long.MAX_VALUE : selected.isSuspect(nowNanos);
  }

  /** Whether a generation has a nominated path that answers: then no other is looked for. */
  boolean isSettled(long nowNanos, Generation generation) {
    return selected != null
        && selected.generation() == generation
        && selected.isNominated()
        && !selected.isSuspect(nowNanos);
  }

  /** An authentic packet has come over the selected pair. */
  void heard(long nowNanos) {
    selected.heard(nowNanos);
  }

  /** Lets the next check of the selected pair leave at once. */
  void checkNow(long nowNanos) {
    nextCheckNanos = nowNanos;
  }

  /**
   * The other side checks the selected pair, maybe because it hears nothing: then what this side
   * sends is lost, and that can be found out at once.
   */
  void checkedByOther(long nowNanos) {
    if (nowNanos - selected.answeredNanos() > JUST_ANSWERED.toNanos()) {
      nextCheckNanos = Math.min(nextCheckNanos, nowNanos);
    }
  }

  /** A pair has answered a check. */
  void answered(long nowNanos, CheckedPair pair) {
    if (pair == selected) {
      scheduleConsentCheck(nowNanos);
    }
  }

  /**
   * Asks the selected pair's other end whether it still wants to be sent to (RFC 7675 5.1), and
   * sooner than that whether it is still there, when nothing comes from it.
   */
  void check(long nowNanos) {
    if (selected == null || nowNanos < nextDueCheckNanos()) {
      return;
    }
    checks.send(nowNanos, selected, 1, StunTransaction.INITIAL_RTO);
    selected.awaitAnswer(nowNanos);
    nextCheckNanos =
        nowNanos + (selected.isSuspect(nowNanos) ? SLOW_REPETITION : FAST_REPETITION).toNanos();
  }

  private long nextDueCheckNanos() {
    return isAnswerAwaited() ? nextCheckNanos : Math.min(nextCheckNanos, selected.silentNanos());
  }

  private boolean isAnswerAwaited() {
    return selected.unansweredSinceNanos() != Long.MAX_VALUE;
  }

  private void scheduleConsentCheck(long nowNanos) {
    long mean = CONSENT_INTERVAL.toNanos();
    nextCheckNanos = nowNanos + random.nextLong(mean * 8 / 10, mean * 12 / 10);
  }

  /** Whether all other pairs are to be tried now, because there is no path. */
  boolean isRecoveryDue(long nowNanos) {
    return isLost(nowNanos) && nowNanos >= nextRecoveryNanos;
  }

  /** All other pairs have got their chance. */
  void recoveryBegun(long nowNanos) {
    nextRecoveryNanos = nowNanos + RECOVERY_INTERVAL.toNanos();
  }

  /**
   * Chooses the pair that data takes: the nominated one of highest priority that answers, before a
   * nomination any valid one (RFC 8445 12.1). Nothing is changed for the worse.
   *
   * @return the new choice, where it is one
   */
  Optional<SelectedPair> select(long nowNanos, Generation generation) {
    CheckList checkList = generation.checkList();
    Optional<CheckedPair> best =
        checkList
            .best(pair -> pair.isHealthy(nowNanos) && pair.isNominated(), roles.role())
            .or(() -> checkList.best(pair -> pair.isHealthy(nowNanos), roles.role()));
    boolean keep =
        best.isEmpty()
            || best.get() == selected
            || (isSettled(nowNanos, generation) && !best.get().isNominated());
    if (keep) {
      return Optional.empty();
    }
    selected = best.get();
    selectedPair = Optional.of(selected.asSelected());
    lostSinceNanos = Long.MAX_VALUE;
    nextRecoveryNanos = Long.MIN_VALUE;
    scheduleConsentCheck(selected.answeredNanos());
    return selectedPair;
  }

  /** Whether the other end has not said for too long that it wants to be sent to. */
  boolean isConsentExpired(long nowNanos) {
    return selected != null && nowNanos >= consentExpiryNanos();
  }

  private long consentExpiryNanos() {
    return selected.answeredNanos() + configuration.consentTimeout().toNanos();
  }

  /** When something is due here; {@link Long#MAX_VALUE} for never. */
  long nextDueNanos(long nowNanos) {
    long next = Long.MAX_VALUE;
    if (selected != null) {
      next = Math.min(nextDueCheckNanos(), consentExpiryNanos());
      if (!selected.isSuspect(nowNanos)) {
        next = Math.min(next, selected.suspectNanos());
      }
    }
    return isLost(nowNanos) ? Math.min(next, nextRecoveryNanos) : next;
  }
}
