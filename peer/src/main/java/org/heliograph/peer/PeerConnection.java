package org.heliograph.peer;

import java.lang.System.Logger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.heliograph.peer.dtls.DtlsCertificate;
import org.heliograph.peer.ice.Candidate;
import org.heliograph.peer.ice.CandidateFormatException;
import org.heliograph.peer.log.RepeatedErrors;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.stream.Failures;
import org.heliograph.peer.stream.NtpClock;
import org.heliograph.peer.stream.RtpSession;
import org.heliograph.peer.stream.RtpSessionListener;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;
import org.heliograph.peer.transport.MediaTransport;
import org.heliograph.peer.transport.TransportAgreement;

/**
 * A connection to one other peer (W3C {@code RTCPeerConnection}, RFC 8829). It has no socket, no
 * thread and no clock: one thread at a time drives it. {@code PeerDriver} of the module {@code
 * peer-net} does so in real life.
 *
 * <p>Whoever drives it names the addresses of bound sockets ({@link #addLocalAddress}, then {@link
 * #endOfLocalAddresses}), hands over each datagram ({@link #handleDatagram}), and calls {@link
 * #handleTimeout} when {@link #nextTimeoutNanos} has come, which any other call may bring forward.
 * Instants are nanoseconds on one monotonic clock and never fall from call to call.
 *
 * <p>What happens is told to a {@link PeerListener} at the end of the call that brought it about,
 * when the connection may be called again.
 */
public final class PeerConnection {
  private static final Logger LOGGER = System.getLogger(PeerConnection.class.getName());

  /** Characters of 5 bits and more: enough that no two names meet (RFC 7022 4.2). */
  private static final int NAME_LENGTH = 20;

  private final PeerListener listener;
  private final RandomGenerator random;
  private final MediaTransport transport;
  private final Negotiator negotiator;
  private final RtpSession session;
  private final MediaStreams streams;
  private final DataChannels data;
  private final TrickledCandidates remoteCandidates = new TrickledCandidates();
  private final SkippedLines skippedLines = new SkippedLines();
  private final LocalCandidates localCandidates = new LocalCandidates();
  private final Map<Transceiver, Boolean> toldReceiving = new HashMap<>();
  private final Deque<Runnable> events = new ArrayDeque<>();
  private final SsrcSequence ssrcs;
  private final Failures failures = new Failures();
  private final RepeatedErrors errors = new RepeatedErrors(LOGGER);
  private final StatsCollector stats;
  private final String cname;
  private final String streamId;

  private PeerConnectionState toldState = PeerConnectionState.NEW;
  private SignalingState toldSignalingState = SignalingState.STABLE;
  private boolean negotiationNeeded;
  private boolean negotiationNeededDue;
  private boolean delivering;
  private boolean closed;
  private long nowNanos;

  /**
   * Makes a connection.
   *
   * @param network sends what the connection wants sent
   * @param nowNanos the present instant on the driver's monotonic clock
   * @param wallClock the same instant on the wall clock, for sender reports and statistics
   */
  public PeerConnection(
      PeerConfiguration configuration,
      PeerListener listener,
      Network network,
      long nowNanos,
      Instant wallClock) {
    this(configuration, listener, network, nowNanos, wallClock, new SecureRandom());
  }

  PeerConnection(
      PeerConfiguration configuration,
      PeerListener listener,
      Network network,
      long nowNanos,
      Instant wallClock,
      RandomGenerator random) {
    Objects.requireNonNull(configuration, "configuration");
    this.listener = Objects.requireNonNull(listener, "listener");
    this.random = random;
    this.nowNanos = nowNanos;
    this.ssrcs = new SsrcSequence(random);
    this.cname = randomName();
    this.streamId = randomName();
    this.transport =
        new MediaTransport(
            configuration,
            DtlsCertificate.generate(),
            random,
            Objects.requireNonNull(network, "network"),
            new TransportEvents(),
            nowNanos);
    this.session =
        new RtpSession(cname, NtpClock.at(nowNanos, wallClock), random, new SessionEvents());
    transport.carry(session);
    this.streams = new MediaStreams(session);
    this.data =
        new DataChannels(
            transport::sendData, event -> events.add(() -> event.accept(listener)), random);
    transport.carry(data);
    this.negotiator = new Negotiator(random.nextLong() >>> 2, transport, this::newTransceiver);
    this.stats = new StatsCollector(transport, streams, data, negotiator, nowNanos, wallClock);
  }

