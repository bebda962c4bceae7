package org.heliograph.peer.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;
import org.heliograph.peer.IceTransportPolicy;
import org.heliograph.peer.Network;
import org.heliograph.peer.PacketObserver;
import org.heliograph.peer.PacketObserver.Direction;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnectionState;
import org.heliograph.peer.dtls.DtlsCertificate;
import org.heliograph.peer.dtls.DtlsConfiguration;
import org.heliograph.peer.dtls.DtlsFailure;
import org.heliograph.peer.dtls.DtlsListener;
import org.heliograph.peer.dtls.DtlsState;
import org.heliograph.peer.dtls.DtlsTransport;
import org.heliograph.peer.dtls.Fingerprint;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateOrigin;
import org.heliograph.peer.ice.IceAgent;
import org.heliograph.peer.ice.IceConfiguration;
import org.heliograph.peer.ice.IceCredentials;
import org.heliograph.peer.ice.IcePaths;
import org.heliograph.peer.ice.IceRole;
import org.heliograph.peer.ice.IceState;
import org.heliograph.peer.ice.PairStatistics;
import org.heliograph.peer.ice.SelectedPair;
import org.heliograph.peer.ice.TurnServer;
import org.heliograph.peer.log.RepeatedErrors;
import org.heliograph.peer.sdp.Attribute;
import org.heliograph.peer.srtp.InboundSrtp;
import org.heliograph.peer.srtp.OutboundSrtp;
import org.heliograph.peer.srtp.SrtpKeys;
import org.heliograph.peer.srtp.SrtpVerdict;
import org.heliograph.peer.stream.Failures;
import org.heliograph.peer.stream.RtpSession;

/**
 * The one transport that all media of a connection shares: ICE finds the path, DTLS agrees on keys,
 * SRTP protects what the {@link RtpSession} makes.
 *
 * <p>The way of a received packet is {@link #handleDatagram}; the way of a sent one begins in
 * {@link RtpSession} and ends in {@link #sendRtp} and {@link #sendRtcp}.
 */
public final class MediaTransport implements LocalTransport {
  private static final Logger LOGGER = System.getLogger(MediaTransport.class.getName());

  /** What the transport tells. Nothing here may call it back. */
  public interface Events {
    void onLocalCandidate(Candidate candidate);

    void onGatheringComplete();

    /** Packets go another way from now on; a check of it took that long, −1 if not known. */
    void onPathChange(long roundTripNanos);

    void onServerUsable(String url, InetSocketAddress address);

    void onServerFailed(String url, int errorCode, String reason);
  }

  /**
   * A peer whose answer is still on its way may begin the handshake; its first flights are kept.
   */
  private static final int MAX_EARLY_DTLS = 8;

  /** What goes over DTLS itself: SCTP. It may send from within these calls. */
  public interface DataReceiver {
    /** Data may be sent from now on. */
    void onDtlsConnected(long nowNanos);

    /** A record of data has come; it is to be read within the call. */
    void onDtlsData(long nowNanos, ByteBuffer plaintext);

    /** The DTLS association has ended. */
    void onDtlsClosed();
  }

  private final Network network;
  private final Events events;
  private final IceAgent ice;
  private final IcePaths paths;
  private final DtlsCertificate certificate;
  private final Deque<ByteBuffer> earlyDtls = new ArrayDeque<>();
  private final TransportCounters counters = new TransportCounters();
  private final PathTraffic traffic = new PathTraffic();
  private final RepeatedErrors errors = new RepeatedErrors(LOGGER);
  private final Failures failures = new Failures();

  private PacketObserver observer = (_, _, _, _, _, _) -> {};
  private RtpSession rtp;
  private DataReceiver data;
  private TransportAgreement agreement;
  private DtlsTransport dtls;
  private InboundSrtp inboundSrtp;
  private OutboundSrtp outboundSrtp;
  private String failure;
  private boolean closedByPeer;
  private boolean closed;
  private long nowNanos;

