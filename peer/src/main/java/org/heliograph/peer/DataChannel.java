package org.heliograph.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A channel for messages between the two applications (W3C {@code RTCDataChannel}, RFC 8831). Made
 * with {@link PeerConnection#createDataChannel}, or by the other side and told in {@link
 * PeerListener#onDataChannel}.
 *
 * <p>What it tells may be read on any thread. {@link #send} and {@link #close} belong to the thread
 * that drives the connection.
 */
public final class DataChannel {
  /**
   * The longest message in octets, in either direction; less where the other side takes less
   * ({@link PeerConnection#maxMessageSize}).
   */
  public static final int MAX_MESSAGE_SIZE = 262_144;

  private final DataChannels channels;
  private final long number;
  private final String label;
  private final DataChannelOptions options;
  private volatile OptionalInt id;
  private volatile DataChannelState state = DataChannelState.CONNECTING;
  private volatile long bufferedAmount;
  private volatile long bufferedAmountLowThreshold;

  private boolean confirmed;
  private boolean incomingReset;
  private boolean outgoingReset;
  private long messagesSent;
  private long bytesSent;
  private long messagesReceived;
  private long bytesReceived;

  DataChannel(DataChannels channels, long number, String label, DataChannelOptions options) {
    this.channels = channels;
    this.number = number;
    this.label = Objects.requireNonNull(label, "label");
    this.options = options;
    this.id = options.id();
    // Nobody announces a negotiated channel, hence nobody confirms it.
    this.confirmed = options.negotiated();
  }

  /** The application's name for the channel; need not be unique. */
  public String label() {
    return label;
  }

  /** The application's name for what goes through the channel; may be empty. */
  public String protocol() {
    return options.protocol();
  }

  /** Whether messages come in the order in which they were sent. */
  public boolean ordered() {
    return options.ordered();
  }

  /** For how many milliseconds a message is tried; empty for as long as needed. */
  public OptionalInt maxPacketLifeTime() {
    return options.maxPacketLifeTime();
  }

  /** How often a message is sent again; empty for as often as needed. */
  public OptionalInt maxRetransmits() {
    return options.maxRetransmits();
  }

  /** Whether the application makes the channel at both ends by itself. */
  public boolean negotiated() {
    return options.negotiated();
  }

  /** The channel's number, which is the SCTP stream's; empty until the DTLS roles are agreed on. */
  public OptionalInt id() {
    return id;
  }

  /** Where the channel stands. */
  public DataChannelState readyState() {
    return state;
  }

  /** How many octets of messages wait to be sent. */
  public long bufferedAmount() {
    return bufferedAmount;
  }

  /**
   * When no more than this wait, after more did, {@link PeerListener#onBufferedAmountLow} is told.
   */
  public long bufferedAmountLowThreshold() {
    return bufferedAmountLowThreshold;
  }

  /** Sets the {@link #bufferedAmountLowThreshold}, in octets. */
  public void setBufferedAmountLowThreshold(long octets) {
    bufferedAmountLowThreshold = octets;
  }

  /**
   * Sends a text, in UTF-8.
   *
   * @throws IllegalArgumentException if it is longer than the other side takes
   * @throws IllegalStateException if the channel is not open, or too much waits to be sent: the
   *     latter is told in advance by {@link #bufferedAmount}
   */
  public void send(String text) {
    channels.send(this, true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Sends octets.
   *
   * @param binary position to limit; copied
   * @throws IllegalArgumentException if there are more of them than the other side takes
   * @throws IllegalStateException if the channel is not open, or too much waits to be sent
   */
  public void send(ByteBuffer binary) {
    channels.send(
        this, false, ByteBuffer.allocate(binary.remaining()).put(binary.duplicate()).flip());
  }

  /**
   * Closes the channel, after what waits to be sent (RFC 8831 6.7). Does nothing the second time.
   */
  public void close() {
    channels.close(this);
  }

  /** What tells it from all others of its connection, before and after it. */
  long number() {
    return number;
  }

  DataChannelOptions options() {
    return options;
  }

  void setId(int id) {
    this.id = OptionalInt.of(id);
  }

  void setState(DataChannelState state) {
    this.state = state;
  }

  /** Whether the other side is known to know the channel. */
  boolean isConfirmed() {
    return confirmed;
  }

  void confirm() {
    confirmed = true;
  }

  /** The other side has reset its stream. */
  void incomingReset() {
    incomingReset = true;
  }

  /** This side's stream is reset. */
  void outgoingReset() {
    outgoingReset = true;
  }

  boolean isIncomingReset() {
    return incomingReset;
  }

  boolean isReset() {
    return incomingReset && outgoingReset;
  }

  void messageQueued(int octets) {
    messagesSent++;
    bytesSent += octets;
    long before = bufferedAmount;
    bufferedAmount = before + octets;
  }

  /** Fewer octets wait; says whether that is worth telling. */
  boolean dequeued(int octets) {
    long before = bufferedAmount;
    bufferedAmount = before - octets;
    return before > bufferedAmountLowThreshold && before - octets <= bufferedAmountLowThreshold;
  }

  void messageReceived(int octets) {
    messagesReceived++;
    bytesReceived += octets;
  }

  long messagesSent() {
    return messagesSent;
  }

  long bytesSent() {
    return bytesSent;
  }

  long messagesReceived() {
    return messagesReceived;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  @Override
  public String toString() {
    return "DataChannel[" + label + ", " + state + "]";
  }
}