  private String randomName() {
    StringBuilder name = new StringBuilder(NAME_LENGTH);
    for (int i = 0; i < NAME_LENGTH; i++) {
      name.append(Character.forDigit(random.nextInt(Character.MAX_RADIX), Character.MAX_RADIX));
    }
    return name.toString();
  }

  // ---- Offer and answer ----

  /**
   * Adds a transceiver. The next offer has a media section for it, unless the other side offers
   * first: then the first section of that kind becomes its own, as in W3C for {@code addTrack}.
   */
  public Transceiver addTransceiver(MediaKind kind, TransceiverDirection direction) {
    requireOpen();
    Transceiver transceiver = newTransceiver(kind, direction);
    negotiator.add(transceiver);
    return change(() -> transceiver);
  }

  /**
   * Adds a transceiver that sends several streams of the same pictures, each of another size
   * (simulcast, RFC 8853). The other side may take all of them, some or one: {@link
   * Transceiver#sendEncodings()} tells which after the exchange. {@link SimulcastRates} shares the
   * bandwidth out.
   *
   * @param encodings the streams, with different names; where the other side takes only one, it is
   *     the first
   * @throws IllegalArgumentException if there are none, if two have one name, or if it is for sound
   */
  public Transceiver addTransceiver(
      MediaKind kind, TransceiverDirection direction, List<SendEncoding> encodings) {
    requireOpen();
    long names = encodings.stream().map(SendEncoding::rid).distinct().count();
    if (kind != MediaKind.VIDEO || encodings.isEmpty() || names < encodings.size()) {
      throw new IllegalArgumentException("no streams of " + kind.token() + ": " + encodings);
    }
    String track = randomName();
    Transceiver transceiver =
        new Transceiver(
            kind, direction, encodings, () -> newSource(track), this::transceiverHasChanged);
    negotiator.add(transceiver);
    return change(() -> transceiver);
  }

  private Transceiver newTransceiver(MediaKind kind, TransceiverDirection direction) {
    String track = randomName();
    return new Transceiver(kind, direction, () -> newSource(track), this::transceiverHasChanged);
  }

  private void transceiverHasChanged() {
    change(
        () -> {
          streams.synchronize();
          return null;
        });
  }

  private SourceIdentity newSource(String track) {
    return new SourceIdentity(ssrcs.next(), ssrcs.next(), cname, streamId, track);
  }

  /** Every transceiver, in the order in which they were added or negotiated. */
  public List<Transceiver> transceivers() {
    return negotiator.transceivers();
  }

  /** Makes a reliable, ordered data channel. */
  public DataChannel createDataChannel(String label) {
    return createDataChannel(label, DataChannelOptions.RELIABLE);
  }

  /**
   * Makes a data channel (W3C {@code createDataChannel}). The first one needs an exchange of offer
   * and answer; those after it are open at once where the connection is.
   *
   * @throws IllegalArgumentException if the label or an option cannot be had
   * @throws IllegalStateException if there are too many channels, or too much waits to be sent
   */
  public DataChannel createDataChannel(String label, DataChannelOptions options) {
    requireOpen();
    return change(
        () -> {
          DataChannel channel = data.create(label, options);
          negotiator.wantData();
          return channel;
        });
  }

  /** The data channels of both sides that are not closed. */
  public List<DataChannel> dataChannels() {
    return data.all();
  }

  /** How many octets the longest message may have that the other side takes. */
  public int maxMessageSize() {
    return data.maxMessageSize();
  }

  /** An offer of what the transceivers want (RFC 8829 5.2). */
  public SessionDescription createOffer() {
    requireOpen();
    return change(negotiator::createOffer);
  }

