package org.heliograph.peer;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a {@link DataChannel} is to be (W3C {@code RTCDataChannelInit}).
 *
 * @param ordered whether messages come in the order in which they were sent
 * @param maxPacketLifeTime for how many milliseconds a message is tried, 0 to 65535; empty for as
 *     long as needed
 * @param maxRetransmits how often a message is sent again, 0 to 65535; empty for as often as needed
 * @param protocol the application's name for what goes through the channel
 * @param negotiated whether the application makes the channel at both ends, with the same id, so
 *     that it is not announced to the other side
 * @param id the channel's id, 0 to 1023; given exactly where negotiated
 */
public record DataChannelOptions(
    boolean ordered,
    OptionalInt maxPacketLifeTime,
    OptionalInt maxRetransmits,
    String protocol,
    boolean negotiated,
    OptionalInt id) {
  private static final int MAX_UNSIGNED_SHORT = 65_535;

  /** An ordered, reliable channel that is announced to the other side. */
  public static final DataChannelOptions RELIABLE =
      new DataChannelOptions(
          true, OptionalInt.empty(), OptionalInt.empty(), "", false, OptionalInt.empty());

  public DataChannelOptions {
    Objects.requireNonNull(protocol, "protocol");
    if (maxPacketLifeTime.isPresent() && maxRetransmits.isPresent()) {
      throw new IllegalArgumentException(
          "a channel has a maxPacketLifeTime or maxRetransmits, not both");
    }
    requireUnsignedShort("maxPacketLifeTime", maxPacketLifeTime);
    requireUnsignedShort("maxRetransmits", maxRetransmits);
    if (negotiated != id.isPresent()) {
      throw new IllegalArgumentException("a channel has an id here exactly if it is negotiated");
    }
  }

  private static void requireUnsignedShort(String name, OptionalInt value) {
    if (value.isPresent() && (value.getAsInt() < 0 || value.getAsInt() > MAX_UNSIGNED_SHORT)) {
      throw new IllegalArgumentException(name + " is not from 0 to " + MAX_UNSIGNED_SHORT);
    }
  }

  /** The same, but messages may overtake one another. */
  public DataChannelOptions unordered() {
    return new DataChannelOptions(
        false, maxPacketLifeTime, maxRetransmits, protocol, negotiated, id);
  }

  /** The same, but a message is given up after a while. */
  public DataChannelOptions withMaxPacketLifeTime(int millis) {
    return new DataChannelOptions(
        ordered, OptionalInt.of(millis), maxRetransmits, protocol, negotiated, id);
  }

  /** The same, but a message is given up when it was sent again that often. */
  public DataChannelOptions withMaxRetransmits(int times) {
    return new DataChannelOptions(
        ordered, maxPacketLifeTime, OptionalInt.of(times), protocol, negotiated, id);
  }

  /** The same with a protocol's name. */
  public DataChannelOptions withProtocol(String protocol) {
    return new DataChannelOptions(
        ordered, maxPacketLifeTime, maxRetransmits, protocol, negotiated, id);
  }

  /** The same for a channel that the application makes at both ends. */
  public DataChannelOptions negotiatedAs(int id) {
    return new DataChannelOptions(
        ordered, maxPacketLifeTime, maxRetransmits, protocol, true, OptionalInt.of(id));
  }
}
