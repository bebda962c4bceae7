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

  /** How soon a consent check without an answer is followed by the next one. */
  private static final Duration CONSENT_REPETITION = Duration.ofMillis(500);

  /** How often all other pairs are tried while the selected one does not answer. */
  private static final Duration RECOVERY_INTERVAL = Duration.ofSeconds(5);

  private final IceConfiguration configuration;
  private final Roles roles;
  private final ConnectivityChecks checks;
  private final RandomGenerator random;

  /** The pair that data takes, maybe one of the generation before; null before there is one. */
  private CheckedPair selected;

  private Optional<SelectedPair> selectedPair = Optional.empty();
  private long nextConsentNanos = Long.MAX_VALUE;
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

  void forget() {
    selected = null;
    selectedPair = Optional.empty();
  }

  /** Whether a generation has a nominated path that answers: then no other is looked for. */
  boolean isSettled(long nowNanos, Generation generation) {
    return selected != null
        && selected.generation() == generation
        && selected.isNominated()
        && !selected.isSuspect(nowNanos);
  }

  /** Lets the next consent check leave at once. */
  void checkNow(long nowNanos) {
    nextConsentNanos = nowNanos;
  }

  /** A pair has answered a check. */
  void answered(long nowNanos, CheckedPair pair) {
    if (pair == selected) {
      scheduleConsentCheck(nowNanos);
    }
  }

  /** Asks the selected pair's other end whether it still wants to be sent to (RFC 7675 5.1). */
  void checkConsent(long nowNanos) {
    if (selected != null && nowNanos >= nextConsentNanos) {
      checks.send(nowNanos, selected, 1, StunTransaction.INITIAL_RTO);
      selected.awaitAnswer(nowNanos);
      nextConsentNanos = nowNanos + CONSENT_REPETITION.toNanos();
    }
  }

  private void scheduleConsentCheck(long nowNanos) {
    long mean = CONSENT_INTERVAL.toNanos();
    nextConsentNanos = nowNanos + random.nextLong(mean * 8 / 10, mean * 12 / 10);
  }

  /** Whether all other pairs are to be tried now, because the selected one does not answer. */
  boolean isRecoveryDue(long nowNanos) {
    return selected != null && selected.isSuspect(nowNanos) && nowNanos >= nextRecoveryNanos;
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
    scheduleConsentCheck(selected.answeredNanos());
    return selectedPair;
  }

  boolean isConsentExpired(long nowNanos) {
    return nowNanos >= consentExpiryNanos();
  }

  private long consentExpiryNanos() {
    return selected.answeredNanos() + configuration.consentTimeout().toNanos();
  }

  /** Whether the selected pair has been without an answer for so long that it counts as gone. */
  boolean isDisconnected(long nowNanos) {
    return selected.unansweredSinceNanos() != Long.MAX_VALUE && nowNanos >= disconnectedNanos();
  }

  private long disconnectedNanos() {
    return selected.unansweredSinceNanos() + configuration.disconnectedAfter().toNanos();
  }

  /** When something is due here; {@link Long#MAX_VALUE} for never. */
  long nextDueNanos(long nowNanos) {
    if (selected == null) {
      return Long.MAX_VALUE;
    }
    long next = nextConsentNanos;
    next = sooner(next, consentExpiryNanos(), nowNanos);
    if (selected.unansweredSinceNanos() != Long.MAX_VALUE) {
      next = sooner(next, selected.suspectNanos(), nowNanos);
      next = sooner(next, disconnectedNanos(), nowNanos);
      next = sooner(next, nextRecoveryNanos, nowNanos);
    }
    return next;
  }

  /** The sooner of two instants, where the other one counts only if it is still to come. */
  private static long sooner(long next, long other, long nowNanos) {
    return other > nowNanos ? Math.min(next, other) : next;
  }
}