  /**
   * An answer to the remote offer (RFC 8829 5.3). What this side cannot do is refused in it.
   *
   * @throws IllegalStateException if there is no remote offer
   */
  public SessionDescription createAnswer() {
    requireOpen();
    return change(negotiator::createAnswer);
  }

  /** Lets the next offer begin ICE anew (W3C {@code restartIce}). */
  public void restartIce() {
    requireOpen();
    change(
        () -> {
          negotiator.restartIce();
          return null;
        });
  }

  /**
   * Applies a description made by {@link #createOffer} or {@link #createAnswer} (RFC 8829 5.9), or
   * takes the pending offer back.
   *
   * @throws IllegalArgumentException if it is not the one that was made last
   * @throws IllegalStateException if the signaling state does not allow it
   */
  public void setLocalDescription(SessionDescription description) {
    requireOpen();
    change(
        () -> {
          negotiator.setLocal(description);
          applyAgreement();
          return null;
        });
  }

  /**
   * Applies the other side's description (RFC 8829 5.10). An offer that comes while this side's own
   * is pending takes that one back first ("perfect negotiation"). A description that is refused
   * changes nothing.
   *
   * @throws IllegalArgumentException if the description is malformed or breaks the exchange's rules
   * @throws IllegalStateException if the signaling state does not allow it
   */
  public void setRemoteDescription(SessionDescription description) {
    requireOpen();
    change(
        () -> {
          if (description.type() == SdpType.ROLLBACK) {
            negotiator.rollbackRemote();
            return null;
          }
          RemoteDescription remote = RemoteDescription.parse(description.sdp());
          skippedLines.log(description.type().name().toLowerCase(Locale.ROOT), remote.skipped());
          negotiator.setRemote(description.type(), remote);
          remoteCandidates.addAll(remote.candidates());
          if (description.type() == SdpType.OFFER) {
            remote.foreignCodecs().forEach(this::tellForeign);
            tellBeyondBound(remote);
          }
          applyAgreement();
          return null;
        });
  }

  private void tellForeign(MediaKind kind, List<String> theirs) {
    String ours =
        String.join(
            " or ",
            MediaCodec.defaults(kind).stream()
                .filter(codec -> codec.format().isPresent())
                .map(MediaCodec::encoding)
                .toList());
    String reason =
        "the other side has %s only as %s, and this side takes %s"
            .formatted(kind.token(), String.join(", ", theirs), ours);
    events.add(() -> listener.onMediaRefused(kind, reason));
  }

  private void tellBeyondBound(RemoteDescription offer) {
    String reason =
        "the other side has %d sections more than the %d that this side takes"
            .formatted(offer.sectionsBeyondBound(), RemoteDescription.MAX_USED_SECTIONS);
    for (MediaKind kind : offer.kindsBeyondBound()) {
      events.add(() -> listener.onMediaRefused(kind, reason));
    }
  }

  /**
   * This side's description with the candidates found so far; for a side that does not trickle,
   * complete once the empty candidate was told. Empty before the first.
   */
  public Optional<SessionDescription> localDescription() {
    return negotiator
        .localDescription()
        .map(
            description ->
                new SessionDescription(
                    description.type(), localCandidates.addTo(description.sdp()).toString()));
  }

  /**
   * Takes a remote candidate; one that comes before its description is kept for it.
   *
   * @throws IllegalArgumentException if it cannot be read; nothing has changed then, and the others
   *     may do
   */
  public void addIceCandidate(IceCandidateInit candidate) {
    requireOpen();
    change(
        () -> {
          try {
            remoteCandidates.add(candidate, negotiator.remoteUsernameFragment());
          } catch (CandidateFormatException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
          }
          negotiator.agreement().ifPresent(this::useRemoteCandidates);
          return null;
        });
  }

