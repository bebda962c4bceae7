package org.heliograph.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a {@link PeerConnection} is set up (after W3C {@code RTCConfiguration}).
 *
 * @param iceServers the servers to gather candidates from
 * @param iceTransportPolicy which candidates are used
 * @param iceCertificateAuthorities a file of PEM certificates, one of which must have signed that
 *     of a {@code turns:} server; where it is empty, an authority that the system trusts
 * @param includeLoopback whether the other side may be on this machine: loopback addresses become
 *     host candidates, as they do not in browsers, and those of the other side are used
 * @param reconnectTimeout how long a connection whose path was lost looks for another one before it
 *     fails
 */
public record PeerConfiguration(
    List<IceServer> iceServers,
    IceTransportPolicy iceTransportPolicy,
    Optional<Path> iceCertificateAuthorities,
    boolean includeLoopback,
    Duration reconnectTimeout) {
  /** How long a lost path is looked for where nothing else is said. */
  public static final Duration RECONNECT_TIMEOUT = Duration.ofSeconds(30);

  public PeerConfiguration {
    iceServers = List.copyOf(iceServers);
    Objects.requireNonNull(iceTransportPolicy, "iceTransportPolicy");
    Objects.requireNonNull(iceCertificateAuthorities, "iceCertificateAuthorities");
  }

  /** All candidates, the authorities that the system trusts, {@link #RECONNECT_TIMEOUT}. */
  public PeerConfiguration(List<IceServer> iceServers, boolean includeLoopback) {
    this(iceServers, IceTransportPolicy.ALL, Optional.empty(), includeLoopback, RECONNECT_TIMEOUT);
  }

  /** No servers; host candidates of every address but loopback. */
  public static PeerConfiguration defaults() {
    return new PeerConfiguration(List.of(), false);
  }

  /** The same with another time until a lost connection fails. */
  public PeerConfiguration withReconnectTimeout(Duration timeout) {
    return new PeerConfiguration(
        iceServers, iceTransportPolicy, iceCertificateAuthorities, includeLoopback, timeout);
  }

  /** The same with another choice of candidates. */
  public PeerConfiguration withIceTransportPolicy(IceTransportPolicy policy) {
    return new PeerConfiguration(
        iceServers, policy, iceCertificateAuthorities, includeLoopback, reconnectTimeout);
  }

  /** The same with or without loopback addresses. */
  public PeerConfiguration withLoopback(boolean include) {
    return new PeerConfiguration(
        iceServers, iceTransportPolicy, iceCertificateAuthorities, include, reconnectTimeout);
  }

  /** The same with authorities of one's own for {@code turns:} servers. */
  public PeerConfiguration withIceCertificateAuthorities(Path pemFile) {
    return new PeerConfiguration(
        iceServers, iceTransportPolicy, Optional.of(pemFile), includeLoopback, reconnectTimeout);
  }
}
