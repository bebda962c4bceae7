package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Finds paths: pairs of candidates, their checks in order and at a pace, what the other side's
 * checks teach, and the nomination (RFC 8445 6.1, 7.2, 7.3, 8.1). Which path is used, and whether
 * it still works, is the {@link PathKeeper}'s.
 */
final class PathFinder {
  /** The pace at which transactions begin (RFC 8445 14.2, Ta). */
  private static final Duration PACE = Duration.ofMillis(50);

  /** The same while a path that was lost is replaced: the pairs are many, and time is short. */
  private static final Duration RECOVERY_PACE = Duration.ofMillis(20);

  /** How often what comes from where no path leads is looked at. */
  private static final Duration STRANGERS_PACE = Duration.ofMillis(200);

  /** Seven transmissions: a check without an answer fails after 11.5 seconds. */
  private static final int CHECK_TRANSMISSIONS = 7;

  /** How long the controlling agent waits for a better pair once it has a valid one. */
  private static final Duration NOMINATION_DELAY = Duration.ofMillis(200);

  /**
   * How long it waits while it has but a relay or TCP. Data takes that path meanwhile, and a direct
   * path may need some retransmissions through two NATs; what is nominated lasts for the call.
   */
  private static final Duration LAST_RESORT_NOMINATION_DELAY = Duration.ofSeconds(2);

  /** The pace at which pairs are looked at that may be better than the one in use. */
  private static final Duration REVIEW_PACE = Duration.ofSeconds(1);

  /** By how much a nomination must be younger to replace an older one. */
  private static final Duration NOMINATION_SUPERSEDED_AFTER = Duration.ofSeconds(5);

  private final Roles roles;
  private final Gatherer gatherer;
  private final ConnectivityChecks checks;
  private final PathKeeper keeper;
  private final IceAgent.Output output;
  private final ValidatedPairs validated;

  /** The generation whose pairs are checked: the latest whose remote credentials are known. */
  private Generation generation;

  private long nextCheckNanos = Long.MIN_VALUE;
  private long nextStrangerNanos = Long.MIN_VALUE;

  /** When the next pair is looked at; MAX_VALUE while no path is settled on. */
  private long nextReviewNanos = Long.MAX_VALUE;

  PathFinder(
      Roles roles,
      Gatherer gatherer,
      ConnectivityChecks checks,
      PathKeeper keeper,
      IceAgent.Output output,
      ValidatedPairs validated,
      Generation generation) {
    this.roles = roles;
    this.gatherer = gatherer;
    this.checks = checks;
    this.keeper = keeper;
    this.output = output;
    this.validated = validated;
    this.generation = generation;
  }

  /** Finds paths in another generation; the pair in use stays as it is. */
  void begin(Generation newGeneration) {
    generation = newGeneration;
    checks.closeAll(pair -> pair != keeper.pair());
  }

  // ---- Pairs ----

  /** Pairs a remote candidate with every base that reaches it. */
  void pair(Candidate remote) {
    for (LocalBase base : gatherer.bases()) {
      pair(base, remote);
    }
  }

  /** Pairs a new base with every remote candidate that it reaches. */
  void pair(LocalBase base) {
    if (generation.remote().isPresent()) {
      generation.remoteCandidates().all().forEach(remote -> pair(base, remote));
    }
  }

  private void pair(LocalBase base, Candidate remote) {
    if (generation.sendsFrom(base) && checkList().find(base, remote.address()).isEmpty()) {
      checkList().add(base, remote, roles.role());
    }
  }

  void remove(LocalBase base) {
    checkList().remove(pair -> pair.base().equals(base));
    checks.closeAll(pair -> pair.base().equals(base));
    generation.earlyChecks().forget(base);
  }

  private CheckList checkList() {
    return generation.checkList();
  }

  // ---- The other side's checks ----

