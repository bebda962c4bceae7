package org.heliograph.peer.ice;

import java.util.Optional;
import java.util.function.Function;

/** All that belongs to one generation of credentials, between two ICE restarts (RFC 8445 2.4). */
final class Generation {
  private final IceCredentials local;
  private final StunKey localKey;
  private final CheckList checkList;
  private final RemoteCandidates remoteCandidates = new RemoteCandidates();
  private final EarlyChecks earlyChecks = new EarlyChecks();
  private IceCredentials remote;
  private StunKey remoteKey;
  private boolean remoteEnded;
  private long firstValidNanos = Long.MAX_VALUE;
  private Optional<String> lastRefusal = Optional.empty();

  /**
   * @param hostCandidate the host candidate of a base
   */
  Generation(IceCredentials local, Function<LocalBase, Candidate> hostCandidate) {
    this.local = local;
    localKey = StunKey.shortTerm(local.password());
    checkList = new CheckList(this, hostCandidate);
  }

  IceCredentials local() {
    return local;
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