  public MediaTransport(
      PeerConfiguration configuration,
      DtlsCertificate certificate,
      RandomGenerator random,
      Network network,
      Events events,
      long nowNanos) {
    this.certificate = certificate;
    this.network = network;
    this.events = events;
    this.nowNanos = nowNanos;
    this.ice =
        new IceAgent(
            IceRole.CONTROLLING,
            IceConfiguration.defaults()
                .withReconnectTimeout(configuration.reconnectTimeout())
                .withLoopback(configuration.includeLoopback()),
            random,
            new IceOutput());
    this.paths =
        new IcePaths(
            ice,
            configuration.iceTransportPolicy() == IceTransportPolicy.RELAY,
            random,
            new PathsOutput());
  }

  /** Joins the media to the transport, before anything else is called. */
  public void carry(RtpSession session) {
    rtp = session;
  }

  /** Joins the data channels to the transport, before anything else is called. */
  public void carry(DataReceiver receiver) {
    data = receiver;
  }

  /** Shows every packet of media in the clear from now on. */
  public void observe(PacketObserver packets) {
    observer = packets;
  }

  // ---- The way of the data ----

  /** A received datagram: what it is itself, or what a relay has put into it. */
  public void handleDatagram(
      long now, InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    nowNanos = now;
    if (!paths.handleDatagram(now, local, remote, datagram)) {
      handlePacket(now, local, remote, datagram);
    }
    startDtlsWhenPossible();
  }

  /** A packet from the other side, to the protocol that it is for. */
  private void handlePacket(
      long now, InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    int length = datagram.remaining();
    counters.received(length);
    switch (PacketKind.of(datagram)) {
      case STUN -> ice.handleDatagram(now, local, remote, datagram);
      case DTLS -> handleDtls(now, local, remote, datagram);
      case RTP -> {
        if (inboundSrtp != null && accepted(inboundSrtp.unprotectRtp(datagram))) {
          observer.onPacket(now, Direction.RECEIVED, false, local, remote, datagram);
          ice.handleTraffic(now, local, remote);
          traffic.received(local, remote, length, now);
          rtp.receiveRtp(datagram, now);
        }
      }
      case RTCP -> {
        if (inboundSrtp != null && accepted(inboundSrtp.unprotectRtcp(datagram))) {
          observer.onPacket(now, Direction.RECEIVED, true, local, remote, datagram);
          ice.handleTraffic(now, local, remote);
          traffic.received(local, remote, length, now);
          rtp.receiveRtcp(datagram, now);
        }
      }
      case UNKNOWN -> counters.refused();
    }
  }

  /** An RTP packet that the session made, to the other side. */
  public void sendRtp(ByteBuffer packet) {
    if (canSendMedia()) {
      observeSent(false, packet);
      if (isProtected(outboundSrtp.protectRtp(packet))) {
        sendOnPath(packet);
      }
    }
  }

  /** An RTCP packet that the session made, to the other side. */
  public void sendRtcp(ByteBuffer packet) {
    if (canSendMedia()) {
      observeSent(true, packet);
      if (isProtected(outboundSrtp.protectRtcp(packet))) {
        sendOnPath(packet);
      }
    }
  }

  /** What cannot be protected is lost, like a packet on the path. */
  private boolean isProtected(SrtpVerdict verdict) {
    if (verdict == SrtpVerdict.ACCEPTED) {
      return true;
    }
    counters.notProtected();
    errors.log(
        switch (verdict) {
          case TOO_MANY_SOURCES ->
              "a packet is not sent: the connection has had too many sources; only a new connection"
                  + " can send from further ones";
          case KEY_USED_UP -> "a packet is not sent: its key is used up; call again";
          default -> "a packet is not sent: SRTP says " + verdict;
        });
    return false;
  }

  private void observeSent(boolean rtcp, ByteBuffer packet) {
    SelectedPair path = ice.selectedPair().orElseThrow();
    observer.onPacket(nowNanos, Direction.SENT, rtcp, path.local(), path.remote(), packet);
  }

