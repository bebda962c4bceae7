package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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
 * <p>The {@link PathFinder} finds paths, the {@link PathKeeper} keeps the one in use; this class
 * joins them with the gathering, the other side's requests and the state.
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

  private final IceConfiguration configuration;
  private final RandomGenerator random;
  private final Output output;
  private final Roles roles;
  private final Gatherer gatherer;
  private final CheckResponder responder;
  private final ConnectivityChecks checks;
  private final PathKeeper keeper;
  private final PathFinder finder;

  private Generation generation;
  private IceState state = IceState.NEW;
  private Optional<String> failureReason = Optional.empty();
  private long connectDeadlineNanos = Long.MAX_VALUE;
  private long nextTimeoutNanos = Long.MAX_VALUE;

  /**
   * Makes an agent with fresh credentials.
   *
   * @param random for credentials, transaction ids and intervals: in life a {@link
   *     java.security.SecureRandom}
   */
  public IceAgent(
      IceRole role, IceConfiguration configuration, RandomGenerator random, Output output) {
    this.configuration = configuration;
    this.random = random;
    this.output = output;
    StunWriter writer = new StunWriter();
    IceCredentials credentials = IceCredentials.generate(random);
    roles = new Roles(role, random);
    gatherer = new Gatherer(random, writer, output, credentials.usernameFragment());
    responder = new CheckResponder(writer, output);
    checks = new ConnectivityChecks(roles, random, writer, output);
    keeper = new PathKeeper(configuration, roles, checks, random);
    generation = new Generation(credentials, gatherer::hostCandidate);
    finder = new PathFinder(roles, gatherer, checks, keeper, output, generation);
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
    return roles.role();
  }

  /** Changes the role, when an offer was rolled back. */
  public void setRole(IceRole role) {
    if (roles.role() != role) {
      roles.set(role);
      finder.forgetNominating();
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
    return keeper.selectedPair();
  }

  /** The figures of every pair of this generation, and of the one in use. */
  public List<PairStatistics> statistics() {
    List<PairStatistics> figures = new ArrayList<>();
    List<CheckedPair> pairs = generation.checkList().pairs();
    CheckedPair selected = keeper.pair();
    if (selected != null && !pairs.contains(selected)) {
      figures.add(selected.statistics(true));
    }
    pairs.forEach(pair -> figures.add(pair.statistics(keeper.uses(pair))));
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
    gatherer.addBase(address).ifPresent(finder::pair);
    proceed(nowNanos);
  }

  /** Ends the use of a local address, whose network has gone. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    gatherer
        .removeBase(address)
        .ifPresent(
            base -> {
              finder.remove(base);
              if (keeper.pair() != null && keeper.pair().base().equals(base)) {
                keeper.forget();
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
    generation.remoteCandidates().all().forEach(finder::pair);
    generation
        .earlyChecks()
        .drainTo(
            check ->
                finder.learn(
                    nowNanos, check.base(), check.remote(), check.priority(), check.nominates()));
    proceed(nowNanos);
  }

  /** Takes a remote candidate, before or after the credentials. */
  public void addRemoteCandidate(long nowNanos, Candidate candidate) {
    RemoteCandidates remoteCandidates = generation.remoteCandidates();
    Optional<Candidate> known = remoteCandidates.at(candidate.address());
    Optional<String> unusable = remoteCandidates.add(candidate, generation);
    if (unusable.isPresent()) {
      output.onRemoteCandidateSkipped(candidate, unusable.get());
    } else if (known.isEmpty() && generation.remote().isPresent()) {
      finder.pair(candidate);
      proceed(nowNanos);
    } else if (known.isPresent() && known.get().type() == CandidateType.PEER_REFLEXIVE) {
      remoteCandidates.replace(known.get(), candidate);
      generation.checkList().pairs().stream()
          .filter(pair -> pair.remote().equals(known.get()))
          .forEach(pair -> pair.setRemote(candidate));
    }
  }

  /** Says that the other side has named all its candidates (RFC 8838 14). */
  public void endOfRemoteCandidates(long nowNanos) {
    generation.endRemote();
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
    generation = new Generation(IceCredentials.generate(random), gatherer::hostCandidate);
    finder.begin(generation);
    connectDeadlineNanos = Long.MAX_VALUE;
    gatherer.tellAgain(generation.local().usernameFragment());
    proceed(nowNanos);
  }

  /** A new generation, or its other half, may connect where the one before has failed. */
  private void leaveFailure() {
    if (state == IceState.FAILED) {
      keeper.forget();
      failureReason = Optional.empty();
      changeState(IceState.CHECKING);
    }
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
      case SUCCESS_RESPONSE, ERROR_RESPONSE -> {
        if (!finder.handleResponse(nowNanos, local, remote, message)) {
          gatherer.handleResponse(nowNanos, remote, message);
        }
      }
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
    Optional<Boolean> theySwitch = roles.theySwitch(request);
    if (theySwitch.isPresent()) {
      if (theySwitch.get()) {
        responder.refuseRole(base, remote, request, admitted.get());
        return;
      }
      setRole(role().opposite());
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
        finder.learn(nowNanos, base, remote, priority, nominates);
      } else {
        generation
            .earlyChecks()
            .remember(new EarlyChecks.EarlyCheck(base, remote, priority, nominates));
      }
    }
  }

  /** The generation whose path is in use is answered until the new one has a path. */
  private List<Generation> answeredGenerations() {
    CheckedPair selected = keeper.pair();
    return selected == null || selected.generation() == generation
        ? List.of(generation)
        : List.of(generation, selected.generation());
  }

  /** How many checks may still be answered; bounded, whatever happens. */
  int openCheckCount() {
    return checks.count();
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
    checks.closeAll(pair -> true);
    changeState(IceState.CLOSED);
  }

  /** Everything that time or an event may have made due, in this order. */
  private void proceed(long nowNanos) {
    if (state == IceState.FAILED || state == IceState.CLOSED) {
      return;
    }
    gatherer.proceed(nowNanos, state == IceState.NEW || state == IceState.CHECKING);
    finder.retransmit(nowNanos);
    keeper.checkConsent(nowNanos);
    if (keeper.isRecoveryDue(nowNanos)) {
      retryOtherPairs(nowNanos);
    }
    finder.nominate(nowNanos);
    finder.startNextTransaction(nowNanos);
    keeper.select(nowNanos, generation).ifPresent(output::onSelectedPairChange);
    updateState(nowNanos);
    scheduleNextTimeout(nowNanos);
  }

  private void lookForAnotherPair(long nowNanos) {
    connectDeadlineNanos = nowNanos + configuration.connectTimeout().toNanos();
    retryOtherPairs(nowNanos);
  }

  private void retryOtherPairs(long nowNanos) {
    finder.retryOtherPairs(nowNanos);
    keeper.recoveryBegun(nowNanos);
  }

  private void updateState(long nowNanos) {
    if (keeper.pair() == null || keeper.isConsentExpired(nowNanos)) {
      if (nowNanos < connectDeadlineNanos && isSearching()) {
        keeper.forget();
        changeState(searchingState());
      } else if (keeper.pair() != null) {
        fail(whyConsentExpired());
      } else if (nowNanos >= connectDeadlineNanos) {
        fail(whyNotConnected());
      }
    } else if (keeper.isDisconnected(nowNanos)) {
      changeState(IceState.DISCONNECTED);
    } else if (keeper.isSettled(nowNanos, generation)
        && gatherer.isComplete()
        && generation.isRemoteEnded()) {
      changeState(IceState.COMPLETED);
    } else {
      changeState(IceState.CONNECTED);
    }
  }

  /** Whether this generation may still bring a pair, where the one in use has gone. */
  private boolean isSearching() {
    return generation.remote().isPresent()
        && (keeper.pair() == null || keeper.pair().generation() != generation);
  }

  private IceState searchingState() {
    return state == IceState.NEW || state == IceState.CHECKING
        ? IceState.CHECKING
        : IceState.DISCONNECTED;
  }

  private void fail(String reason) {
    failureReason = Optional.of(reason);
    checks.closeAll(pair -> true);
    changeState(IceState.FAILED);
  }

  private String whyConsentExpired() {
    return "the other side stopped answering: nothing for "
        + configuration.consentTimeout().toSeconds()
        + " s from "
        + keeper.pair().remoteAddress()
        + " to "
        + keeper.pair().base().address();
  }

  private String whyNotConnected() {
    String reason;
    if (!gatherer.bases().iterator().hasNext()) {
      reason = "there is no local address to send from";
    } else if (generation.checkList().pairsMade() == 0) {
      reason =
          "the other side named no usable candidate ("
              + generation.remoteCandidates().all().size()
              + " of another address family, "
              + generation.remoteCandidates().skipped()
              + " skipped)";
    } else {
      reason =
          "no remote candidate answered: " + generation.checkList().pairsMade() + " pairs tried";
    }
    return reason
        + generation
            .lastRefusal()
            .map(refusal -> "; the other side refused a check: " + refusal)
            .orElse("");
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
    next = Math.min(next, finder.nextDueNanos(nowNanos));
    next = Math.min(next, keeper.nextDueNanos(nowNanos));
    if (connectDeadlineNanos > nowNanos) {
      next = Math.min(next, connectDeadlineNanos);
    }
    nextTimeoutNanos = next;
  }
}
