package org.heliograph.peer;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.heliograph.peer.dtls.DtlsRole;
import org.heliograph.peer.log.RepeatedErrors;
import org.heliograph.peer.sctp.SctpAssociation;
import org.heliograph.peer.sctp.SctpListener;
import org.heliograph.peer.sctp.SctpMessage;
import org.heliograph.peer.sctp.SctpStatistics;
import org.heliograph.peer.transport.MediaTransport;

/**
 * The data channels of a connection: joins them to the SCTP association, one stream each (RFC
 * 8831), and announces them to the other side (RFC 8832).
 */
final class DataChannels implements MediaTransport.DataReceiver, SctpListener {
  /** What a message carries (PPID, RFC 8831 8). */
  private static final long DCEP = 50;

  private static final long TEXT = 51;
  private static final long BINARY = 53;
  private static final long EMPTY_TEXT = 56;
  private static final long EMPTY_BINARY = 57;

  /** How many octets the labels and protocols of all channels may have together. */
  static final int MAX_NAMES_LENGTH = 65_536;

  private static final Logger LOGGER = System.getLogger(DataChannels.class.getName());

  private final Consumer<ByteBuffer> output;
  private final Consumer<Consumer<PeerListener>> events;
  private final RandomGenerator random;
  private final List<DataChannel> channels = new ArrayList<>();
  private final Map<Integer, DataChannel> byId = new HashMap<>();

  /** Streams of channels that are gone whose reset the other side has yet to confirm. */
  private final Set<Integer> unconfirmedResets = new HashSet<>();

  private final RepeatedErrors errors = new RepeatedErrors(LOGGER);

  private SctpAssociation association;
  private DataDescription remote;
  private DtlsRole role;
  private boolean yielding;
  private boolean dtlsConnected;
  private boolean associated;
  private long nextNumber;
  private int namesLength;
  private long opened;
  private long closed;

  /**
   * @param output takes SCTP packets
   * @param events takes what the listener is to be told
   */
  DataChannels(
      Consumer<ByteBuffer> output,
      Consumer<Consumer<PeerListener>> events,
      RandomGenerator random) {
    this.output = output;
    this.events = events;
    this.random = random;
  }

  // ---- What the application wants ----

  DataChannel create(String label, DataChannelOptions options) {
    DataChannelOpen open = new DataChannelOpen(label, options);
    DataChannel channel = new DataChannel(this, nextNumber++, label, options);
    int length = open.write().remaining();
    if (associated && !association.accepts(length)) {
      throw new IllegalStateException("too much waits to be sent to announce a channel");
    }
    if (open.namesLength() > MAX_NAMES_LENGTH - namesLength) {
      throw new IllegalStateException(
          "the labels and protocols of all channels have at most %d octets; close a channel first"
              .formatted(MAX_NAMES_LENGTH));
    }
    if (options.id().isPresent()) {
      int id = options.id().getAsInt();
      if (id < 0 || id >= maxChannels()) {
        throw new IllegalArgumentException("there is no channel " + id);
      }
      if (byId.putIfAbsent(id, channel) != null) {
        throw new IllegalArgumentException("the channel " + id + " is in use");
      }
    } else if (role != null && !assignId(channel)) {
      throw new IllegalStateException("all " + maxChannels() / 2 + " ids are in use");
    }
    add(channel);
    if (associated) {
      open(channel);
    } else if (association != null && association.hasEnded()) {
      finish(channel);
    }
    return channel;
  }

  private void add(DataChannel channel) {
    channels.add(channel);
    namesLength += namesLength(channel);
  }

  private static int namesLength(DataChannel channel) {
    return new DataChannelOpen(channel.label(), channel.options()).namesLength();
  }

  private int maxChannels() {
    return associated ? association.outgoingStreams() : SctpAssociation.MAX_STREAMS;
  }

  /** The client of DTLS has the even ids, the server the odd ones (RFC 8832 6). */
  private boolean assignId(DataChannel channel) {
    for (int id = role == DtlsRole.CLIENT ? 0 : 1; id < maxChannels(); id += 2) {
      if (byId.putIfAbsent(id, channel) == null) {
        channel.setId(id);
        return true;
      }
    }
    return false;
  }

  /** W3C {@code send()}. */
  void send(DataChannel channel, boolean text, ByteBuffer payload) {
    if (channel.readyState() != DataChannelState.OPEN) {
      throw new IllegalStateException("the channel is " + channel.readyState());
    }
    int length = payload.remaining();
    if (length > maxMessageSize()) {
      throw new IllegalArgumentException(
          "a message of %d octets; the other side takes %d".formatted(length, maxMessageSize()));
    }
    if (!association.accepts(Math.max(1, length))) {
      throw new IllegalStateException("too much waits to be sent; see bufferedAmount");
    }
    channel.messageQueued(length);
    if (length == 0) {
      // SCTP has no empty messages: one octet stands for nothing (RFC 8831 6.6).
      send(channel, text ? EMPTY_TEXT : EMPTY_BINARY, ByteBuffer.allocate(1));
    } else {
      send(channel, text ? TEXT : BINARY, payload);
    }
  }

