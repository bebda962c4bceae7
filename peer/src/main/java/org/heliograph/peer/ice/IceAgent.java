package org.heliograph.peer.ice;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

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

    /**
     * A STUN server has told how it sees one of the local addresses; again whenever it is asked
     * again.
     */
    default void onStunAnswer(InetSocketAddress server, InetSocketAddress mapped) {}

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
  private final ValidatedPairs validated = new ValidatedPairs();
  private final RemoteAddressRule addressRule;

  /** The latest generation, whose credentials are signalled. */
  private Generation generation;

  /**
   * The latest generation whose remote credentials are known, while those of a restart are awaited:
   * everything goes on in it. Otherwise the same as {@link #generation}.
   */
  private Generation active;

  private final List<InetAddress> tcpFamilies = new ArrayList<>();
  private IceState state = IceState.NEW;
  private Optional<String> failureReason = Optional.empty();

  /** Why none is to be expected; empty while one is there, or may come. */
  private Optional<String> whyNoLocalAddress = Optional.empty();

  /** Until when a generation may take to bring a path; MIN_VALUE if none is looked for. */
  private long connectDeadlineNanos = Long.MIN_VALUE;

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
    addressRule = new RemoteAddressRule(configuration.includeLoopback());
    StunWriter writer = new StunWriter();
    IceCredentials credentials = IceCredentials.generate(random);
    roles = new Roles(role, random);
    gatherer = new Gatherer(random, writer, output, credentials.usernameFragment());
    responder = new CheckResponder(writer, output);
    checks = new ConnectivityChecks(roles, random, writer, output);
    keeper = new PathKeeper(configuration, roles, checks, random);
    generation = new Generation(0, credentials, gatherer::hostCandidate, addressRule);
    active = generation;
    finder = new PathFinder(roles, gatherer, checks, keeper, output, validated, generation);
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

  /**
   * Whether an authentic check has come from a remote address to a local one, or an authentic
   * answer to a check of ours. What a protocol cannot prove itself, as DTLS before it has keys,
   * must come from such a pair to be heard.
   *
   * <p>A full agent checks a pair before it sends over it, so that nothing of it is missed. A lite
   * one (RFC 8445 2.5) checks nothing: its pair counts from its answer to our check, and what it
   * sends before that arrives is not heard; DTLS sends it again.
   */
  public boolean isValidated(InetSocketAddress local, InetSocketAddress remote) {
    return isSelected(local, remote) || validated.contains(local, remote);
  }

  /** Whether the path in use leads from one address to the other. */
  private boolean isSelected(InetSocketAddress local, InetSocketAddress remote) {
    CheckedPair selected = keeper.pair();
    return selected != null
        && selected.remoteAddress().equals(remote)
        && selected.base().address().equals(local);
  }

  /** What the last check of the path in use took; −1 if there is none, or it is not known. */
  public long roundTripNanos() {
    CheckedPair selected = keeper.pair();
    return selected == null ? -1 : selected.roundTripNanos();
  }

  /** The figures of every pair of this generation, and of the one in use. */
  public List<PairStatistics> statistics() {
    List<PairStatistics> figures = new ArrayList<>();
    List<CheckedPair> pairs = active.checkList().pairs();
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
    whyNoLocalAddress = Optional.empty();
    gatherer.addBase(address).ifPresent(finder::pair);
    proceed(nowNanos);
  }

  /**
   * Adds the address of an allocation on a TURN server, as a relayed candidate and as a base to
   * send from; {@link #removeLocalAddress} takes it away.
   *
   * @param related the candidate's related address (RFC 8839 5.1: the mapped address)
   * @param preference the local preference of RFC 8445 5.1.2.1
   */
  void addRelayedAddress(
      long nowNanos, InetSocketAddress relayed, InetSocketAddress related, int preference) {
    if (state == IceState.CLOSED) {
      return;
    }
    whyNoLocalAddress = Optional.empty();
    gatherer.addRelayedAddress(relayed, related, preference).ifPresent(finder::pair);
    proceed(nowNanos);
  }

  /**
   * Has TCP candidates of the other side (RFC 6544, passive ones) checked too. What is sent to them
   * comes from the wildcard address, whatever the one of the connection is, and from a port that
   * stands for the generation: no connection serves two.
   *
   * @param wildcard of the family to be used
   */
  void addTcpFamily(InetAddress wildcard) {
    tcpFamilies.add(wildcard);
    addTcpBase(wildcard);
  }

  private void addTcpBase(InetAddress wildcard) {
    gatherer
        .addTcpBase(new InetSocketAddress(wildcard, generation.tcpPort()))
        .ifPresent(finder::pair);
  }

  /** Another generation opens connections of its own; those in use stay as they are. */
  private void renewTcpBases() {
    CheckedPair selected = keeper.pair();
    gatherer.removeTcpBases(
        base -> !active.sendsFrom(base) && (selected == null || !selected.base().equals(base)));
    tcpFamilies.forEach(this::addTcpBase);
  }

  /** Ends the use of a local address, whose network has gone. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    gatherer
        .removeBase(address)
        .ifPresent(
            base -> {
              finder.remove(base);
              generation.earlyChecks().forget(base);
              validated.forget(address);
              if (keeper.pair() != null && keeper.pair().base().equals(base)) {
                keeper.lose(nowNanos);
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
   * Says that there is no local address to send from, and that none is to be expected: once the
   * other side is known, that is a failure, which no time is waited for.
   *
   * @param reason a clause for people
   */
  void expectNoLocalAddress(long nowNanos, String reason) {
    whyNoLocalAddress = Optional.of(reason);
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
    activate(generation);
    if (lite) {
      setRole(IceRole.CONTROLLING);
    }
    connectDeadlineNanos = nowNanos + configuration.connectTimeout().toNanos();
    active.remoteCandidates().all().forEach(finder::pair);
    active
        .earlyChecks()
        .drainTo(
            check ->
                finder.learn(
                    nowNanos, check.base(), check.remote(), check.priority(), check.nominates()));
    proceed(nowNanos);
  }

  /** Takes a remote candidate, before or after the credentials. */
  public void addRemoteCandidate(long nowNanos, Candidate candidate) {
    Generation addressed = generationOf(candidate);
    RemoteCandidates remoteCandidates = addressed.remoteCandidates();
    Optional<Candidate> known = remoteCandidates.at(candidate.address(), candidate.isTcp());
    Optional<String> unusable = remoteCandidates.add(candidate, addressed, gatherer.usesTcp());
    if (unusable.isPresent()) {
      output.onRemoteCandidateSkipped(candidate, unusable.get());
    } else if (known.isEmpty() && addressed.remote().isPresent()) {
      finder.pair(candidate);
      proceed(nowNanos);
    } else if (known.isPresent() && known.get().type() == CandidateType.PEER_REFLEXIVE) {
      remoteCandidates.replace(known.get(), candidate);
      addressed.checkList().pairs().stream()
          .filter(pair -> pair.remote().equals(known.get()))
          .forEach(pair -> pair.setRemote(candidate));
    }
  }

  /** While a restart is under way, a candidate may be one of the generation before it. */
  private Generation generationOf(Candidate candidate) {
    Optional<String> known = active.remote().map(IceCredentials::usernameFragment);
    return candidate.usernameFragment().isEmpty() || candidate.usernameFragment().equals(known)
        ? active
        : generation;
  }

  /** Says that the other side has named all its candidates (RFC 8838 14). */
  public void endOfRemoteCandidates(long nowNanos) {
    active.endRemote();
    proceed(nowNanos);
  }

  /**
   * Begins a new generation (RFC 8445 9): new local credentials, no remote ones; the candidates are
   * told again. Until the remote ones are known everything goes on in the generation before, and
   * its path stays in use until the new one has one.
   */
  public void restart(long nowNanos) {
    if (state == IceState.CLOSED) {
      return;
    }
    leaveFailure();
    generation =
        new Generation(
            generation.number() + 1,
            IceCredentials.generate(random),
            gatherer::hostCandidate,
            addressRule);
    renewTcpBases();
    if (active.remote().isEmpty()) {
      activate(generation);
    }
    gatherer.tellAgain(generation.local().usernameFragment());
    proceed(nowNanos);
  }

  /** Takes a restart back whose other half has not come; its candidates are told again. */
  public void cancelRestart(long nowNanos) {
    if (generation != active && state != IceState.CLOSED) {
      generation = active;
      gatherer.tellAgain(generation.local().usernameFragment());
      proceed(nowNanos);
    }
  }

  private void activate(Generation latest) {
    active = latest;
    connectDeadlineNanos = Long.MIN_VALUE;
    finder.begin(latest);
  }

  /** A new generation, or its other half, may connect where the one before has failed. */
  private void leaveFailure() {
    if (state == IceState.FAILED) {
      keeper.reset();
      failureReason = Optional.empty();
      changeState(IceState.CHECKING);
    }
  }

  /**
   * An authentic packet of another protocol has come: a sign of life, whose absence is noticed long
   * before consent expires. Called for every packet.
   */
  public void handleTraffic(long nowNanos, InetSocketAddress local, InetSocketAddress remote) {
    if (isSelected(local, remote)) {
      keeper.pair().heard(nowNanos);
    } else if (state != IceState.FAILED && state != IceState.CLOSED) {
      hearElsewhere(nowNanos, local, remote);
    }
  }

  private void hearElsewhere(long nowNanos, InetSocketAddress local, InetSocketAddress remote) {
    Optional<LocalBase> base = gatherer.base(local);
    if (base.isPresent() && finder.heardElsewhere(nowNanos, base.get(), remote)) {
      proceed(nowNanos);
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

  /**
   * RFC 8445 7.3. From where nothing is heard no check is taken: an answer goes where it came from,
   * and that may be made up.
   */
  private void handleRequest(
      long nowNanos, LocalBase base, InetSocketAddress remote, StunMessage request) {
    if (!addressRule.hears(remote)) {
      return;
    }
    Optional<Generation> admitted = responder.admit(base, remote, request, answeredGenerations());
    if (admitted.isEmpty()) {
      return;
    }
    Generation addressed = admitted.get();
    String username = request.attribute(StunAttribute.Username.class).orElseThrow().value();
    if (addressed.mayComeFromRemote(username)) {
      validated.add(base.address(), remote);
    }
    Optional<Boolean> theySwitch = roles.theySwitch(request);
    if (theySwitch.isPresent()) {
      if (theySwitch.get()) {
        responder.refuseRole(base, remote, request, addressed);
        return;
      }
      setRole(role().opposite());
    }
    responder.accept(base, remote, request, addressed);

    boolean learnt = addressed == generation || addressed == active;
    if (learnt && addressed.mayComeFromRemote(username)) {
      long priority =
          request
              .attribute(StunAttribute.Priority.class)
              .map(StunAttribute.Priority::value)
              .orElse(base.peerReflexivePriority());
      boolean nominates = request.has(StunAttribute.UseCandidate.class);
      if (addressed.remote().isPresent()) {
        finder.learn(nowNanos, base, remote, priority, nominates);
      } else {
        addressed
            .earlyChecks()
            .remember(new EarlyChecks.EarlyCheck(base, remote, priority, nominates));
      }
    }
  }

  /** The generation whose path is in use is answered until the new one has a path. */
  private List<Generation> answeredGenerations() {
    CheckedPair selected = keeper.pair();
    return Stream.of(generation, active, selected == null ? active : selected.generation())
        .distinct()
        .toList();
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
    if (nowNanos >= nextTimeoutNanos) {
      proceed(nowNanos);
    }
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
    finder.retransmit(nowNanos);
    keeper.check(nowNanos);
    if (keeper.isRecoveryDue(nowNanos)) {
      finder.retryOtherPairs(nowNanos);
      gatherer.askAgain(nowNanos);
      keeper.recoveryBegun(nowNanos);
    }
    gatherer.proceed(
        nowNanos, state == IceState.NEW || state == IceState.CHECKING || keeper.isLost(nowNanos));
    finder.nominate(nowNanos);
    finder.review(nowNanos);
    finder.startNextTransaction(nowNanos);
    keeper.select(nowNanos, active).ifPresent(output::onSelectedPairChange);
    updateState(nowNanos);
    scheduleNextTimeout(nowNanos);
  }

  private void updateState(long nowNanos) {
    if (keeper.isConsentExpired(nowNanos)) {
      keeper.lose(nowNanos);
    }
    if (keeper.lostSinceNanos() != Long.MAX_VALUE) {
      updateLostState(nowNanos);
    } else if (keeper.pair() == null) {
      updateConnectingState(nowNanos);
    } else if (keeper.isSettled(nowNanos, generation)
        && gatherer.isComplete()
        && generation.isRemoteEnded()) {
      changeState(IceState.COMPLETED);
    } else {
      changeState(IceState.CONNECTED);
    }
    if (keeper.pair() != null && keeper.pair().generation() == active) {
      connectDeadlineNanos = Long.MIN_VALUE;
    }
  }

  private void updateConnectingState(long nowNanos) {
    boolean late = connectDeadlineNanos != Long.MIN_VALUE && nowNanos >= connectDeadlineNanos;
    if (late || (whyNoLocalAddress.isPresent() && active.remote().isPresent())) {
      fail(whyNotConnected());
    } else if (active.remote().isPresent()) {
      changeState(IceState.CHECKING);
    }
  }

  /** There was a path; until it counts as gone, nothing is said. */
  private void updateLostState(long nowNanos) {
    if (nowNanos >= reconnectDeadlineNanos()) {
      fail(whyLost());
    } else if (nowNanos >= disconnectedNanos()) {
      changeState(IceState.DISCONNECTED);
    }
  }

  private long disconnectedNanos() {
    return keeper.lostSinceNanos() + configuration.disconnectedAfter().toNanos();
  }

  /** A restart gets its time, also where it comes late. */
  private long reconnectDeadlineNanos() {
    return Math.max(
        keeper.lostSinceNanos() + configuration.reconnectTimeout().toNanos(), connectDeadlineNanos);
  }

  private void fail(String reason) {
    failureReason = Optional.of(reason);
    checks.closeAll(pair -> true);
    changeState(IceState.FAILED);
  }

  private String whyLost() {
    String waited = configuration.reconnectTimeout().toSeconds() + " s";
    return gatherer.bases().iterator().hasNext()
        ? "the other side stopped answering, and no other path was found within " + waited
        : "no local address has been left to send from for " + waited;
  }

  private String whyNotConnected() {
    String reason;
    if (!gatherer.hasCandidates()) {
      reason = whyNoLocalAddress.orElse("there is no local address to send from");
    } else if (active.checkList().pairsMade() == 0) {
      reason =
          "the other side named no usable candidate ("
              + active.remoteCandidates().all().size()
              + " of another address family, "
              + active.remoteCandidates().skipped()
              + " skipped)";
    } else {
      reason = "no remote candidate answered: " + active.checkList().pairsMade() + " pairs tried";
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
    next = sooner(next, connectDeadlineNanos, nowNanos);
    if (keeper.lostSinceNanos() != Long.MAX_VALUE) {
      next = sooner(next, disconnectedNanos(), nowNanos);
      next = sooner(next, reconnectDeadlineNanos(), nowNanos);
    }
    nextTimeoutNanos = next;
  }

  /** The sooner of two instants, where the other one counts only if it is still to come. */
  private static long sooner(long next, long other, long nowNanos) {
    return other > nowNanos ? Math.min(next, other) : next;
  }
}
