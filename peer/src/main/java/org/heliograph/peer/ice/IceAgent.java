package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
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

  /**
   * Makes an agent with fresh credentials.
   *
   * @param random for credentials, transaction ids and intervals: in life a {@link
   *     java.security.SecureRandom}
   */
  public IceAgent(
      IceRole role, IceConfiguration configuration, RandomGenerator random, Output output) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The credentials to be signalled. */
  public IceCredentials localCredentials() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The other side's credentials of this generation, once they are known. */
  public Optional<IceCredentials> remoteCredentials() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The role, which a conflict with the other side may have changed. */
  public IceRole role() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Changes the role, when an offer was rolled back. */
  public void setRole(IceRole role) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Where the agent stands. */
  public IceState state() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Why the agent failed, in words; empty in every other state. */
  public Optional<String> failureReason() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** The path that data takes, once there is one. */
  public Optional<SelectedPair> selectedPair() {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Adds the address of a bound UDP socket, as a host candidate and as a base to send from. A
   * link-local IPv6 address without a scope is passed over, for nothing can be sent from it.
   * Addresses are preferred in the order in which they are added.
   *
   * @throws IllegalArgumentException if the address is unresolved or a wildcard
   */
  public void addLocalAddress(long nowNanos, InetSocketAddress address) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Ends the use of a local address, whose network has gone. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Adds a STUN server, asked from every local address of its family for how it sees that. */
  public void addStunServer(long nowNanos, InetSocketAddress server) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Says that all local addresses and servers are named: gathering ends when these answered. */
  public void endOfLocalAddresses(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Takes the other side's credentials; checks begin. The same ones again change nothing.
   *
   * @param lite whether the other side is an ICE-lite agent (RFC 8445 2.5): then this one controls
   * @throws IllegalStateException if this generation has other ones; new ones need {@link #restart}
   */
  public void setRemoteCredentials(long nowNanos, IceCredentials credentials, boolean lite) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Takes a remote candidate, before or after the credentials. */
  public void addRemoteCandidate(long nowNanos, Candidate candidate) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Says that the other side has named all its candidates (RFC 8838 14). */
  public void endOfRemoteCandidates(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /**
   * Begins a new generation (RFC 8445 9): new local credentials, no remote ones; the candidates are
   * told again. The path in use stays until the new generation has one.
   */
  public void restart(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
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
    throw new UnsupportedOperationException("not built yet");
  }

  /** When to call {@link #handleTimeout}; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Does what is due. */
  public void handleTimeout(long nowNanos) {
    throw new UnsupportedOperationException("not built yet");
  }

  /** Ends the agent: it sends nothing and answers nothing any more. */
  public void close() {
    throw new UnsupportedOperationException("not built yet");
  }
}