  private void send(DataChannel channel, long payloadProtocol, ByteBuffer payload) {
    DataChannelOptions options = channel.options();
    association.send(
        new SctpMessage(
            channel.id().orElseThrow(),
            payloadProtocol,
            payload,
            // It must not overtake the announcement of its channel (RFC 8832 6).
            options.ordered() || !channel.isConfirmed(),
            options.maxRetransmits(),
            options.maxPacketLifeTime().isPresent()
                ? OptionalLong.of(
                    TimeUnit.MILLISECONDS.toNanos(options.maxPacketLifeTime().getAsInt()))
                : OptionalLong.empty()));
  }

  /** The longest message that may be sent (W3C {@code RTCSctpTransport.maxMessageSize}). */
  int maxMessageSize() {
    return remote == null || remote.maxMessageSize() == 0
        ? DataChannel.MAX_MESSAGE_SIZE
        : (int) Math.min(remote.maxMessageSize(), DataChannel.MAX_MESSAGE_SIZE);
  }

  /** W3C {@code close()}. */
  void close(DataChannel channel) {
    switch (channel.readyState()) {
      case CONNECTING -> finish(channel);
      case OPEN -> {
        channel.setState(DataChannelState.CLOSING);
        reset(channel);
      }
      case CLOSING, CLOSED -> {}
    }
  }

  private void reset(DataChannel channel) {
    if (!association.resetStream(channel.id().orElseThrow())) {
      finish(channel);
    }
  }

  // ---- What is agreed on ----

  /**
   * Takes what an offer and its answer come to.
   *
   * @param agreed the other side's end; empty if data channels were refused
   */
  void agree(Optional<DataDescription> agreed, DtlsRole dtlsRole, long nowNanos) {
    if (agreed.isEmpty()) {
      end("data channels were refused");
      association = null;
      remote = null;
      return;
    }
    remote = agreed.get();
    if (role == null) {
      role = dtlsRole;
      for (DataChannel channel : List.copyOf(channels)) {
        if (channel.id().isEmpty() && !assignId(channel)) {
          finish(channel);
        }
      }
    }
    associateWhenPossible(nowNanos);
  }

  /** Says whether this side sends media, which goes first. */
  void setYielding(boolean toMedia) {
    yielding = toMedia;
    if (association != null) {
      association.setYielding(toMedia);
    }
  }

  @Override
  public void onDtlsConnected(long nowNanos) {
    dtlsConnected = true;
    associateWhenPossible(nowNanos);
  }

  private void associateWhenPossible(long nowNanos) {
    if (association == null && dtlsConnected && remote != null) {
      association =
          new SctpAssociation(
              DataDescription.OWN.port(),
              remote.port(),
              DataChannel.MAX_MESSAGE_SIZE,
              random,
              this);
      association.setYielding(yielding);
      association.connect(nowNanos);
    }
  }

  // ---- Driving ----

  @Override
  public void onDtlsData(long nowNanos, ByteBuffer plaintext) {
    if (association != null) {
      association.handlePacket(nowNanos, plaintext);
    }
  }

  void handleTimeout(long nowNanos) {
    if (association != null) {
      association.handleTimeout(nowNanos);
    }
  }

  /** {@link Long#MAX_VALUE} for never. */
  long nextTimeoutNanos() {
    return association == null ? Long.MAX_VALUE : association.nextTimeoutNanos();
  }

  @Override
  public void onDtlsClosed() {
    end("the connection was closed");
  }

  /** Ends all channels, and tells the other side. */
  void close() {
    end("the connection was closed");
  }

  private void end(String reason) {
    if (association != null) {
      LOGGER.log(Level.DEBUG, () -> "the data channels end: " + reason);
      association.abort();
    }
    associated = false;
    List.copyOf(channels).forEach(this::finish);
  }

  // ---- The association ----

  @Override
  public void send(ByteBuffer packet) {
    output.accept(packet);
  }

  @Override
  public void onConnected() {
    associated = true;
    for (DataChannel channel : List.copyOf(channels)) {
      if (channel.id().orElseThrow() < maxChannels()) {
        open(channel);
      } else {
        finish(channel);
      }
    }
  }

  private void open(DataChannel channel) {
    if (!channel.negotiated()) {
      association.send(
          SctpMessage.reliable(
              channel.id().orElseThrow(),
              DCEP,
              new DataChannelOpen(channel.label(), channel.options()).write()));
    }
    announceOpen(channel);
  }

  private void announceOpen(DataChannel channel) {
    opened++;
    channel.setState(DataChannelState.OPEN);
    events.accept(listener -> listener.onOpen(channel));
  }