  /** Draws the consequences of an authentic check (RFC 8445 7.3.1.3 to 7.3.1.5). */
  void learn(
      long nowNanos, LocalBase base, InetSocketAddress remote, long priority, boolean nominates) {
    Optional<CheckedPair> found = pairAt(nowNanos, base, remote, priority);
    if (found.isEmpty()) {
      return;
    }
    CheckedPair pair = found.get();
    pair.checkReceived(nowNanos);
    if (nominates && !roles.isControlling()) {
      pair.nominateWhenValid();
    }
    if (pair.isHealthy(nowNanos)) {
      nominateIfAsked(nowNanos, pair);
    }
    if (keeper.uses(pair)) {
      keeper.checkedByOther(nowNanos);
    } else if (!pair.isHealthy(nowNanos)) {
      pair.postpone();
      checkList().trigger(pair);
    }
  }

  /**
   * An authentic packet has come, though not over the selected pair: maybe the other side's address
   * has changed. That is believed once a check of it has been answered.
   *
   * @return whether there is one to be sent
   */
  boolean heardElsewhere(long nowNanos, LocalBase base, InetSocketAddress remote) {
    if (nowNanos < nextStrangerNanos || generation.remote().isEmpty()) {
      return false;
    }
    nextStrangerNanos = nowNanos + STRANGERS_PACE.toNanos();
    Optional<CheckedPair> pair = pairAt(nowNanos, base, remote, base.peerReflexivePriority());
    if (pair.isEmpty() || pair.get().isHealthy(nowNanos)) {
      return false;
    }
    checkList().trigger(pair.get());
    return true;
  }

  private Optional<CheckedPair> pairAt(
      long nowNanos, LocalBase base, InetSocketAddress remote, long priority) {
    return checkList()
        .find(base, remote)
        .or(
            () ->
                remoteCandidateAt(nowNanos, base, remote, priority)
                    .flatMap(candidate -> checkList().add(base, candidate, roles.role())));
  }

  /** The signalled candidate of an address, or a peer-reflexive one (RFC 8445 7.3.1.3). */
  private Optional<Candidate> remoteCandidateAt(
      long nowNanos, LocalBase base, InetSocketAddress address, long priority) {
    RemoteCandidates remotes = generation.remoteCandidates();
    boolean tcp = base.kind() == LocalBase.Kind.TCP;
    Optional<Candidate> signalled = remotes.at(address, tcp);
    if (signalled.isPresent() || tcp) {
      return signalled;
    }
    String usernameFragment = generation.remote().orElseThrow().usernameFragment();
    if (remotes.isFull()) {
      forgetDeadPeerReflexiveCandidates(nowNanos);
    }
    return remotes.addPeerReflexive(address, priority, usernameFragment);
  }

  /** In a long call a NAT may rebind many times, and leaves an address behind each time. */
  private void forgetDeadPeerReflexiveCandidates(long nowNanos) {
    for (CheckedPair pair : List.copyOf(checkList().pairs())) {
      if (pair.remote().type() == CandidateType.PEER_REFLEXIVE
          && !keeper.uses(pair)
          && pair.state() != CheckedPair.State.IN_PROGRESS
          && !pair.isHealthy(nowNanos)) {
        generation.remoteCandidates().remove(pair.remote());
        checkList().remove(pair::equals);
      }
    }
  }

  private void nominateIfAsked(long nowNanos, CheckedPair pair) {
    if (!pair.isToBeNominatedWhenValid() || roles.isControlling()) {
      return;
    }
    boolean moved = !pair.isNominated();
    pair.nominate(nowNanos);
    // Who nominates several pairs means the best of them; who nominates long after has moved.
    for (CheckedPair other : pair.generation().checkList().pairs()) {
      if (moved
          && other != pair
          && other.isNominated()
          && nowNanos - other.nominatedSinceNanos() > NOMINATION_SUPERSEDED_AFTER.toNanos()) {
        other.withdrawNomination();
      }
    }
  }

  // ---- Answers to this side's checks ----