  private void applyAgreement() {
    if (negotiator.state() == SignalingState.HAVE_LOCAL_OFFER
        || negotiator.state() == SignalingState.HAVE_REMOTE_OFFER) {
      return;
    }
    negotiator
        .agreement()
        .ifPresent(
            agreement -> {
              transport.agree(agreement);
              useRemoteCandidates(agreement);
              session.setReducedSizeRtcp(agreement.reducedSizeRtcp());
              if (negotiator.remoteData().isPresent() || !negotiator.wantsData()) {
                data.agree(negotiator.remoteData(), agreement.dtlsRole(), nowNanos);
              }
            });
    streams.apply(negotiator.transceivers(), nowNanos);
    if (isConnected()) {
      streams.askForFirstKeyFrames(nowNanos);
    }
    data.setYielding(negotiator.transceivers().stream().anyMatch(PeerConnection::sends));
    tellTracks();
  }

  private static boolean sends(Transceiver transceiver) {
    return transceiver.currentDirection().filter(TransceiverDirection::sends).isPresent();
  }

  private void useRemoteCandidates(TransportAgreement agreement) {
    for (Optional<Candidate> candidate : remoteCandidates.takeFor(agreement)) {
      candidate.ifPresentOrElse(transport::addRemoteCandidate, transport::endOfRemoteCandidates);
    }
  }

  // ---- Driving ----

  /** Names the address of a bound UDP socket, which becomes a host candidate. */
  public void addLocalAddress(long nowNanos, InetSocketAddress address) {
    at(nowNanos);
    change(
        () -> {
          transport.addLocalAddress(nowNanos, address);
          return null;
        });
  }

  /** Ends the use of a local address, whose network has gone. */
  public void removeLocalAddress(long nowNanos, InetSocketAddress address) {
    at(nowNanos);
    change(
        () -> {
          transport.removeLocalAddress(nowNanos, address);
          return null;
        });
  }

  /**
   * Names a STUN server, which is asked how it sees this side.
   *
   * @param url of the kind {@code stun:}
   * @param addresses what the URL's host stands for; empty when it is not known
   */
  public void addStunServer(long nowNanos, IceUrl url, List<InetAddress> addresses) {
    at(nowNanos);
    change(
        () -> {
          transport.addStunServer(nowNanos, url.toString(), socketAddresses(url, addresses));
          return null;
        });
  }

  private static List<InetSocketAddress> socketAddresses(IceUrl url, List<InetAddress> addresses) {
    return addresses.stream().map(address -> new InetSocketAddress(address, url.port())).toList();
  }

  /**
   * Names a TURN server, from which a relayed address is asked for.
   *
   * @param url of the kind {@code turn:} or {@code turns:}
   * @param addresses what the URL's host stands for; empty when it is not known
   */
  public void addTurnServer(
      long nowNanos, IceUrl url, String username, String credential, List<InetAddress> addresses) {
    at(nowNanos);
    change(
        () -> {
          transport.addTurnServer(
              nowNanos, url.toTurnServer(username, credential), socketAddresses(url, addresses));
          return null;
        });
  }

  /** Tells what {@link Network#lookUp} has found; nothing when the name is unknown. */
  public void handleAddressesFound(long nowNanos, String name, List<InetAddress> addresses) {
    at(nowNanos);
    change(
        () -> {
          transport.handleAddressesFound(nowNanos, name, addresses);
          return null;
        });
  }

  /** Tells that a connection which {@link Network#connect} was asked for is open. */
  public void handleStreamConnected(long nowNanos, int stream, InetSocketAddress local) {
    at(nowNanos);
    change(
        () -> {
          transport.handleStreamConnected(nowNanos, stream, local);
          return null;
        });
  }

  /**
   * Takes what came over such a connection, in pieces of any size.
   *
   * @param octets position to limit, in an accessible array; changed in place, and may be used
   *     again after the call
   */
  public void handleStreamData(long nowNanos, int stream, ByteBuffer octets) {
    if (closed) {
      return;
    }
    at(nowNanos);
    try {
      transport.handleStreamData(nowNanos, stream, octets);
    } finally {
      deliver();
    }
  }