  @Override
  public void onMessage(int stream, long payloadProtocol, byte[] payload) {
    DataChannel channel = byId.get(stream);
    if (payloadProtocol == DCEP) {
      handleControl(stream, channel, payload);
      return;
    }
    if (channel == null || channel.readyState() != DataChannelState.OPEN) {
      return;
    }
    channel.confirm();
    if (payloadProtocol == TEXT || payloadProtocol == EMPTY_TEXT) {
      byte[] text = payloadProtocol == TEXT ? payload : new byte[0];
      channel.messageReceived(text.length);
      String decoded = new String(text, StandardCharsets.UTF_8);
      events.accept(listener -> listener.onMessage(channel, decoded));
    } else if (payloadProtocol == BINARY || payloadProtocol == EMPTY_BINARY) {
      byte[] binary = payloadProtocol == BINARY ? payload : new byte[0];
      channel.messageReceived(binary.length);
      events.accept(listener -> listener.onMessage(channel, ByteBuffer.wrap(binary)));
    }
  }

  private void handleControl(int stream, DataChannel channel, byte[] message) {
    switch (message[0]) {
      case DataChannelOpen.OPEN ->
          DataChannelOpen.read(ByteBuffer.wrap(message))
              .ifPresent(open -> accept(stream, channel, open));
      case DataChannelOpen.ACK -> {
        if (channel != null) {
          channel.confirm();
        }
      }
      default -> LOGGER.log(Level.DEBUG, "a message about a data channel of an unknown kind");
    }
  }

  /** The other side announces a channel. */
  private void accept(int stream, DataChannel before, DataChannelOpen open) {
    if (before != null && before.isIncomingReset()) {
      // It may use the number again once it knows both resets, which is earlier than this side.
      unconfirmedResets.add(stream);
      finish(before);
    } else if (before != null) {
      LOGGER.log(Level.DEBUG, "the other side opens a data channel that there is already");
      return;
    }
    boolean remoteNumber = (stream % 2 == 0) == (role == DtlsRole.SERVER);
    boolean hasRoom = open.namesLength() <= MAX_NAMES_LENGTH - namesLength;
    if (!hasRoom) {
      errors.log(
          "a data channel of the other side is refused: the labels and protocols of all channels"
              + " have at most "
              + MAX_NAMES_LENGTH
              + " octets");
    }
    if (!hasRoom || !remoteNumber || stream >= maxChannels() || !association.accepts(1)) {
      association.resetStream(stream);
      return;
    }
    DataChannel channel = new DataChannel(this, nextNumber++, open.label(), open.options());
    channel.setId(stream);
    channel.confirm();
    add(channel);
    byId.put(stream, channel);
    association.send(
        SctpMessage.reliable(
            stream, DCEP, ByteBuffer.wrap(new byte[] {(byte) DataChannelOpen.ACK})));
    events.accept(listener -> listener.onDataChannel(channel));
    announceOpen(channel);
  }

  @Override
  public void onDequeued(SctpMessage message, int octets) {
    DataChannel channel = byId.get(message.stream());
    boolean payload = message.payloadProtocol() == TEXT || message.payloadProtocol() == BINARY;
    if (payload && channel != null && channel.dequeued(octets)) {
      events.accept(listener -> listener.onBufferedAmountLow(channel));
    }
  }

  @Override
  public void onIncomingStreamReset(int stream) {
    DataChannel channel = byId.get(stream);
    if (channel == null || channel.isIncomingReset()) {
      return;
    }
    channel.incomingReset();
    if (channel.readyState() == DataChannelState.OPEN) {
      channel.setState(DataChannelState.CLOSING);
      events.accept(listener -> listener.onClosing(channel));
      // Whoever closed the channel would not take it any more.
      association.discard(stream);
      reset(channel);
    }
    finishWhenReset(channel);
  }

  @Override
  public void onOutgoingStreamReset(int stream) {
    if (unconfirmedResets.remove(stream)) {
      return;
    }
    DataChannel channel = byId.get(stream);
    if (channel != null) {
      channel.outgoingReset();
      finishWhenReset(channel);
    }
  }

  private void finishWhenReset(DataChannel channel) {
    if (channel.isReset() && channel.readyState() != DataChannelState.CLOSED) {
      finish(channel);
    }
  }

  private void finish(DataChannel channel) {
    if (channel.readyState() != DataChannelState.CONNECTING) {
      closed++;
    }
    if (channels.remove(channel)) {
      namesLength -= namesLength(channel);
    }
    channel.id().ifPresent(id -> byId.remove(id, channel));
    channel.setState(DataChannelState.CLOSED);
    events.accept(listener -> listener.onClosed(channel));
  }

  @Override
  public void onClosed(String reason) {
    end(reason);
  }

  // ---- What is told ----

  /** The channels that are not closed. */
  List<DataChannel> all() {
    return List.copyOf(channels);
  }

  /** How many channels have been open. */
  long opened() {
    return opened;
  }

  /** How many channels were open and are closed. */
  long closed() {
    return closed;
  }

  /** The association's figures; empty before it is up. */
  Optional<SctpStatistics> statistics() {
    return Optional.ofNullable(association).flatMap(SctpAssociation::statistics);
  }
}