  /** An SCTP packet, to the other side; at most {@link DtlsTransport#MAX_DATA_LENGTH} octets. */
  public void sendData(ByteBuffer packet) {
    if (canSendMedia()) {
      dtls.send(packet);
    }
  }

  private void sendOnPath(ByteBuffer datagram) {
    Optional<SelectedPair> path = ice.selectedPair();
    if (path.isPresent()) {
      counters.sent(datagram.remaining());
      traffic.sent(path.get(), datagram.remaining(), nowNanos);
      paths.send(nowNanos, path.get().local(), path.get().remote(), datagram);
    }
  }

  /** Whether there are keys, a path, and the other side's consent to use it (RFC 7675). */
  public boolean canSendMedia() {
    return outboundSrtp != null
        && !closed
        && ice.state() != IceState.FAILED
        && ice.selectedPair().isPresent();
  }

  private boolean accepted(SrtpVerdict verdict) {
    if (verdict == SrtpVerdict.ACCEPTED) {
      return true;
    }
    counters.refused();
    if (verdict == SrtpVerdict.TOO_MANY_SOURCES) {
      errors.log("a packet is not taken: the other side has sent from too many sources");
    }
    return false;
  }

  // ---- Setting up ----

  /** Tells the present instant to what is called without one. */
  public void at(long now) {
    nowNanos = now;
  }

  public void addLocalAddress(long now, InetSocketAddress address) {
    nowNanos = now;
    paths.addLocalAddress(now, address);
  }

  public void removeLocalAddress(long now, InetSocketAddress address) {
    nowNanos = now;
    paths.removeLocalAddress(now, address);
  }

  public void addStunServer(long now, String url, List<InetSocketAddress> addresses) {
    nowNanos = now;
    paths.addStunServer(now, url, addresses);
  }

  public void addTurnServer(long now, TurnServer server, List<InetSocketAddress> addresses) {
    nowNanos = now;
    paths.addTurnServer(now, server, addresses);
  }

  public void handleAddressesFound(long now, String name, List<InetAddress> addresses) {
    nowNanos = now;
    paths.handleAddressesFound(now, name, addresses);
  }

  public void handleStreamConnected(long now, int stream, InetSocketAddress local) {
    nowNanos = now;
    paths.handleStreamConnected(now, stream, local);
  }

  public void handleStreamData(long now, int stream, ByteBuffer octets) {
    nowNanos = now;
    paths.handleStreamData(now, stream, octets);
    startDtlsWhenPossible();
  }

  public void handleStreamClosed(long now, int stream, String reason) {
    nowNanos = now;
    paths.handleStreamClosed(now, stream, reason);
  }

  public void endOfLocalAddresses(long now) {
    nowNanos = now;
    paths.endOfLocalAddresses(now);
  }

  public void endOfIceServers(long now) {
    nowNanos = now;
    paths.endOfServers(now);
  }

  /** Takes what was negotiated; ICE begins, or goes on with what is new. */
  public void agree(TransportAgreement agreed) {
    boolean first = agreement == null;
    agreement = agreed;
    if (first && !agreed.offeredFirst()) {
      ice.setRole(IceRole.CONTROLLED);
    }
    TransportDescription remote = agreed.remote();
    ice.setRemoteCredentials(nowNanos, remote.credentials(), remote.iceLite());
    startDtlsWhenPossible();
  }

  public void addRemoteCandidate(Candidate candidate) {
    paths.addRemoteCandidate(nowNanos, candidate);
  }

  public void endOfRemoteCandidates() {
    ice.endOfRemoteCandidates(nowNanos);
  }

  private void startDtlsWhenPossible() {
    if (dtls != null || agreement == null || ice.selectedPair().isEmpty() || closed) {
      return;
    }
    dtls =
        new DtlsTransport(
            new DtlsConfiguration(
                agreement.dtlsRole(), certificate, agreement.remote().fingerprints()),
            new DtlsEvents());
    dtls.start(nowNanos);
    while (!earlyDtls.isEmpty()) {
      dtls.handleDatagram(nowNanos, earlyDtls.poll());
    }
  }