  /** Tells that such a connection could not be opened, or has ended. */
  public void handleStreamClosed(long nowNanos, int stream, String reason) {
    at(nowNanos);
    change(
        () -> {
          transport.handleStreamClosed(nowNanos, stream, reason);
          return null;
        });
  }

  /** Says that no server is still being looked up, whose name may take longer than is waited. */
  public void endOfIceServers(long nowNanos) {
    at(nowNanos);
    change(
        () -> {
          transport.endOfIceServers(nowNanos);
          return null;
        });
  }

  /** Says that all local addresses are named, and those servers that are waited for. */
  public void endOfLocalAddresses(long nowNanos) {
    at(nowNanos);
    change(
        () -> {
          transport.endOfLocalAddresses(nowNanos);
          return null;
        });
  }

  /**
   * Takes a datagram.
   *
   * @param local the address of the socket that it came through
   * @param remote the address that it came from
   * @param datagram position to limit, in an accessible array; it is decrypted in place, and may be
   *     used again after the call
   */
  public void handleDatagram(
      long nowNanos, InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    if (closed) {
      return;
    }
    at(nowNanos);
    try {
      transport.handleDatagram(nowNanos, local, remote, datagram);
    } finally {
      deliver();
    }
  }

  /**
   * Does what is due. What fails of it keeps nothing else from being done, and is thrown at the
   * end.
   */
  public void handleTimeout(long nowNanos) {
    at(nowNanos);
    if (!closed) {
      failures.run(() -> transport.handleTimeout(nowNanos));
      if (isConnected()) {
        failures.run(() -> session.handleTimeout(nowNanos));
        failures.run(() -> data.handleTimeout(nowNanos));
      }
      tellNegotiationNeeded();
    }
    deliver();
    failures.throwFirst();
  }

  /**
   * Ends the connection for an error within this program, and says so: {@link
   * PeerListener#onFailed}, then the states "failed" and "closed".
   *
   * @param reason a clause for people
   */
  public void fail(long nowNanos, String reason) {
    if (closed) {
      return;
    }
    at(nowNanos);
    transport.fail(reason);
    deliver();
    close(nowNanos);
  }

  /** Shows every packet of media in the clear from now on; for debugging. */
  public void observePackets(PacketObserver observer) {
    transport.observe(Objects.requireNonNull(observer, "observer"));
  }

  /** When {@link #handleTimeout} is to be called next; empty when it need not be. */
  public OptionalLong nextTimeoutNanos() {
    if (closed) {
      return OptionalLong.empty();
    }
    if (negotiationNeededDue) {
      return OptionalLong.of(nowNanos);
    }
    OptionalLong next = transport.nextTimeoutNanos();
    long sessionNext =
        isConnected()
            ? Math.min(session.nextTimeoutNanos(), data.nextTimeoutNanos())
            : Long.MAX_VALUE;
    if (sessionNext == Long.MAX_VALUE) {
      return next;
    }
    return next.isPresent() && next.getAsLong() - sessionNext < 0
        ? next
        : OptionalLong.of(sessionNext);
  }

  /**
   * Sends a frame. It is dropped when the transceiver does not send or the connection is not up.
   */
  public void send(long nowNanos, Transceiver transceiver, MediaFrame frame) {
    send(nowNanos, transceiver, "", frame);
  }

  /**
   * Sends a frame of one of a transceiver's streams. It is dropped when the other side does not
   * take that stream, or it is not active.
   *
   * @param rid the stream's name ({@link SendEncoding#rid})
   */
  public void send(long nowNanos, Transceiver transceiver, String rid, MediaFrame frame) {
    at(nowNanos);
    try {
      if (isConnected()) {
        streams.send(transceiver, rid, frame, nowNanos);
      } else {
        streams.interrupt(transceiver, rid);
      }
    } finally {
      deliver();
    }
  }

  /**
   * Says that frames of a stream were lost before they came here: it goes on with a key frame.
   *
   * @param rid the stream's name; empty for the only or the first one
   */
  public void interrupt(Transceiver transceiver, String rid) {
    streams.interrupt(transceiver, rid);
  }

