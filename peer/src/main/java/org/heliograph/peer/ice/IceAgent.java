package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A full ICE agent (RFC 8445) for one component, in either role.
 *
 * <p>It owns no socket, no thread and no clock. Whoever drives it, one thread at a time, binds UDP
 * sockets and names their addresses, hands over every datagram for which {@link
 * StunMessage#looksLikeStun} holds, and calls {@link #handleTimeout} at {@link #nextTimeoutNanos}.
 * Time is {@code nowNanos}, nanoseconds on one monotonic clock such as {@link System#nanoTime},
 * never falling from call to call. After each call {@code nextTimeoutNanos} may have changed.
 *
 * <p>Data goes from {@link SelectedPair#local} to {@link SelectedPair#remote} of the pair that
 * {@link Output#onSelectedPairChange} told last.
 *
 * <p>A local address only names a way to send. A relayed address works like a bound one, as soon as
 * something between this agent and the sockets wraps what is sent from it and unwraps what comes.
 */
public final class IceAgent {
  /** What the agent does and tells. Nothing here may call the agent back. */
  public interface Output {
    /**
     * Sends a STUN packet, position to limit. The buffer is reused after this call. A packet that
     * cannot be sent is lost like any other: nothing is thrown.
     */
    void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet);

    /** A local candidate was found, to be signalled. */
    void onLocalCandidate(Candidate candidate);

    /** No more local candidates will come (until an address is added or the agent restarted). */
    void onGatheringComplete();

    /** The state has changed; see {@link IceAgent#failureReason} at {@link IceState#FAILED}. */
    void onStateChange(IceState state);

    /** Data takes another path from now on. */
    void onSelectedPairChange(SelectedPair pair);

    /** A remote candidate is not used; no error, for a log and for {@code doctor}. */
    default void onRemoteCandidateSkipped(Candidate candidate, String reason) {}
  }

  /** The pace at which transactions begin (RFC 8445 14.2, Ta). */
  private static final Duration PACE = Duration.ofMillis(50);

  /** Seven transmissions: a check without an answer fails after 11.5 seconds. */
  private static final int CHECK_TRANSMISSIONS = 7;

  /** How long the controlling agent waits for a better pair once it has a valid one. */
  private static final Duration NOMINATION_DELAY = Duration.ofMillis(200);

  /** The mean interval of consent checks (RFC 7675 5.1), from which each one is drawn ± 20 %. */
  private static final Duration CONSENT_INTERVAL = Duration.ofSeconds(5);

  /** How soon a consent check without an answer is followed by the next one. */
  private static final Duration CONSENT_REPETITION = Duration.ofMillis(500);

  /** How often all other pairs are tried while the selected one does not answer. */
  private static final Duration RECOVERY_INTERVAL = Duration.ofSeconds(5);

  /** By how much a nomination must be younger to replace one of higher priority. */
  private static final Duration NOMINATION_SUPERSEDED_AFTER = Duration.ofSeconds(5);

  private static final int MAX_EARLY_CHECKS = 16;
  private static final int MAX_OPEN_CHECKS = 256;

  /** A check that may still be answered. */
  private record OpenCheck(
      CheckedPair pair, StunTransaction transaction, IceRole role, boolean nominates) {}

  /** A check that came before the remote credentials: answered, but not yet learned from. */
  private static final class EarlyCheck {
    private final LocalBase base;
    private final InetSocketAddress remote;
    private final long priority;
    private boolean nominates;

    EarlyCheck(LocalBase base, InetSocketAddress remote, long priority) {
      this.base = base;
      this.remote = remote;
      this.priority = priority;
    }
  }

  private final IceConfiguration configuration;
  private final RandomGenerator random;
  private final Output output;
  private final StunWriter writer = new StunWriter();
  private final Gatherer gatherer;
  private final CheckResponder responder;
  private final Map<TransactionId, OpenCheck> openChecks =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TransactionId, OpenCheck> eldest) {
          return size() > MAX_OPEN_CHECKS;
        }
      };

  private final RemoteCandidates remoteCandidates = new RemoteCandidates();
  private final List<EarlyCheck> earlyChecks = new ArrayList<>();

  private IceRole role;
  private long tieBreaker;
  private Generation generation;
  private CheckList checkList;
  private boolean remoteEnded;
  private Optional<String> lastRefusal = Optional.empty();

  /** The pair that data takes, maybe one of the generation before; null before there is one. */
  private CheckedPair selected;

  private Optional<SelectedPair> selectedPair = Optional.empty();
  private IceState state = IceState.NEW;
  private Optional<String> failureReason = Optional.empty();

  private long nextCheckNanos = Long.MIN_VALUE;
  private long firstValidNanos = Long.MAX_VALUE;
  private long connectDeadlineNanos = Long.MAX_VALUE;
  private long nextConsentNanos = Long.MAX_VALUE;
  private long nextRecoveryNanos = Long.MIN_VALUE;
  private long nextTimeoutNanos = Long.MAX_VALUE;

  /**
   * Makes an agent with fresh credentials.
   *
   * @param random for credentials, transaction ids and intervals: in life a {@link
   *     java.security.SecureRandom}
   */
  public IceAgent(
      IceRole role, IceConfiguration configuration, RandomGenerator random, Output output) {
    this.role = role;
    this.configuration = configuration;
    this.random = random;
    this.output = output;
    tieBreaker = random.nextLong();
    generation = new Generation(IceCredentials.generate(random));
    gatherer = new Gatherer(random, writer, output, generation.local().usernameFragment());
    responder = new CheckResponder(writer, output);
    checkList = new CheckList(generation, gatherer::hostCandidate);
  }

  /** The credentials to be signalled. */
  public IceCredentials localCredentials() {
    return generation.local();
  }

  /** The other side's credentials of this generation, once they are known. */
  public Optional<IceCredentials> remoteCredentials() {
    return generation.remote();
  }

  /** The role, which a conflict with the other side may have changed. */
  public IceRole role() {
    return role;
  }

  /** Changes the role, when an offer was rolled back. */
  public void setRole(IceRole role) {
    if (this.role != role) {
      this.role = role;
      checkList.pairs().forEach(pair -> pair.setNominating(false));
    }
  }

  /** Where the agent stands. */
  public IceState state() {
    return state;
  }

  /** Why the agent failed, in words; empty in every other state. */
  public Optional<String> failureReason() {
    return failureReason;
  }

  /**
   * The path that data takes, once there is one. Nothing may be sent while this is empty (RFC 7675
   * 5.1: consent has expired), nor in the states FAILED and CLOSED.
   */
  public Optional<SelectedPair> selectedPair() {
    return selectedPair;
  }

  /** The figures of every pair of this generation, and of the one in use. */
  public List<PairStatistics> statistics() {
    List<PairStatistics> figures = new ArrayList<>();
    if (selected != null && !checkList.pairs().contains(selected)) {
      figures.add(selected.statistics(true));
    }
    checkList.pairs().forEach(pair -> figures.add(pair.statistics(pair == selected)));
    return figures;
  }

  /**
   * Adds the address of a bound UDP socket, as a host candidate and as a base to send from. A
   * link-local IPv6 address without a scope is passed over, for nothing can be sent from it.
   * Addresses are preferred in the order in which they are added, loopback last.
   *
   * @throws IllegalArgumentException if the address is unresolved or a wildcard
   */
  public void addLocalAddress(long nowNanos, InetSocketAddress address) {
    if (state == IceState.CLOSED) {
      return;
    }
    gatherer
        .addBase(address)
        .ifPresent(
            base -> {
              if (generation.remote().isPresent()) {
                remoteCandidates.all().forEach(remote -> checkList.add(base, remote, role));
              }
            });
    proceed(nowNanos);
  }

  /** Ends the use of a local address, whose network has gone. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    gatherer
        .removeBase(address)
        .ifPresent(
            base -> {
              checkList.remove(pair -> pair.base().equals(base));
              openChecks.values().removeIf(check -> check.pair.base().equals(base));
              earlyChecks.removeIf(check -> check.base.equals(base));
              if (selected != null && selected.base().equals(base)) {
                forgetSelectedPair();
                lookForAnotherPair(nowNanos);
              }
            });
    proceed(nowNanos);
  }

  /** Adds a STUN server, asked from every local address of its family for how it sees that. */
  public void addStunServer(long nowNanos, InetSocketAddress server) {
    gatherer.addServer(server);
    proceed(nowNanos);
  }

  /** Says that all local addresses and servers are named: gathering ends when these answered. */
  public void endOfLocalAddresses(long nowNanos) {
    gatherer.endOfBases();
    proceed(nowNanos);
  }

  /**
   * Takes the other side's credentials; checks begin. The same ones again change nothing.
   *
   * @param lite whether the other side is an ICE-lite agent (RFC 8445 2.5): then this one controls
   * @throws IllegalStateException if this generation has other ones; new ones need {@link #restart}
   */
  public void setRemoteCredentials(long nowNanos, IceCredentials credentials, boolean lite) {
    if (generation.remote().isPresent()) {
      if (!generation.remote().get().equals(credentials)) {
        throw new IllegalStateException("the other side has restarted ICE, and this side has not");
      }
      return;
    }
    leaveFailure();
    generation.setRemote(credentials);
    if (lite) {
      setRole(IceRole.CONTROLLING);
    }
    connectDeadlineNanos = nowNanos + configuration.connectTimeout().toNanos();
    remoteCandidates.keepOnly(generation);
    remoteCandidates.all().forEach(this::pair);
    earlyChecks.forEach(
        check -> learn(nowNanos, check.base, check.remote, check.priority, check.nominates));
    earlyChecks.clear();
    proceed(nowNanos);
  }

  /** Takes a remote candidate, before or after the credentials. */
  public void addRemoteCandidate(long nowNanos, Candidate candidate) {
    Optional<Candidate> known = remoteCandidates.at(candidate.address());
    Optional<String> unusable = remoteCandidates.add(candidate, generation);
    if (unusable.isPresent()) {
      output.onRemoteCandidateSkipped(candidate, unusable.get());
    } else if (known.isEmpty() && generation.remote().isPresent()) {
      pair(candidate);
      proceed(nowNanos);
    } else if (known.isPresent() && known.get().type() == CandidateType.PEER_REFLEXIVE) {
      remoteCandidates.replace(known.get(), candidate);
      checkList.pairs().stream()
          .filter(pair -> pair.remote().equals(known.get()))
          .forEach(pair -> pair.setRemote(candidate));
    }
  }

  private void pair(Candidate remote) {
    for (LocalBase base : gatherer.bases()) {
      if (checkList.find(base, remote.address()).isEmpty()) {
        checkList.add(base, remote, role);
      }
    }
  }

  /** Says that the other side has named all its candidates (RFC 8838 14). */
  public void endOfRemoteCandidates(long nowNanos) {
    remoteEnded = true;
    proceed(nowNanos);
  }

  /**
   * Begins a new generation (RFC 8445 9): new local credentials, no remote ones; the candidates are
   * told again. The path in use stays until the new generation has one.
   */
  public void restart(long nowNanos) {
    if (state == IceState.CLOSED) {
      return;
    }
    leaveFailure();
    generation = new Generation(IceCredentials.generate(random));
    checkList = new CheckList(generation, gatherer::hostCandidate);
    remoteCandidates.clear();
    earlyChecks.clear();
    openChecks.values().removeIf(check -> check.pair != selected);
    remoteEnded = false;
    lastRefusal = Optional.empty();
    firstValidNanos = Long.MAX_VALUE;
    connectDeadlineNanos = Long.MAX_VALUE;
    gatherer.tellAgain(generation.local().usernameFragment());
    proceed(nowNanos);
  }

  /** A new generation, or its other half, may connect where the one before has failed. */
  private void leaveFailure() {
    if (state == IceState.FAILED) {
      forgetSelectedPair();
      failureReason = Optional.empty();
      changeState(IceState.CHECKING);
    }
  }

  private void forgetSelectedPair() {
    selected = null;
    selectedPair = Optional.empty();
  }

  /**
   * Takes a STUN packet. One that is malformed, foreign or forged changes nothing.
   *
   * @param local the address of the socket that it came through
   * @param remote the address that it came from
   * @param packet the packet, position to limit; its position is left alone
   */
  public void handleDatagram(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
    Optional<LocalBase> base = gatherer.base(local);
    if (base.isEmpty() || state == IceState.FAILED || state == IceState.CLOSED) {
      return;
    }
    StunMessage message;
    try {
      message = StunMessage.parse(packet);
    } catch (StunException e) {
      return;
    }
    if (message.method() != StunMessage.BINDING) {
      return;
    }
    switch (message.messageClass()) {
      case REQUEST -> handleRequest(nowNanos, base.get(), remote, message);
      case INDICATION -> {} // A keep-alive (RFC 8445 11): nothing to do.
      case SUCCESS_RESPONSE, ERROR_RESPONSE -> handleResponse(nowNanos, local, remote, message);
    }
    proceed(nowNanos);
  }

  /** RFC 8445 7.3. */
  private void handleRequest(
      long nowNanos, LocalBase base, InetSocketAddress remote, StunMessage request) {
    Optional<Generation> admitted = responder.admit(base, remote, request, answeredGenerations());
    if (admitted.isEmpty()) {
      return;
    }
    if (settleRoleConflict(request)) {
      responder.refuseRole(base, remote, request, admitted.get());
      return;
    }
    responder.accept(base, remote, request, admitted.get());

    String username = request.attribute(StunAttribute.Username.class).orElseThrow().value();
    if (admitted.get() == generation && generation.mayComeFromRemote(username)) {
      long priority =
          request
              .attribute(StunAttribute.Priority.class)
              .map(StunAttribute.Priority::value)
              .orElse(base.peerReflexivePriority());
      boolean nominates = request.has(StunAttribute.UseCandidate.class);
      if (generation.remote().isPresent()) {
        learn(nowNanos, base, remote, priority, nominates);
      } else {
        remember(base, remote, priority, nominates);
      }
    }
  }

  /** The generation whose path is in use is answered until the new one has a path. */
  private List<Generation> answeredGenerations() {
    return selected == null || selected.generation() == generation
        ? List.of(generation)
        : List.of(generation, selected.generation());
  }

  /**
   * Settles who controls when both sides think the same (RFC 8445 7.3.1.1).
   *
   * @return whether the other side is the one that has to switch
   */
  private boolean settleRoleConflict(StunMessage request) {
    Optional<Long> theirs =
        role == IceRole.CONTROLLING
            ? request
                .attribute(StunAttribute.IceControlling.class)
                .map(StunAttribute.IceControlling::tieBreaker)
            : request
                .attribute(StunAttribute.IceControlled.class)
                .map(StunAttribute.IceControlled::tieBreaker);
    if (theirs.isEmpty()) {
      return false;
    }
    boolean larger = Long.compareUnsigned(tieBreaker, theirs.get()) >= 0;
    boolean theySwitch = larger == (role == IceRole.CONTROLLING);
    if (!theySwitch) {
      setRole(role.opposite());
    }
    return theySwitch;
  }

  private void remember(
      LocalBase base, InetSocketAddress remote, long priority, boolean nominates) {
    for (EarlyCheck known : earlyChecks) {
      if (known.base.equals(base) && known.remote.equals(remote)) {
        known.nominates |= nominates;
        return;
      }
    }
    if (earlyChecks.size() < MAX_EARLY_CHECKS) {
      EarlyCheck check = new EarlyCheck(base, remote, priority);
      check.nominates = nominates;
      earlyChecks.add(check);
    }
  }

  /** Draws the consequences of an authentic check (RFC 8445 7.3.1.3 to 7.3.1.5). */
  private void learn(
      long nowNanos, LocalBase base, InetSocketAddress remote, long priority, boolean nominates) {
    Optional<CheckedPair> found =
        checkList
            .find(base, remote)
            .or(
                () ->
                    remoteCandidateAt(nowNanos, remote, priority)
                        .flatMap(candidate -> checkList.add(base, candidate, role)));
    if (found.isEmpty()) {
      return;
    }
    CheckedPair pair = found.get();
    pair.countRequestReceived();
    if (nominates && role == IceRole.CONTROLLED) {
      pair.noteNomination(nowNanos);
    }
    if (pair.isHealthy(nowNanos)) {
      nominateIfAsked(nowNanos, pair);
    } else if (pair == selected) {
      nextConsentNanos = nowNanos;
    } else {
      pair.postpone();
      checkList.trigger(pair);
    }
  }

  /** The signalled candidate of an address, or a peer-reflexive one (RFC 8445 7.3.1.3). */
  private Optional<Candidate> remoteCandidateAt(
      long nowNanos, InetSocketAddress address, long priority) {
    String usernameFragment = generation.remote().orElseThrow().usernameFragment();
    if (remoteCandidates.isFull()) {
      forgetDeadPeerReflexiveCandidates(nowNanos);
    }
    return remoteCandidates
        .at(address)
        .or(() -> remoteCandidates.addPeerReflexive(address, priority, usernameFragment));
  }

  /** In a long call a NAT may rebind many times, and leaves an address behind each time. */
  private void forgetDeadPeerReflexiveCandidates(long nowNanos) {
    for (CheckedPair pair : List.copyOf(checkList.pairs())) {
      if (pair.remote().type() == CandidateType.PEER_REFLEXIVE
          && pair != selected
          && pair.state() != CheckedPair.State.IN_PROGRESS
          && !pair.isHealthy(nowNanos)) {
        remoteCandidates.remove(pair.remote());
        checkList.remove(pair::equals);
      }
    }
  }

  private void nominateIfAsked(long nowNanos, CheckedPair pair) {
    if (!pair.isToBeNominatedWhenValid() || role != IceRole.CONTROLLED) {
      return;
    }
    pair.nominate();
    // Who nominates several pairs means the best of them; who nominates long after has moved.
    for (CheckedPair other : checkList.pairs()) {
      if (other != pair
          && other.isNominated()
          && nowNanos - other.nominatedNanos() > NOMINATION_SUPERSEDED_AFTER.toNanos()) {
        other.withdrawNomination();
      }
    }
  }

  /** RFC 8445 7.2.5. */
  private void handleResponse(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, StunMessage response) {
    OpenCheck check = openChecks.get(response.transactionId());
    if (check == null) {
      gatherer.handleResponse(nowNanos, remote, response);
      return;
    }
    CheckedPair pair = check.pair;
    boolean authentic = response.isAuthentic(pair.generation().remoteKey());
    Optional<StunAttribute.ErrorCode> error = response.attribute(StunAttribute.ErrorCode.class);
    if (!authentic) {
      // Anyone on the way may have made it up, so it proves nothing; but it helps to explain.
      error.ifPresent(refusal -> lastRefusal = Optional.of(describe(refusal)));
      return;
    }
    openChecks.remove(response.transactionId());
    if (pair.check() == check.transaction) {
      pair.cancelCheck();
    }
    boolean symmetric =
        check.transaction.remote().equals(remote) && check.transaction.local().equals(local);
    if (response.messageClass() == StunClass.SUCCESS_RESPONSE && symmetric) {
      succeed(nowNanos, check, response);
    } else if (error.isPresent() && error.get().code() == 487) {
      yieldRole(nowNanos, check);
    } else if (pair != selected) {
      error.ifPresent(refusal -> lastRefusal = Optional.of(describe(refusal)));
      pair.fail();
    }
  }

  private static String describe(StunAttribute.ErrorCode error) {
    return error.code() + " " + error.reason();
  }

  private void succeed(long nowNanos, OpenCheck check, StunMessage response) {
    CheckedPair pair = check.pair;
    StunTransaction transaction = check.transaction;
    InetSocketAddress mapped =
        Gatherer.mappedAddress(response).orElseGet(() -> pair.base().address());
    pair.answered(
        nowNanos,
        gatherer.candidateAt(pair.base(), mapped),
        transaction.isRetransmitted() ? -1 : transaction.elapsedNanos(nowNanos));
    if (pair.generation() == generation) {
      firstValidNanos = Math.min(firstValidNanos, nowNanos);
    }
    if (check.nominates && role == IceRole.CONTROLLING) {
      checkList.pairs().forEach(CheckedPair::withdrawNomination);
      pair.nominate();
    }
    nominateIfAsked(nowNanos, pair);
    if (pair == selected) {
      scheduleConsentCheck(nowNanos);
    }
  }

  /** The other side keeps its role (RFC 8445 7.2.5.1). */
  private void yieldRole(long nowNanos, OpenCheck check) {
    if (role == check.role) {
      setRole(role.opposite());
      tieBreaker = random.nextLong();
    }
    if (check.pair == selected) {
      nextConsentNanos = nowNanos;
    } else {
      checkList.trigger(check.pair);
    }
  }

  /** How many checks may still be answered; bounded, whatever happens. */
  int openCheckCount() {
    return openChecks.size();
  }

  /** When to call {@link #handleTimeout}; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    return nextTimeoutNanos;
  }

  /** Does what is due. */
  public void handleTimeout(long nowNanos) {
    proceed(nowNanos);
  }

  /** Ends the agent: it sends nothing and answers nothing any more. */
  public void close() {
    nextTimeoutNanos = Long.MAX_VALUE;
    openChecks.clear();
    changeState(IceState.CLOSED);
  }

  /** Everything that time or an event may have made due, in this order. */
  private void proceed(long nowNanos) {
    if (state == IceState.FAILED || state == IceState.CLOSED) {
      return;
    }
    gatherer.proceed(nowNanos, state == IceState.NEW || state == IceState.CHECKING);
    retransmitChecks(nowNanos);
    checkConsent(nowNanos);
    recover(nowNanos);
    nominate(nowNanos);
    startNextTransaction(nowNanos);
    select(nowNanos);
    updateState(nowNanos);
    scheduleNextTimeout(nowNanos);
  }

  private void retransmitChecks(long nowNanos) {
    boolean settled = hasSettledPath(nowNanos);
    for (CheckedPair pair : checkList.pairs()) {
      StunTransaction check = pair.check();
      if (check == null) {
        continue;
      }
      if (settled && !pair.isNominating() && !pair.isToBeNominatedWhenValid()) {
        pair.postpone();
      } else if (check.isExpired(nowNanos)) {
        openChecks.remove(check.id());
        pair.fail();
      } else if (nowNanos >= check.dueNanos()) {
        check.retransmit(nowNanos, output);
      }
    }
  }

  /** Asks the selected pair's other end whether it still wants to be sent to (RFC 7675 5.1). */
  private void checkConsent(long nowNanos) {
    if (selected != null && nowNanos >= nextConsentNanos) {
      send(nowNanos, selected, 1);
      selected.awaitAnswer(nowNanos);
      nextConsentNanos = nowNanos + CONSENT_REPETITION.toNanos();
    }
  }

  private void scheduleConsentCheck(long nowNanos) {
    long mean = CONSENT_INTERVAL.toNanos();
    nextConsentNanos = nowNanos + random.nextLong(mean * 8 / 10, mean * 12 / 10);
  }

  /** While the selected pair does not answer, every other one gets its chance again. */
  private void recover(long nowNanos) {
    if (selected != null && selected.isSuspect(nowNanos) && nowNanos >= nextRecoveryNanos) {
      retryOtherPairs(nowNanos);
    }
  }

  private void lookForAnotherPair(long nowNanos) {
    connectDeadlineNanos = nowNanos + configuration.connectTimeout().toNanos();
    retryOtherPairs(nowNanos);
  }

  private void retryOtherPairs(long nowNanos) {
    nextRecoveryNanos = nowNanos + RECOVERY_INTERVAL.toNanos();
    for (CheckedPair pair : checkList.pairs()) {
      boolean idle =
          pair.state() == CheckedPair.State.SUCCEEDED || pair.state() == CheckedPair.State.FAILED;
      if (pair != selected && idle && !pair.isHealthy(nowNanos)) {
        pair.setNominating(false);
        pair.postpone();
      }
    }
  }

  /** Nominates a pair as the controlling agent (RFC 8445 8.1.1). */
  private void nominate(long nowNanos) {
    if (role != IceRole.CONTROLLING
        || hasSettledPath(nowNanos)
        || checkList.pairs().stream().anyMatch(CheckedPair::isNominating)) {
      return;
    }
    Optional<CheckedPair> best = checkList.best(pair -> pair.isHealthy(nowNanos), role);
    if (best.isPresent() && (nowNanos >= nominationNanos() || !mayImprove(best.get()))) {
      best.get().setNominating(true);
      checkList.trigger(best.get());
    }
  }

  private long nominationNanos() {
    return firstValidNanos == Long.MAX_VALUE
        ? Long.MAX_VALUE
        : firstValidNanos + NOMINATION_DELAY.toNanos();
  }

  private boolean mayImprove(CheckedPair best) {
    long priority = best.priority(role);
    return checkList
        .best(
            pair ->
                pair.state() == CheckedPair.State.WAITING
                    || pair.state() == CheckedPair.State.IN_PROGRESS,
            role)
        .filter(pair -> pair.priority(role) > priority)
        .isPresent();
  }

  /** Whether this generation has a nominated path that answers: then no other is looked for. */
  private boolean hasSettledPath(long nowNanos) {
    return selected != null
        && selected.generation() == generation
        && selected.isNominated()
        && !selected.isSuspect(nowNanos);
  }

  /** Begins one transaction, when the pace allows it: a triggered check, a question, a check. */
  private void startNextTransaction(long nowNanos) {
    if (nowNanos < nextCheckNanos || !hasTransactionToStart(nowNanos)) {
      return;
    }
    nextCheckNanos = nowNanos + PACE.toNanos();
    Optional<CheckedPair> triggered = checkList.pollTriggered();
    if (triggered.isPresent()) {
      startCheck(nowNanos, triggered.get());
    } else if (gatherer.hasUnasked()) {
      gatherer.askNext(nowNanos);
    } else {
      checkList.nextWaiting(role).ifPresent(pair -> startCheck(nowNanos, pair));
    }
  }

  private boolean hasTransactionToStart(long nowNanos) {
    return checkList.hasTriggered()
        || gatherer.hasUnasked()
        || (generation.remote().isPresent()
            && !hasSettledPath(nowNanos)
            && checkList.nextWaiting(role).isPresent());
  }

  private void startCheck(long nowNanos, CheckedPair pair) {
    pair.begin(send(nowNanos, pair, CHECK_TRANSMISSIONS));
  }

  /** Sends a connectivity check (RFC 8445 7.2.2 to 7.2.4). */
  private StunTransaction send(long nowNanos, CheckedPair pair, int transmissions) {
    TransactionId id = TransactionId.generate(random);
    boolean nominates = role == IceRole.CONTROLLING && (pair.isNominating() || pair.isNominated());
    writer
        .begin(StunClass.REQUEST, StunMessage.BINDING, id)
        .add(new StunAttribute.Username(pair.generation().checkUsername()))
        .add(new StunAttribute.Priority(pair.base().peerReflexivePriority()))
        .add(
            role == IceRole.CONTROLLING
                ? new StunAttribute.IceControlling(tieBreaker)
                : new StunAttribute.IceControlled(tieBreaker));
    if (nominates) {
      writer.add(new StunAttribute.UseCandidate());
    }
    ByteBuffer request = writer.finish(pair.generation().remoteKey());
    Duration paced = PACE.multipliedBy(checkList.unsettled());
    Duration rto =
        paced.compareTo(StunTransaction.INITIAL_RTO) > 0 ? paced : StunTransaction.INITIAL_RTO;
    StunTransaction transaction =
        new StunTransaction(
            nowNanos, id, pair.base().address(), pair.remoteAddress(), request, transmissions, rto);
    openChecks.put(id, new OpenCheck(pair, transaction, role, nominates));
    pair.countRequestSent();
    output.send(pair.base().address(), pair.remoteAddress(), request);
    return transaction;
  }

  /**
   * Chooses the pair that data takes: the nominated one of highest priority that answers, before a
   * nomination any valid one (RFC 8445 12.1). Nothing is changed for the worse.
   */
  private void select(long nowNanos) {
    Optional<CheckedPair> best =
        checkList
            .best(pair -> pair.isHealthy(nowNanos) && pair.isNominated(), role)
            .or(() -> checkList.best(pair -> pair.isHealthy(nowNanos), role));
    boolean keep =
        best.isEmpty()
            || best.get() == selected
            || (hasSettledPath(nowNanos) && !best.get().isNominated());
    if (keep) {
      return;
    }
    selected = best.get();
    selectedPair = Optional.of(selected.asSelected());
    scheduleConsentCheck(selected.answeredNanos());
    output.onSelectedPairChange(selectedPair.get());
  }

  private void updateState(long nowNanos) {
    if (selected == null || isConsentExpired(nowNanos)) {
      if (nowNanos < connectDeadlineNanos && isSearching()) {
        forgetSelectedPair();
        changeState(searchingState());
      } else if (selected != null) {
        fail(whyConsentExpired());
      } else if (nowNanos >= connectDeadlineNanos) {
        fail(whyNotConnected());
      }
    } else if (selected.unansweredSinceNanos() != Long.MAX_VALUE
        && nowNanos >= disconnectedNanos()) {
      changeState(IceState.DISCONNECTED);
    } else if (hasSettledPath(nowNanos) && gatherer.isComplete() && remoteEnded) {
      changeState(IceState.COMPLETED);
    } else {
      changeState(IceState.CONNECTED);
    }
  }

  /** Whether this generation may still bring a pair, where the one in use has gone. */
  private boolean isSearching() {
    return generation.remote().isPresent()
        && (selected == null || selected.generation() != generation);
  }

  private IceState searchingState() {
    return state == IceState.NEW || state == IceState.CHECKING
        ? IceState.CHECKING
        : IceState.DISCONNECTED;
  }

  private boolean isConsentExpired(long nowNanos) {
    return nowNanos >= consentExpiryNanos();
  }

  private long consentExpiryNanos() {
    return selected.answeredNanos() + configuration.consentTimeout().toNanos();
  }

  private long disconnectedNanos() {
    return selected.unansweredSinceNanos() + configuration.disconnectedAfter().toNanos();
  }

  private void fail(String reason) {
    failureReason = Optional.of(reason);
    openChecks.clear();
    changeState(IceState.FAILED);
  }

  private String whyConsentExpired() {
    return "the other side stopped answering: nothing for "
        + configuration.consentTimeout().toSeconds()
        + " s from "
        + selected.remoteAddress()
        + " to "
        + selected.base().address();
  }

  private String whyNotConnected() {
    String reason;
    if (!gatherer.bases().iterator().hasNext()) {
      reason = "there is no local address to send from";
    } else if (checkList.pairsMade() == 0) {
      reason =
          "the other side named no usable candidate ("
              + remoteCandidates.all().size()
              + " of another address family, "
              + remoteCandidates.skipped()
              + " skipped)";
    } else {
      reason = "no remote candidate answered: " + checkList.pairsMade() + " pairs tried";
    }
    return reason
        + lastRefusal.map(refusal -> "; the other side refused a check: " + refusal).orElse("");
  }

  private void changeState(IceState newState) {
    if (state != newState) {
      state = newState;
      output.onStateChange(newState);
    }
  }

  private void scheduleNextTimeout(long nowNanos) {
    if (state == IceState.FAILED || state == IceState.CLOSED) {
      nextTimeoutNanos = Long.MAX_VALUE;
      return;
    }
    long next = gatherer.nextDueNanos();
    if (hasTransactionToStart(nowNanos)) {
      next = Math.min(next, nextCheckNanos);
    }
    for (CheckedPair pair : checkList.pairs()) {
      if (pair.check() != null) {
        next = Math.min(next, pair.check().dueNanos());
      }
    }
    next = sooner(next, connectDeadlineNanos, nowNanos);
    next = sooner(next, nominationNanos(), nowNanos);
    if (selected != null) {
      next = Math.min(next, nextConsentNanos);
      next = sooner(next, consentExpiryNanos(), nowNanos);
      if (selected.unansweredSinceNanos() != Long.MAX_VALUE) {
        next = sooner(next, selected.suspectNanos(), nowNanos);
        next = sooner(next, disconnectedNanos(), nowNanos);
        next = sooner(next, nextRecoveryNanos, nowNanos);
      }
    }
    nextTimeoutNanos = next;
  }

  /** The sooner of two instants, where the other one counts only if it is still to come. */
  private static long sooner(long next, long other, long nowNanos) {
    return other > nowNanos ? Math.min(next, other) : next;
  }
}