  /**
   * DTLS proves nothing until it has keys, so it hears only who has proved himself to ICE. Media
   * proves itself packet by packet, and is heard from anywhere: a NAT may have given the other side
   * another address.
   */
  private void handleDtls(
      long now, InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    if (!ice.isValidated(local, remote)) {
      counters.refused();
    } else if (dtls != null) {
      dtls.handleDatagram(now, datagram);
    } else if (earlyDtls.size() < MAX_EARLY_DTLS) {
      ByteBuffer copy = ByteBuffer.allocate(datagram.remaining());
      earlyDtls.add(copy.put(datagram).flip());
    }
  }

  private final class IceOutput implements IceAgent.Output {
    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      paths.send(nowNanos, local, remote, packet);
    }

    @Override
    public void onLocalCandidate(Candidate candidate) {
      events.onLocalCandidate(candidate);
    }

    @Override
    public void onGatheringComplete() {
      paths.onGatheringComplete();
      events.onGatheringComplete();
    }

    @Override
    public void onStunAnswer(InetSocketAddress server, InetSocketAddress mapped) {
      paths.onStunAnswer(server, mapped);
    }

    @Override
    public void onStateChange(IceState state) {
      if (state == IceState.FAILED) {
        failure = whyNoPath();
      } else if (dtls == null || dtls.state() != DtlsState.FAILED) {
        // A restart may lead out of an ICE failure.
        failure = null;
      }
    }

    @Override
    public void onSelectedPairChange(SelectedPair pair) {
      counters.pathChanged();
      paths.onSelectedPairChange(nowNanos, pair);
      events.onPathChange(ice.roundTripNanos());
    }