  /**
   * Sets whether received packets are told, too ({@link PeerListener#onPacket}), beside the frames
   * that are made of them; off at first.
   */
  public void setHandsOnPackets(boolean handsOn) {
    session.setHandsOnPackets(handsOn);
  }

  /**
   * Sends on a packet that another connection has received ({@link PeerListener#onPacket}),
   * unchanged but for its numbers: SSRC, payload type, sequence number, time stamp, and picture ids
   * where its sender has begun anew. It goes at once, without a pacer: this is for a connection
   * within this machine. Packets that are asked for again come out of this connection's own
   * history, and its sender reports tell the other side when they were captured. It is dropped when
   * the transceiver does not send, or not that format, or the connection is not up.
   *
   * @param transceiver one that is given nothing but forwarded packets
   */
  public void forward(long nowNanos, Transceiver transceiver, MediaPacket packet) {
    at(nowNanos);
    try {
      if (isConnected()) {
        streams.forward(transceiver, packet, nowNanos);
      }
    } finally {
      deliver();
    }
  }

  /**
   * Asks the other side for a key frame (RFC 4585 6.3.1 PLI), not oftener than its rate limit
   * allows.
   */
  public void requestKeyFrame(Transceiver transceiver) {
    if (isConnected()) {
      streams.requestKeyFrame(transceiver, nowNanos);
    }
    deliver();
  }

  /**
   * Ends the connection: says goodbye (RTCP BYE, DTLS close_notify) and sends nothing after that.
   * Does nothing the second time.
   */
  public void close(long nowNanos) {
    if (closed) {
      return;
    }
    at(nowNanos);
    if (isConnected()) {
      failures.run(() -> session.close(nowNanos));
    }
    failures.run(data::close);
    closed = true;
    negotiationNeededDue = false;
    failures.run(transport::close);
    negotiator.close();
    deliver();
    failures.throwFirst();
  }

  // ---- What is told ----

  /** ICE and DTLS together. */
  public PeerConnectionState connectionState() {
    return transport.state();
  }

  /** Where the offer/answer exchange stands. */
  public SignalingState signalingState() {
    return negotiator.state();
  }

  /** Why the connection failed, in words; empty unless it did. */
  public Optional<String> failureReason() {
    return transport.failureReason();
  }

  /** W3C webrtc-stats objects, with the names of that document. */
  public List<Stats> getStats() {
    return stats.collect(nowNanos, localCandidates.all());
  }

  /** What carries the media; for tests, which send through it what no session makes. */
  MediaTransport transport() {
    return transport;
  }