  /**
   * Takes a response (RFC 8445 7.2.5).
   *
   * @return whether it answers a check
   */
  boolean handleResponse(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, StunMessage response) {
    Optional<ConnectivityChecks.OpenCheck> answered = checks.find(response.transactionId());
    if (answered.isEmpty()) {
      return false;
    }
    ConnectivityChecks.OpenCheck check = answered.get();
    CheckedPair pair = check.pair();
    Optional<StunAttribute.ErrorCode> error = response.attribute(StunAttribute.ErrorCode.class);
    if (!response.isAuthentic(pair.generation().remoteKey())) {
      // Anyone on the way may have made it up, so it proves nothing; but it helps to explain.
      error.ifPresent(pair.generation()::noteRefusal);
      return true;
    }
    checks.close(response.transactionId());
    if (pair.check() == check.transaction()) {
      pair.cancelCheck();
    }
    boolean symmetric =
        check.transaction().remote().equals(remote) && check.transaction().local().equals(local);
    if (response.messageClass() == StunClass.SUCCESS_RESPONSE && symmetric) {
      succeed(nowNanos, check, response);
    } else if (error.isPresent() && error.get().code() == 487) {
      giveWay(nowNanos, check);
    } else if (!keeper.uses(pair)) {
      error.ifPresent(pair.generation()::noteRefusal);
      pair.fail();
    }
    return true;
  }

  private void succeed(long nowNanos, ConnectivityChecks.OpenCheck check, StunMessage response) {
    CheckedPair pair = check.pair();
    StunTransaction transaction = check.transaction();
    validated.add(transaction.local(), transaction.remote());
    InetSocketAddress mapped =
        Gatherer.mappedAddress(response).orElseGet(() -> pair.base().address());
    pair.answered(
        nowNanos,
        gatherer.candidateAt(pair.base(), mapped),
        transaction.isRetransmitted() ? -1 : transaction.elapsedNanos(nowNanos));
    pair.generation().noteValid(nowNanos);
    if (check.nominates() && roles.isControlling()) {
      pair.generation().checkList().pairs().forEach(CheckedPair::withdrawNomination);
      pair.nominate(nowNanos);
    }
    nominateIfAsked(nowNanos, pair);
    keeper.answered(nowNanos, pair);
  }

  /** The other side keeps its role (RFC 8445 7.2.5.1). */
  private void giveWay(long nowNanos, ConnectivityChecks.OpenCheck check) {
    if (roles.role() == check.role()) {
      roles.giveWay();
      forgetNominating();
    }
    if (keeper.uses(check.pair())) {
      keeper.checkNow(nowNanos);
    } else {
      checkList().trigger(check.pair());
    }
  }

  /** In another role this side is about to nominate nothing. */
  void forgetNominating() {
    checkList().pairs().forEach(pair -> pair.setNominating(false));
  }

  // ---- What is due ----

  void retransmit(long nowNanos) {
    boolean settled = keeper.isSettled(nowNanos, generation);
    for (CheckedPair pair : checkList().pairs()) {
      StunTransaction check = pair.check();
      if (check == null) {
        continue;
      }
      if (settled && !pair.isNominating() && !pair.isToBeNominatedWhenValid()) {
        pair.postpone();
      } else if (check.isExpired(nowNanos)) {
        checks.close(check.id());
        pair.fail();
      } else if (nowNanos >= check.dueNanos()) {
        check.retransmit(nowNanos, output);
      }
    }
  }

  /** Gives every pair but the one in use its chance again, those first that have worked. */
  void retryOtherPairs(long nowNanos) {
    for (CheckedPair pair : checkList().pairs()) {
      boolean idle =
          pair.state() == CheckedPair.State.SUCCEEDED || pair.state() == CheckedPair.State.FAILED;
      if (!keeper.uses(pair) && idle && !pair.isHealthy(nowNanos)) {
        boolean workedBefore = pair.state() == CheckedPair.State.SUCCEEDED;
        pair.setNominating(false);
        pair.postpone();
        if (workedBefore) {
          checkList().trigger(pair);
        }
      }
    }
  }

  /** Nominates a pair as the controlling agent (RFC 8445 8.1.1). */
  void nominate(long nowNanos) {
    if (!roles.isControlling()
        || keeper.isSettled(nowNanos, generation)
        || checkList().pairs().stream().anyMatch(CheckedPair::isNominating)) {
      return;
    }
    Optional<CheckedPair> best = checkList().best(pair -> pair.isHealthy(nowNanos), roles.role());
    if (best.isPresent()
        && (nowNanos >= nominationNanos(best.get().isLastResort()) || !mayImprove(best.get()))) {
      best.get().setNominating(true);
      checkList().trigger(best.get());
    }
  }

