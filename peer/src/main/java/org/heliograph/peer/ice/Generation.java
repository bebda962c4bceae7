package org.heliograph.peer.ice;

import java.util.Optional;
import java.util.function.Function;

/** All that belongs to one generation of credentials, between two ICE restarts (RFC 8445 2.4). */
final class Generation {
  /** The port that stands for none in candidates of the tcptype active (RFC 6544 4.5). */
  private static final int NO_PORT = 9;

  private static final int MAX_TCP_PORTS = 1024;

  private final int number;
  private final IceCredentials local;
  private final StunKey localKey;
  private final CheckList checkList;
  private final RemoteCandidates remoteCandidates;
  private final EarlyChecks earlyChecks = new EarlyChecks();
  private IceCredentials remote;
  private StunKey remoteKey;
  private boolean remoteEnded;
  private long firstValidNanos = Long.MAX_VALUE;
  private Optional<String> lastRefusal = Optional.empty();

  /**
   * @param number counts the generations of one agent, from 0
   * @param hostCandidate the host candidate of a base
   * @param addressRule which addresses of the other side are used
   */
  Generation(
      int number,
      IceCredentials local,
      Function<LocalBase, Candidate> hostCandidate,
      RemoteAddressRule addressRule) {
    this.number = number;
    this.local = local;
    localKey = StunKey.shortTerm(local.password());
    checkList = new CheckList(this, hostCandidate);
    remoteCandidates = new RemoteCandidates(addressRule);
  }

  IceCredentials local() {
    return local;
  }

  int number() {
    return number;
  }

  /**
   * The port in the made-up addresses that this generation's TCP connections are sent from. Who is
   * connected to may tell generations apart by their connections, as Pion does, whose port is the
   * same for all.
   */
  int tcpPort() {
    return NO_PORT + number % MAX_TCP_PORTS;
  }

  /** Whether this generation's checks may be sent from a base. */
  boolean sendsFrom(LocalBase base) {
    return base.kind() != LocalBase.Kind.TCP || base.address().getPort() == tcpPort();
  }

  /** Protects what the other side sends, and what is answered to it. */
  StunKey localKey() {
    return localKey;
  }

  Optional<IceCredentials> remote() {
    return Optional.ofNullable(remote);
  }

  void setRemote(IceCredentials credentials) {
    remote = credentials;
    remoteKey = StunKey.shortTerm(credentials.password());
    remoteCandidates.keepOnly(this);
  }

  /** Protects what this side sends, and what is answered to it; only once remote is known. */
  StunKey remoteKey() {
    return remoteKey;
  }

  /** The USERNAME of this side's checks (RFC 8445 7.2.2). */
  String checkUsername() {
    return remote.usernameFragment() + ':' + local.usernameFragment();
  }

  /** Whether a received USERNAME is addressed to this generation. */
  boolean isAddressedBy(String username) {
    return username.startsWith(local.usernameFragment() + ':');
  }

  /** Whether a received USERNAME may come from this generation of the other side. */
  boolean mayComeFromRemote(String username) {
    return remote == null || username.endsWith(':' + remote.usernameFragment());
  }

  CheckList checkList() {
    return checkList;
  }

  RemoteCandidates remoteCandidates() {
    return remoteCandidates;
  }

  EarlyChecks earlyChecks() {
    return earlyChecks;
  }

  /** Whether the other side has named all its candidates. */
  boolean isRemoteEnded() {
    return remoteEnded;
  }

  void endRemote() {
    remoteEnded = true;
  }

  /** When the first pair became valid; {@link Long#MAX_VALUE} before. */
  long firstValidNanos() {
    return firstValidNanos;
  }

  void noteValid(long nowNanos) {
    firstValidNanos = Math.min(firstValidNanos, nowNanos);
  }

  /** How the other side last refused a check, in words. */
  Optional<String> lastRefusal() {
    return lastRefusal;
  }

  void noteRefusal(StunAttribute.ErrorCode refusal) {
    lastRefusal = Optional.of(refusal.code() + " " + refusal.reason());
  }
}