  private boolean isConnected() {
    return transport.canSendMedia();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the connection is closed");
    }
  }

  private void at(long now) {
    nowNanos = now;
    transport.at(now);
  }

  /** A step that may change what is agreed or wanted; what it brings about is told after it. */
  private <T> T change(Supplier<T> step) {
    try {
      return step.get();
    } finally {
      updateNegotiationNeeded();
      deliver();
    }
  }

  /** W3C webrtc-pc 4.7.3: told once for all changes that come together, hence not at once. */
  private void updateNegotiationNeeded() {
    if (closed || negotiator.state() != SignalingState.STABLE) {
      negotiationNeeded = false;
      negotiationNeededDue = false;
      return;
    }
    boolean needed = negotiator.isNegotiationNeeded();
    if (needed && !negotiationNeeded) {
      negotiationNeededDue = true;
    }
    if (!needed) {
      negotiationNeededDue = false;
    }
    negotiationNeeded = needed;
  }

  private void tellNegotiationNeeded() {
    if (negotiationNeededDue) {
      negotiationNeededDue = false;
      events.add(listener::onNegotiationNeeded);
    }
  }

  private void tellTracks() {
    List<Transceiver> live = negotiator.transceivers();
    List<Transceiver> known = new ArrayList<>(toldReceiving.keySet());
    known.addAll(
        live.stream().filter(transceiver -> !toldReceiving.containsKey(transceiver)).toList());
    for (Transceiver transceiver : known) {
      boolean receives =
          live.contains(transceiver)
              && transceiver.currentDirection().filter(TransceiverDirection::receives).isPresent();
      boolean before = toldReceiving.getOrDefault(transceiver, false);
      if (live.contains(transceiver)) {
        toldReceiving.put(transceiver, receives);
      } else {
        toldReceiving.remove(transceiver);
      }
      if (receives != before) {
        events.add(() -> listener.onTrack(transceiver));
      }
    }
  }

  /** Tells the listener, when nothing is half done. */
  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      tellNews();
      for (Runnable event = events.poll(); event != null; event = events.poll()) {
        tell(event);
        tellNews();
      }
    } finally {
      delivering = false;
    }
  }

  /**
   * A listener's mistake is its own: it neither ends the call nor fails the step that it hears of.
   */
  private void tell(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException e) {
      errors.log("a peer connection's listener failed", e);
    }
  }

  private void tellNews() {
    if (localCandidates.hasUntold()) {
      for (IceCandidateInit candidate :
          localCandidates.takeUntold(
              negotiator.localDescription().map(Negotiator.LocalDescription::sdp))) {
        events.add(() -> listener.onIceCandidate(candidate));
      }
    }
    SignalingState signaling = negotiator.state();
    if (signaling != toldSignalingState) {
      toldSignalingState = signaling;
      events.add(() -> listener.onSignalingStateChange(signaling));
    }
    PeerConnectionState state = transport.state();
    if (state != toldState) {
      toldState = state;
      if (state == PeerConnectionState.FAILED) {
        String reason = transport.failureReason().orElse("");
        events.add(() -> listener.onFailed(reason));
      }
      events.add(() -> listener.onConnectionStateChange(state));
      if (state == PeerConnectionState.CONNECTED) {
        // What was sent while the path was broken is lost, and who cannot ask stays without. Told
        // behind the state: the answer may come at once, and would not be sent before.
        streams.askForKeyFrames(nowNanos);
      }
    }
  }

  private final class TransportEvents implements MediaTransport.Events {
    @Override
    public void onLocalCandidate(Candidate candidate) {
      localCandidates.add(candidate);
    }

    @Override
    public void onGatheringComplete() {
      localCandidates.complete();
    }

    @Override
    public void onPathChange(long roundTripNanos) {
      session.onPathChange(nowNanos, roundTripNanos);
    }

    @Override
    public void onServerUsable(String url, InetSocketAddress address) {
      events.add(() -> listener.onIceServer(url, address));
    }

    @Override
    public void onServerFailed(String url, int errorCode, String reason) {
      events.add(() -> listener.onIceCandidateError(url, errorCode, reason));
    }
  }

  private final class SessionEvents implements RtpSessionListener {
    @Override
    public void onRtpToSend(ByteBuffer packet) {
      transport.sendRtp(packet);
    }

    @Override
    public void onRtcpToSend(ByteBuffer compound) {
      transport.sendRtcp(compound);
    }

    @Override
    public void onFrame(ReceiveStream stream, MediaFrame frame) {
      streams
          .receiverOf(stream)
          .ifPresent(transceiver -> events.add(() -> listener.onFrame(transceiver, frame)));
    }

    @Override
    public void onPacket(ReceiveStream stream, MediaPacket packet) {
      streams
          .receiverOf(stream)
          .ifPresent(transceiver -> events.add(() -> listener.onPacket(transceiver, packet)));
    }

    @Override
    public void onKeyFrameRequested(SendStream stream) {
      streams
          .senderOf(stream)
          .ifPresent(
              sender ->
                  events.add(
                      () -> listener.onKeyFrameRequested(sender.transceiver(), sender.rid())));
    }

    @Override
    public void onLossToPrepareFor(SendStream stream, double share) {
      streams
          .senderOf(stream)
          .ifPresent(
              sender -> events.add(() -> listener.onLossToPrepareFor(sender.transceiver(), share)));
    }

    @Override
    public void onBandwidthEstimate(long bitsPerSecond) {
      events.add(() -> listener.onBandwidthEstimate(bitsPerSecond));
    }
  }
}
