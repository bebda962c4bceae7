package org.heliograph.peer.ice;

import java.nio.ByteBuffer;

/** The four octets before what a channel carries (RFC 8656 12.4). */
final class ChannelData {
  static final int HEADER_LENGTH = 4;
  static final int FIRST_CHANNEL = 0x4000;
  static final int LAST_CHANNEL = 0x4FFF;

  private ChannelData() {}

  /** Whether a message from the server, position to limit, is of this kind (RFC 7983 7). */
  static boolean is(ByteBuffer message) {
    return message.remaining() >= HEADER_LENGTH && (message.get(message.position()) & 0xF0) == 0x40;
  }

  static int channel(ByteBuffer message) {
    return message.getShort(message.position()) & 0xFFFF;
  }

  /** Leaves of a message what the channel carries; says whether the message is whole. */
  static boolean unwrap(ByteBuffer message) {
    int length = message.getShort(message.position() + 2) & 0xFFFF;
    if (length > message.remaining() - HEADER_LENGTH) {
      return false;
    }
    int start = message.position() + HEADER_LENGTH;
    message.limit(start + length).position(start);
    return true;
  }

  /**
   * Writes a message.
   *
   * @param padded whether it is padded to four octets, as it must be in a stream
   */
  static void write(int channel, ByteBuffer packet, boolean padded, ByteBuffer to) {
    to.putShort((short) channel).putShort((short) packet.remaining());
    to.put(to.position(), packet, packet.position(), packet.remaining());
    to.position(to.position() + packet.remaining());
    while (padded && to.position() % 4 != 0) {
      to.put((byte) 0);
    }
  }
}
