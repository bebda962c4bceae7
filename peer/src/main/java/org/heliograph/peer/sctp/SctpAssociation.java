package org.heliograph.peer.sctp;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * One SCTP association over DTLS (RFC 9260, RFC 8261), without socket, thread and clock: it takes
 * packets and instants, and gives packets, messages and the next instant at which it wants to be
 * called.
 *
 * <p>DTLS says who the other side is and lets nobody else in, so that addresses, the signature of
 * the cookie and the defence against floods fall away; and as the association lives and dies with
 * DTLS and ICE, it does not give up by itself however long nothing comes back. Both sides open it
 * at once (RFC 8831 6.2), and either may come first.
 *
 * <p>{@link #send} and {@link #resetStream} only note what is wanted: {@link #nextTimeoutNanos} is
 * due at once then, and {@link #handleTimeout} sends. So messages that come together share packets,
 * and time is only ever told by the driver.
 *
 * <p>One thread at a time drives it. Instants are nanoseconds of one monotonic clock.
 */
public final class SctpAssociation {
  /** The longest packet: what fits a datagram over DTLS. */
  public static final int MAX_PACKET_LENGTH = PacketWriter.MAX_PACKET_LENGTH;

  /** How many streams there are in each direction. */
  public static final int MAX_STREAMS = 1024;

  /** How many octets may wait to be sent, with what they cost beside. */
  static final long MAX_WAITING = 16 << 20;

  /** How many octets may wait to be put together and in order. */
  static final long RECEIVE_WINDOW = 2 << 20;

  private static final Logger LOGGER = System.getLogger(SctpAssociation.class.getName());

  private static final long SACK_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final int DATA_FIELDS_LENGTH = 12;
  private static final int SACK_FIELDS_LENGTH = 12;
  private static final int IMMEDIATELY_FLAG = 8;
  private static final int COOKIE_LENGTH = 16;
  private static final int HEARTBEAT_INFO = 1;
  private static final int HEARTBEAT_INFO_LENGTH = 4 + 2 * Long.BYTES;

  /** The causes of errors (RFC 9260 3.3.10). */
  private static final int INVALID_STREAM = 1;

  private static final int STALE_COOKIE = 3;
  private static final int UNRECOGNIZED_CHUNK = 6;
  private static final int USER_INITIATED_ABORT = 12;
  private static final int PROTOCOL_VIOLATION = 13;
  private static final int CAUSE_HEADER_LENGTH = 4;

  private final int localPort;
  private final int remotePort;
  private final SctpListener listener;
  private final PacketWriter writer;
  private final SendQueue queue;
  private final Reassembly reassembly;
  private final RetransmissionTimeout handshakeTimeout = new RetransmissionTimeout();
  private final RetransmissionTimeout timeout = new RetransmissionTimeout();
  private final Init ownInit;
  private final byte[] cookie = new byte[COOKIE_LENGTH];
  private final long heartbeatNonce;

  private final Timer handshakeTimer = new Timer();
  private final Timer sackTimer = new Timer();
  private final Timer heartbeatTimer = new Timer();
  private final Timer shutdownTimer = new Timer();

  private SctpState state = SctpState.CLOSED;
  private boolean ended;
  private Init remote;
  private byte[] remoteCookie;
  private SentData sentData;
  private ReceivedTsns receivedTsns;
  private StreamReset streamReset;
  private boolean sackDue;
  private int packetsWithoutSack;
  private boolean yielding;
  private boolean wakeUp;
  private long nowNanos;

  /**
   * An association that is to be {@linkplain #connect opened}.
   *
   * @param localPort the SCTP port of this side's description
   * @param remotePort the SCTP port of the other side's description
   * @param maxMessageLength the longest message that is taken, in octets
   * @param random for tags and numbers
   */
  public SctpAssociation(
      int localPort,
      int remotePort,
      int maxMessageLength,
      RandomGenerator random,
      SctpListener listener) {
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.listener = Objects.requireNonNull(listener, "listener");
    this.writer = new PacketWriter(localPort, remotePort, listener::send);
    this.queue = new SendQueue(listener, MAX_WAITING);
    this.reassembly = new Reassembly(listener, maxMessageLength);
    random.nextBytes(cookie);
    this.heartbeatNonce = random.nextLong();
    this.ownInit =
        new Init(
            random.nextInt() | 1,
            RECEIVE_WINDOW,
            MAX_STREAMS,
            MAX_STREAMS,
            random.nextInt(),
            Optional.empty(),
            true,
            true,
            true);
  }

  // ---- What is wanted ----

  /**
   * Opens the association.
   *
   * @throws IllegalStateException if it was opened before
   */
  public void connect(long now) {
    nowNanos = now;
    if (state != SctpState.CLOSED || ended) {
      throw new IllegalStateException("cannot open an association that is " + state);
    }
    state = SctpState.COOKIE_WAIT;
    sendInit();
  }

  /** Whether there is room for a message of that length among those that wait. */
  public boolean accepts(int length) {
    return !ended && queue.accepts(length);
  }

  /**
   * Sends a message in its turn. It waits while the association is being opened.
   *
   * @throws IllegalArgumentException if it is empty or its stream is none
   * @throws IllegalStateException if too much waits, or the association has ended
   */
  public void send(SctpMessage message) {
    if (!message.payload().hasRemaining()) {
      throw new IllegalArgumentException("SCTP has no empty messages");
    }
    requireStream(message.stream());
    if (!accepts(message.payload().remaining())) {
      throw new IllegalStateException(ended ? "the association has ended" : "too much waits");
    }
    queue.add(message);
    wakeUp = true;
  }

  /** Drops what waits on a stream and was not begun. */
  public void discard(int stream) {
    queue.discard(stream);
  }

  /**
   * Resets an outgoing stream, after what waits on it. {@link SctpListener#onOutgoingStreamReset}
   * tells when it is done; never before the association is up.
   *
   * @return whether the other side knows how; if not, nothing happens
   */
  public boolean resetStream(int stream) {
    requireStream(stream);
    if (streamReset == null) {
      throw new IllegalStateException("no stream is in use yet");
    }
    if (!remote.reConfig()) {
      return false;
    }
    streamReset.reset(stream);
    wakeUp = true;
    return true;
  }

  private static void requireStream(int stream) {
    if (stream < 0 || stream >= MAX_STREAMS) {
      throw new IllegalArgumentException("there is no stream " + stream);
    }
  }

  /**
   * Says whether media goes the same way, and first: then no more is sent than keeps the path's
   * queues short.
   */
  public void setYielding(boolean yielding) {
    this.yielding = yielding;
    if (sentData != null) {
      sentData.setYielding(yielding);
    }
  }

  /** Ends the association and tells the other side. Does nothing the second time. */
  public void abort() {
    if (isUp() || state == SctpState.COOKIE_ECHOED) {
      sendAbort(USER_INITIATED_ABORT, "");
    }
    end();
  }

  /** Whether it was up or opened, and will not be again. */
  public boolean hasEnded() {
    return ended;
  }

  private void end() {
    state = SctpState.CLOSED;
    ended = true;
    handshakeTimer.stop();
    sackTimer.stop();
    heartbeatTimer.stop();
    shutdownTimer.stop();
  }

  private void fail(String reason) {
    if (!ended) {
      end();
      listener.onClosed(reason);
    }
  }

  // ---- What is told ----

  /** Where the association stands. */
  public SctpState state() {
    return state;
  }

  /** How many streams this side may send on; 0 before the association is up. */
  public int outgoingStreams() {
    return sentData == null ? 0 : Math.min(MAX_STREAMS, remote.incomingStreams());
  }

  /** The figures of the moment; empty before the association is up. */
  public Optional<SctpStatistics> statistics() {
    return Optional.ofNullable(sentData)
        .map(
            sent ->
                new SctpStatistics(
                    timeout.smoothedRoundTripNanos(),
                    sent.congestionWindow(),
                    sent.remoteWindow(),
                    MAX_PACKET_LENGTH,
                    sent.unacknowledged()));
  }

  /** What it holds of messages that are not whole or not in their turn, with what that costs. */
  long heldOctets() {
    return reassembly.cost();
  }

  private boolean isUp() {
    return sentData != null && !ended;
  }

  // ---- Time ----

  /** Does what is due, and sends what can be sent. */
  public void handleTimeout(long now) {
    nowNanos = now;
    if (ended) {
      return;
    }
    wakeUp = false;
    queue.startLives(now);
    if (handshakeTimer.expire(now)) {
      handshakeTimeout.backOff();
      if (state == SctpState.COOKIE_WAIT) {
        sendInit();
      } else {
        sendCookieEcho();
      }
    }
    if (shutdownTimer.expire(now)) {
      timeout.backOff();
      sendShutdownAck();
    }
    if (isUp()) {
      sackDue |= sackTimer.expire(now);
      sentData.handleTimeout(now);
      streamReset.handleTimeout(now);
      if (heartbeatTimer.expire(now)) {
        sendHeartbeat();
      }
      transmit();
    }
  }

  /** When {@link #handleTimeout} is to be called next; {@link Long#MAX_VALUE} for never. */
  public long nextTimeoutNanos() {
    if (ended) {
      return Timer.NEVER;
    }
    long next = Math.min(handshakeTimer.dueNanos(), shutdownTimer.dueNanos());
    if (isUp()) {
      if (wakeUp) {
        return nowNanos;
      }
      next = Math.min(next, Math.min(sackTimer.dueNanos(), heartbeatTimer.dueNanos()));
      next = Math.min(next, sentData.nextTimeoutNanos());
      next = Math.min(next, streamReset.nextTimeoutNanos());
    }
    return next;
  }

  /** The acknowledgement first, then what keeps order, then data; all in as few packets. */
  private void transmit() {
    if (sackDue) {
      sendSack();
    }
    if (state == SctpState.ESTABLISHED || state == SctpState.SHUTDOWN_RECEIVED) {
      sentData.transmit(nowNanos, writer);
      streamReset.transmit(nowNanos, writer);
    }
    writer.flush();
    if (state == SctpState.SHUTDOWN_RECEIVED && sentData.isEmpty() && queue.isEmpty()) {
      state = SctpState.SHUTDOWN_ACK_SENT;
      sendShutdownAck();
    }
  }

  // ---- Packets ----

  /**
   * Takes a packet. What is malformed is dropped.
   *
   * @param packet position to limit in an accessible array; read within the call, its checksum
   *     overwritten
   */
  public void handlePacket(long now, ByteBuffer packet) {
    nowNanos = now;
    if (ended || packet.remaining() < PacketWriter.PACKET_HEADER_LENGTH) {
      return;
    }
    int start = packet.position();
    if (Short.toUnsignedInt(packet.getShort(start)) != remotePort
        || Short.toUnsignedInt(packet.getShort(start + 2)) != localPort) {
      return;
    }
    int tag = packet.getInt(start + 4);
    // DTLS has authenticated the packet already, hence no checksum is as good as one (RFC 9653).
    boolean hasChecksum = packet.getInt(start + PacketWriter.CHECKSUM_OFFSET) != 0;
    if (hasChecksum && !PacketWriter.hasRightChecksum(packet)) {
      return;
    }
    try {
      boolean withData = false;
      ByteBuffer rest =
          packet.slice(
              start + PacketWriter.PACKET_HEADER_LENGTH,
              packet.remaining() - PacketWriter.PACKET_HEADER_LENGTH);
      while (rest.remaining() >= PacketWriter.CHUNK_HEADER_LENGTH && !ended) {
        int at = rest.position();
        int type = Byte.toUnsignedInt(rest.get(at));
        int length = Short.toUnsignedInt(rest.getShort(at + 2));
        if (length < PacketWriter.CHUNK_HEADER_LENGTH || length > rest.remaining()) {
          break;
        }
        ByteBuffer value =
            rest.slice(
                at + PacketWriter.CHUNK_HEADER_LENGTH, length - PacketWriter.CHUNK_HEADER_LENGTH);
        if (!isTagRight(type, rest.get(at + 1), tag)
            || !handleChunk(type, rest.get(at + 1), value)) {
          break;
        }
        withData |= type == ChunkType.DATA;
        rest.position(Math.min(rest.limit(), at + ((length + 3) & ~3)));
      }
      if (isUp()) {
        if (withData) {
          noteData();
        }
        queue.startLives(now);
        transmit();
      }
    } catch (ProtocolViolation violation) {
      sendAbort(PROTOCOL_VIOLATION, violation.getMessage());
      fail("the other side broke the protocol: " + violation.getMessage());
    }
  }

  /** RFC 9260 8.5. */
  private boolean isTagRight(int type, int flags, int tag) {
    return switch (type) {
      case ChunkType.INIT -> tag == 0;
      case ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE ->
          (flags & ChunkType.REFLECTED_TAG) == 0
              ? tag == ownInit.tag()
              : remote != null && tag == remote.tag();
      default -> tag == ownInit.tag();
    };
  }

  /** Takes a chunk, and says whether to go on with the next. */
  private boolean handleChunk(int type, int flags, ByteBuffer value) throws ProtocolViolation {
    switch (type) {
      case ChunkType.INIT -> {
        handleInit(value);
        return false;
      }
      case ChunkType.INIT_ACK -> handleInitAck(value);
      case ChunkType.COOKIE_ECHO -> handleCookieEcho(value);
      case ChunkType.COOKIE_ACK -> {
        if (state == SctpState.COOKIE_ECHOED) {
          establish();
        }
      }
      case ChunkType.ABORT -> {
        fail("the other side aborted it" + causes(value));
        return false;
      }
      case ChunkType.ERROR -> handleError(value);
      case ChunkType.HEARTBEAT -> handleHeartbeat(value);
      case ChunkType.DATA,
          ChunkType.SACK,
          ChunkType.HEARTBEAT_ACK,
          ChunkType.SHUTDOWN,
          ChunkType.SHUTDOWN_COMPLETE,
          ChunkType.RE_CONFIG,
          ChunkType.FORWARD_TSN -> {
        if (isUp()) {
          handleWhenUp(type, flags, value);
        }
      }
      case ChunkType.SHUTDOWN_ACK -> {
        // This side never begins a shutdown; closing is the business of DTLS.
      }
      default -> {
        if (ChunkType.isReportedWhenUnknown(type) && isUp()) {
          reportUnknown(type, flags, value);
        }
        return ChunkType.isSkippedWhenUnknown(type);
      }
    }
    return true;
  }

  private void handleWhenUp(int type, int flags, ByteBuffer value) throws ProtocolViolation {
    switch (type) {
      case ChunkType.DATA -> handleData(flags, value);
      case ChunkType.SACK -> handleSack(value);
      case ChunkType.FORWARD_TSN -> handleForwardTsn(value);
      case ChunkType.RE_CONFIG -> streamReset.handle(nowNanos, value, writer);
      case ChunkType.HEARTBEAT_ACK -> handleHeartbeatAck(value);
      case ChunkType.SHUTDOWN -> handleShutdown(value);
      case ChunkType.SHUTDOWN_COMPLETE -> {
        if (state == SctpState.SHUTDOWN_ACK_SENT) {
          fail("the other side closed it");
        }
      }
      default -> throw new IllegalArgumentException("chunk type " + type);
    }
  }

  // ---- Opening (RFC 9260 5) ----

  private void sendInit() {
    writer.setVerificationTag(0);
    ownInit.write(ChunkType.INIT, writer);
    writer.flush();
    handshakeTimer.start(nowNanos, handshakeTimeout.nanos());
  }

  /**
   * Answers an INIT, the same way each time: with the tag and the TSN that this side's own INIT
   * has, so that it does not matter whose is answered first (5.2.1). In an association that is up,
   * one of another tag would be a restart, which WebRTC does with a new DTLS association.
   */
  private void handleInit(ByteBuffer value) {
    Optional<Init> init = Init.read(value);
    if (init.isEmpty() || (isUp() && init.get().tag() != remote.tag())) {
      return;
    }
    if (!isUp()) {
      remote = init.get();
    }
    writer.flush();
    writer.setVerificationTag(init.get().tag());
    ownInit.withCookie(cookie).write(ChunkType.INIT_ACK, writer);
    writer.flush();
  }

  private void handleInitAck(ByteBuffer value) {
    Optional<Init> init = Init.read(value);
    if (state != SctpState.COOKIE_WAIT || init.isEmpty() || init.get().cookie().isEmpty()) {
      return;
    }
    byte[] received = init.get().cookie().get();
    if (received.length > writer.room()) {
      return;
    }
    remote = init.get();
    remoteCookie = received;
    state = SctpState.COOKIE_ECHOED;
    sendCookieEcho();
  }

  private void sendCookieEcho() {
    writer.setVerificationTag(remote.tag());
    writer.beginChunk(ChunkType.COOKIE_ECHO, 0, remoteCookie.length).put(remoteCookie);
    writer.endChunk();
    writer.flush();
    handshakeTimer.start(nowNanos, handshakeTimeout.nanos());
  }

  private void handleCookieEcho(ByteBuffer value) {
    if (remote == null || !value.equals(ByteBuffer.wrap(cookie))) {
      return;
    }
    if (!isUp()) {
      establish();
    }
    writer.chunk(ChunkType.COOKIE_ACK, 0);
  }

  private void establish() {
    state = SctpState.ESTABLISHED;
    handshakeTimer.stop();
    writer.setVerificationTag(remote.tag());
    if (remote.zeroChecksum()) {
      writer.allowZeroChecksum();
    }
    sentData =
        new SentData(queue, timeout, ownInit.initialTsn(), remote.window(), remote.forwardTsn());
    sentData.setYielding(yielding);
    receivedTsns = new ReceivedTsns(remote.initialTsn());
    streamReset =
        new StreamReset(
            queue,
            sentData,
            receivedTsns,
            reassembly,
            timeout,
            listener,
            ownInit.initialTsn(),
            remote.initialTsn());
    heartbeatTimer.start(nowNanos, HEARTBEAT_NANOS);
    listener.onConnected();
  }

  // ---- Data ----

  private void handleData(int flags, ByteBuffer value) throws ProtocolViolation {
    if (value.remaining() <= DATA_FIELDS_LENGTH) {
      throw new ProtocolViolation("a DATA chunk without data");
    }
    long tsn = receivedTsns.unwrap(value.getInt());
    int stream = Short.toUnsignedInt(value.getShort());
    int sequence = value.getShort();
    long payloadProtocol = Integer.toUnsignedLong(value.getInt());
    sackDue |= (flags & IMMEDIATELY_FLAG) != 0;
    if (receivedTsns.contains(tsn)) {
      receivedTsns.addDuplicate(tsn);
      sackDue = true;
      return;
    }
    if (receivedTsns.isTooFarAhead(tsn) || !hasRoomFor(tsn)) {
      sackDue = true;
      return;
    }
    receivedTsns.add(tsn);
    if (stream >= MAX_STREAMS) {
      reportInvalidStream(stream);
      return;
    }
    reassembly.add(tsn, flags, stream, sequence, payloadProtocol, value);
  }

  /**
   * When the window is used up, only what fills the first gap is taken: it is what all the rest
   * waits for.
   */
  private boolean hasRoomFor(long tsn) throws ProtocolViolation {
    if (reassembly.cost() < RECEIVE_WINDOW) {
      return true;
    }
    if (reassembly.cost() >= 2 * RECEIVE_WINDOW) {
      throw new ProtocolViolation("more is under way than the receiver window allows");
    }
    return tsn == receivedTsns.cumulativeTsn() + 1;
  }

  /** Every second packet is acknowledged at once, and any while something is missing (6.2). */
  private void noteData() {
    packetsWithoutSack++;
    if (packetsWithoutSack >= 2 || receivedTsns.hasGap()) {
      sackDue = true;
    } else if (!sackTimer.isRunning()) {
      sackTimer.start(nowNanos, SACK_DELAY_NANOS);
    }
  }

  private void sendSack() {
    sackDue = false;
    packetsWithoutSack = 0;
    sackTimer.stop();
    receivedTsns.write(writer, Math.max(0, RECEIVE_WINDOW - reassembly.cost()));
  }

  private void handleSack(ByteBuffer value) {
    if (value.remaining() < SACK_FIELDS_LENGTH) {
      return;
    }
    int cumulativeTsn = value.getInt();
    long window = Integer.toUnsignedLong(value.getInt());
    int blocks = Short.toUnsignedInt(value.getShort());
    value.getShort(); // the number of duplicates, which tell nothing that is used
    if (blocks * Integer.BYTES > value.remaining()) {
      return;
    }
    sentData.handleSack(
        nowNanos, cumulativeTsn, window, value.limit(value.position() + blocks * Integer.BYTES));
    heartbeatTimer.start(nowNanos, HEARTBEAT_NANOS);
  }

  /**
   * What the other side gives up (RFC 3758 3.6) it has sent, hence not more chunks than the window
   * has octets.
   */
  private void handleForwardTsn(ByteBuffer value) throws ProtocolViolation {
    if (value.remaining() < Integer.BYTES) {
      return;
    }
    sackDue = true;
    long tsn = receivedTsns.unwrap(value.getInt());
    if (tsn <= receivedTsns.cumulativeTsn()) {
      return;
    }
    if (tsn - receivedTsns.cumulativeTsn() > RECEIVE_WINDOW) {
      throw new ProtocolViolation("more is given up than the receiver window allows");
    }
    receivedTsns.skipTo(tsn);
    reassembly.skipTo(tsn);
    while (value.remaining() >= Integer.BYTES) {
      int stream = Short.toUnsignedInt(value.getShort());
      int sequence = value.getShort();
      if (stream < MAX_STREAMS) {
        reassembly.skipOn(stream, sequence);
      }
    }
  }

  // ---- Whether the other side is there ----

  private void sendHeartbeat() {
    writer
        .beginChunk(ChunkType.HEARTBEAT, 0, HEARTBEAT_INFO_LENGTH)
        .putShort((short) HEARTBEAT_INFO)
        .putShort((short) HEARTBEAT_INFO_LENGTH)
        .putLong(heartbeatNonce)
        .putLong(nowNanos);
    writer.endChunk();
    heartbeatTimer.start(nowNanos, HEARTBEAT_NANOS);
  }

  private void handleHeartbeat(ByteBuffer value) {
    if (isUp() && value.remaining() <= MAX_PACKET_LENGTH - PacketWriter.PACKET_HEADER_LENGTH - 4) {
      writer.beginChunk(ChunkType.HEARTBEAT_ACK, 0, value.remaining()).put(value);
      writer.endChunk();
    }
  }

  private void handleHeartbeatAck(ByteBuffer value) {
    if (value.remaining() < HEARTBEAT_INFO_LENGTH) {
      return;
    }
    value.getInt();
    if (value.getLong() == heartbeatNonce) {
      long roundTrip = nowNanos - value.getLong();
      if (roundTrip >= 0 && roundTrip < HEARTBEAT_NANOS) {
        timeout.measured(roundTrip);
      }
    }
  }

  // ---- Ending ----

  private void handleShutdown(ByteBuffer value) {
    if (value.remaining() < Integer.BYTES) {
      return;
    }
    sentData.handleSack(
        nowNanos, value.getInt(), sentData.remoteWindow(), value.limit(value.position()));
    if (state == SctpState.ESTABLISHED) {
      state = SctpState.SHUTDOWN_RECEIVED;
    }
  }

  private void sendShutdownAck() {
    writer.chunk(ChunkType.SHUTDOWN_ACK, 0);
    writer.flush();
    shutdownTimer.start(nowNanos, timeout.nanos());
  }

  private void sendAbort(int cause, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    writer
        .beginChunk(ChunkType.ABORT, 0, CAUSE_HEADER_LENGTH + octets.length)
        .putShort((short) cause)
        .putShort((short) (CAUSE_HEADER_LENGTH + octets.length))
        .put(octets);
    writer.endChunk();
    writer.flush();
  }

  // ---- Errors ----

  private void handleError(ByteBuffer value) {
    boolean stale =
        value.remaining() >= CAUSE_HEADER_LENGTH
            && value.getShort(value.position()) == STALE_COOKIE;
    if (stale && state == SctpState.COOKIE_ECHOED) {
      state = SctpState.COOKIE_WAIT;
      sendInit();
    } else {
      LOGGER.log(Level.DEBUG, () -> "the other side reports an error in SCTP" + causes(value));
    }
  }

  private void reportInvalidStream(int stream) {
    writer
        .beginChunk(ChunkType.ERROR, 0, CAUSE_HEADER_LENGTH + Integer.BYTES)
        .putShort((short) INVALID_STREAM)
        .putShort((short) (CAUSE_HEADER_LENGTH + Integer.BYTES))
        .putShort((short) stream)
        .putShort((short) 0);
    writer.endChunk();
  }

  /** With its first words only: the report must not be longer than a packet. */
  private void reportUnknown(int type, int flags, ByteBuffer value) {
    int octets = Math.min(value.remaining(), 16);
    int length = CAUSE_HEADER_LENGTH + PacketWriter.CHUNK_HEADER_LENGTH + octets;
    writer
        .beginChunk(ChunkType.ERROR, 0, length)
        .putShort((short) UNRECOGNIZED_CHUNK)
        .putShort((short) length)
        .put((byte) type)
        .put((byte) flags)
        .putShort((short) (PacketWriter.CHUNK_HEADER_LENGTH + value.remaining()))
        .put(value.slice(value.position(), octets));
    writer.endChunk();
  }

  private static String causes(ByteBuffer value) {
    return value.remaining() < CAUSE_HEADER_LENGTH
        ? ""
        : ", cause " + Short.toUnsignedInt(value.getShort(value.position()));
  }
}