  /**
   * Looks at a pair that is better than the one in use, in its turn: a network that was lost may be
   * back, or a way has opened that was closed at first. Once such a pair has answered for some
   * time, the controlling agent moves data to it. Both sides look, as each may know of addresses
   * that the other cannot reach by itself.
   */
  void review(long nowNanos) {
    if (!keeper.isSettled(nowNanos, generation)) {
      nextReviewNanos = Long.MAX_VALUE;
      return;
    }
    if (nextReviewNanos == Long.MAX_VALUE) {
      nextReviewNanos = nowNanos + REVIEW_PACE.toNanos();
    }
    if (nowNanos < nextReviewNanos) {
      return;
    }
    nextReviewNanos = nowNanos + REVIEW_PACE.toNanos();
    long used = keeper.pair().priority(roles.role());
    checkList()
        .best(
            pair ->
                pair.priority(roles.role()) > used
                    && pair.isReviewDue(nowNanos)
                    && !pair.isNominating(),
            roles.role())
        .ifPresent(pair -> review(nowNanos, pair));
  }

  private void review(long nowNanos, CheckedPair pair) {
    pair.review(nowNanos);
    if (roles.isControlling() && pair.isSteady(nowNanos)) {
      pair.setNominating(true);
      checkList().trigger(pair);
    } else {
      checks.send(nowNanos, pair, 1, StunTransaction.INITIAL_RTO);
    }
  }

  private long nominationNanos(boolean lastResort) {
    Duration delay = lastResort ? LAST_RESORT_NOMINATION_DELAY : NOMINATION_DELAY;
    return generation.firstValidNanos() == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : generation.firstValidNanos() + delay.toNanos();
  }

  private boolean mayImprove(CheckedPair best) {
    long priority = best.priority(roles.role());
    return checkList()
        .best(
            pair ->
                pair.state() == CheckedPair.State.WAITING
                    || pair.state() == CheckedPair.State.IN_PROGRESS,
            roles.role())
        .filter(pair -> pair.priority(roles.role()) > priority)
        .isPresent();
  }

  /** Begins one transaction, when the pace allows it: a triggered check, a question, a check. */
  void startNextTransaction(long nowNanos) {
    if (nowNanos < nextCheckNanos || !hasTransactionToStart(nowNanos)) {
      return;
    }
    nextCheckNanos = nowNanos + (keeper.isLost(nowNanos) ? RECOVERY_PACE : PACE).toNanos();
    Optional<CheckedPair> triggered = checkList().pollTriggered();
    if (triggered.isPresent()) {
      startCheck(nowNanos, triggered.get());
    } else if (gatherer.hasUnasked()) {
      gatherer.askNext(nowNanos);
    } else {
      checkList().nextWaiting(roles.role()).ifPresent(pair -> startCheck(nowNanos, pair));
    }
  }

  private boolean hasTransactionToStart(long nowNanos) {
    return checkList().hasTriggered()
        || gatherer.hasUnasked()
        || (generation.remote().isPresent()
            && !keeper.isSettled(nowNanos, generation)
            && checkList().nextWaiting(roles.role()).isPresent());
  }

  private void startCheck(long nowNanos, CheckedPair pair) {
    pair.begin(checks.send(nowNanos, pair, CHECK_TRANSMISSIONS, rto(nowNanos)));
  }

  private Duration rto(long nowNanos) {
    if (keeper.isLost(nowNanos)) {
      return StunTransaction.RECOVERY_RTO;
    }
    Duration paced = PACE.multipliedBy(checkList().unsettled());
    return paced.compareTo(StunTransaction.INITIAL_RTO) > 0 ? paced : StunTransaction.INITIAL_RTO;
  }

  /** When something is due here; {@link Long#MAX_VALUE} for never. */
  long nextDueNanos(long nowNanos) {
    long next = hasTransactionToStart(nowNanos) ? nextCheckNanos : Long.MAX_VALUE;
    next = Math.min(next, nextReviewNanos);
    for (CheckedPair pair : checkList().pairs()) {
      if (pair.check() != null) {
        next = Math.min(next, pair.check().dueNanos());
      }
    }
    for (boolean lastResort : List.of(false, true)) {
      long nanos = nominationNanos(lastResort);
      next = nanos > nowNanos ? Math.min(next, nanos) : next;
    }
    return next;
  }
}
