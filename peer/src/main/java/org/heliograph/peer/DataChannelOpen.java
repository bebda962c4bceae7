package org.heliograph.peer;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The message that announces a channel to the other side (DATA_CHANNEL_OPEN, RFC 8832 5.1).
 *
 * @param label the channel's label
 * @param options how it is to be
 */
record DataChannelOpen(String label, DataChannelOptions options) {
  /** What it is answered with (DATA_CHANNEL_ACK, RFC 8832 5.2). */
  static final int ACK = 2;

  static final int OPEN = 3;

  private static final int FIXED_LENGTH = 12;
  private static final int MAX_NAME_LENGTH = 65_535;
  private static final int PRIORITY_NORMAL = 256;
  private static final int UNORDERED = 0x80;
  private static final int RELIABLE = 0;
  private static final int LIMITED_RETRANSMITS = 1;
  private static final int LIMITED_LIFE_TIME = 2;

  /** Reads a message; empty if it is malformed. */
  static Optional<DataChannelOpen> read(ByteBuffer message) {
    if (message.remaining() < FIXED_LENGTH || message.get() != OPEN) {
      return Optional.empty();
    }
    int type = Byte.toUnsignedInt(message.get());
    message.getShort(); // the priority, which is not used: all channels take turns
    int parameter = (int) Math.min(Integer.toUnsignedLong(message.getInt()), MAX_NAME_LENGTH);
    int labelLength = Short.toUnsignedInt(message.getShort());
    int protocolLength = Short.toUnsignedInt(message.getShort());
    int limit = type & ~UNORDERED;
    if (labelLength + protocolLength > message.remaining() || limit > LIMITED_LIFE_TIME) {
      return Optional.empty();
    }
    String label = text(message, labelLength);
    DataChannelOptions options =
        new DataChannelOptions(
            (type & UNORDERED) == 0,
            limit == LIMITED_LIFE_TIME ? OptionalInt.of(parameter) : OptionalInt.empty(),
            limit == LIMITED_RETRANSMITS ? OptionalInt.of(parameter) : OptionalInt.empty(),
            text(message, protocolLength),
            false,
            OptionalInt.empty());
    return Optional.of(new DataChannelOpen(label, options));
  }

  /** How many octets the label and the protocol have together, in UTF-8. */
  int namesLength() {
    return label.getBytes(StandardCharsets.UTF_8).length
        + options.protocol().getBytes(StandardCharsets.UTF_8).length;
  }

  private static String text(ByteBuffer message, int length) {
    byte[] octets = new byte[length];
    message.get(octets);
    return new String(octets, StandardCharsets.UTF_8);
  }

  /**
   * The message.
   *
   * @throws IllegalArgumentException if a name is too long
   */
  ByteBuffer write() {
    byte[] labelOctets = name("label", label);
    byte[] protocolOctets = name("protocol", options.protocol());
    int limit =
        options.maxRetransmits().isPresent()
            ? LIMITED_RETRANSMITS
            : options.maxPacketLifeTime().isPresent() ? LIMITED_LIFE_TIME : RELIABLE;
    return ByteBuffer.allocate(FIXED_LENGTH + labelOctets.length + protocolOctets.length)
        .put((byte) OPEN)
        .put((byte) (limit | (options.ordered() ? 0 : UNORDERED)))
        .putShort((short) PRIORITY_NORMAL)
        .putInt(options.maxRetransmits().orElse(options.maxPacketLifeTime().orElse(0)))
        .putShort((short) labelOctets.length)
        .putShort((short) protocolOctets.length)
        .put(labelOctets)
        .put(protocolOctets)
        .flip();
  }

  private static byte[] name(String what, String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (octets.length > MAX_NAME_LENGTH) {
      throw new IllegalArgumentException(
          "the " + what + " is longer than " + MAX_NAME_LENGTH + " octets");
    }
    return octets;
  }
}