    @Override
    public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
      LOGGER.log(Level.DEBUG, "a remote candidate is not used: " + reason);
    }
  }

  /** What ICE says, and which TURN server might have helped. */
  private String whyNoPath() {
    String reason = ice.failureReason().orElse("no path to the other side was found");
    List<String> failures = paths.failures();
    return failures.isEmpty()
        ? reason
        : reason + "; no relay at " + String.join(", nor at ", failures);
  }

  private final class PathsOutput implements IcePaths.Output {
    @Override
    public void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
      network.send(local, remote, datagram);
    }

    @Override
    public boolean connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
      return network.connect(stream, remote, tlsServerName);
    }

    @Override
    public void sendToStream(int stream, ByteBuffer message) {
      network.sendToStream(stream, message);
    }

    @Override
    public void disconnect(int stream) {
      network.disconnect(stream);
    }

    @Override
    public boolean lookUp(String name) {
      return network.lookUp(name);
    }

    @Override
    public void onServerUsable(String url, InetSocketAddress address) {
      events.onServerUsable(url, address);
    }

    @Override
    public void onServerFailed(String url, int errorCode, String reason) {
      events.onServerFailed(url, errorCode, reason);
    }

    @Override
    public void onPacket(
        long now, InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet) {
      handlePacket(now, local, remote, packet);
    }

    @Override
    public void onRemoteCandidateSkipped(Candidate candidate, String reason) {
      LOGGER.log(Level.DEBUG, "a remote candidate is not used: " + reason);
    }
  }

  private final class DtlsEvents implements DtlsListener {
    @Override
    public void send(ByteBuffer datagram) {
      sendOnPath(datagram);
    }

    @Override
    public void connected(SrtpKeys keys) {
      inboundSrtp = new InboundSrtp(keys);
      outboundSrtp = new OutboundSrtp(keys);
      data.onDtlsConnected(nowNanos);
    }

    @Override
    public void data(ByteBuffer plaintext) {
      data.onDtlsData(nowNanos, plaintext);
    }

    @Override
    public void closed() {
      outboundSrtp = null;
      closedByPeer = true;
      data.onDtlsClosed();
    }

    @Override
    public void failed(DtlsFailure failed) {
      failure = "DTLS failed: " + failed.message();
      data.onDtlsClosed();
    }
  }

  // ---- Time ----

  /** Does what is due; what fails of it keeps nothing else from being done. */
  public void handleTimeout(long now) {
    nowNanos = now;
    failures.run(() -> paths.handleTimeout(now));
    failures.run(() -> ice.handleTimeout(now));
    failures.run(
        () -> {
          startDtlsWhenPossible();
          if (dtls != null) {
            dtls.handleTimeout(now);
          }
        });
    failures.throwFirst();
  }

  /**
   * Ends the connection for an error within this program.
   *
   * @param reason a clause for people
   */
  public void fail(String reason) {
    failure = reason;
  }

  /** When {@link #handleTimeout} is due; empty when it is not. */
  public OptionalLong nextTimeoutNanos() {
    OptionalLong next = dtls == null ? OptionalLong.empty() : dtls.nextTimeoutNanos();
    long iceNext = Math.min(ice.nextTimeoutNanos(), paths.nextTimeoutNanos());
    if (iceNext == Long.MAX_VALUE) {
      return next;
    }
    return next.isPresent() && next.getAsLong() - iceNext < 0 ? next : OptionalLong.of(iceNext);
  }

  // ---- What is told ----

  @Override
  public IceCredentials iceCredentials() {
    return ice.localCredentials();
  }

  @Override
  public void restartIce() {
    ice.restart(nowNanos);
  }

  @Override
  public void cancelIceRestart() {
    ice.cancelRestart(nowNanos);
  }

  @Override
  public Attribute.Fingerprint fingerprint() {
    String[] words = certificate.fingerprint().toAttribute().split(" ", 2);
    return new Attribute.Fingerprint(words[0], words[1]);
  }

  @Override
  public Optional<Boolean> areOfRemoteCertificate(List<Fingerprint> fingerprints) {
    return dtls == null ? Optional.empty() : dtls.remoteCertificateMatches(fingerprints);
  }

  /**
   * ICE and DTLS together (W3C webrtc-pc 4.3.3), but for one thing: an association that the other
   * side has closed counts as closed, because it says that the call is over, where W3C's
   * "connected" would leave it to ICE to find out half a minute later.
   */
  public PeerConnectionState state() {
    if (closed || closedByPeer) {
      return PeerConnectionState.CLOSED;
    }
    if (failure != null) {
      return PeerConnectionState.FAILED;
    }
    return switch (ice.state()) {
      case NEW -> PeerConnectionState.NEW;
      case CHECKING -> PeerConnectionState.CONNECTING;
      case CONNECTED, COMPLETED ->
          dtlsState() == DtlsState.CONNECTED
              ? PeerConnectionState.CONNECTED
              : PeerConnectionState.CONNECTING;
      case DISCONNECTED -> PeerConnectionState.DISCONNECTED;
      case FAILED -> PeerConnectionState.FAILED;
      case CLOSED -> PeerConnectionState.CLOSED;
    };
  }

  /** Why the transport failed, in words. */
  public Optional<String> failureReason() {
    return Optional.ofNullable(failure);
  }

  public IceState iceState() {
    return ice.state();
  }

  public IceRole iceRole() {
    return ice.role();
  }

  public DtlsState dtlsState() {
    return dtls == null ? DtlsState.NEW : dtls.state();
  }

  public DtlsCertificate certificate() {
    return certificate;
  }

  /** Which configured server a local candidate is from; empty for none. */
  public Optional<CandidateOrigin> origin(Candidate local) {
    return paths.origin(local);
  }

  public List<PairStatistics> pairs() {
    return ice.statistics();
  }

  public Optional<String> srtpProfile() {
    return Optional.ofNullable(outboundSrtp).map(srtp -> srtp.profile().name());
  }

  public PathTraffic traffic() {
    return traffic;
  }

  public TransportCounters counters() {
    return counters;
  }

  /** Tells the other side, and ends. */
  public void close() {
    if (closed) {
      return;
    }
    if (dtls != null) {
      dtls.close();
    }
    closed = true;
    ice.close();
    paths.close(nowNanos);
  }
}
