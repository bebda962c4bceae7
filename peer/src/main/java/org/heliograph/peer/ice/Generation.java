package org.heliograph.peer.ice;

import java.util.Optional;

/** The credentials of both sides between two ICE restarts (RFC 8445 2.4). */
final class Generation {
  private final IceCredentials local;
  private final StunKey localKey;
  private IceCredentials remote;
  private StunKey remoteKey;

  Generation(IceCredentials local) {
    this.local = local;
    localKey = StunKey.shortTerm(local.password());
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
}
