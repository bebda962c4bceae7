package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Puts chunks into packets (RFC 9260 3) and sends a packet when it is full, or when {@link #flush}
 * says so. The one buffer is used again for each packet.
 */
final class PacketWriter {
  /** The longest packet that fits a datagram of 1200 octets over DTLS, in whole words. */
  static final int MAX_PACKET_LENGTH = 1160;

  static final int PACKET_HEADER_LENGTH = 12;
  static final int CHUNK_HEADER_LENGTH = 4;
  static final int CHECKSUM_OFFSET = 8;

  private final Consumer<ByteBuffer> output;
  private final int localPort;
  private final int remotePort;
  private final ByteBuffer packet = ByteBuffer.allocate(MAX_PACKET_LENGTH);
  private final CRC32C crc = new CRC32C();
  private int verificationTag;
  private boolean checksumMayBeZero;
  private boolean needsChecksum;

  PacketWriter(int localPort, int remotePort, Consumer<ByteBuffer> output) {
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.output = output;
    packet.position(PACKET_HEADER_LENGTH);
  }

  /** Sets the tag of the packets that are begun from now on. */
  void setVerificationTag(int tag) {
    verificationTag = tag;
  }

  /** DTLS guards the packets, and the other side agrees that this is enough (RFC 9653). */
  void allowZeroChecksum() {
    checksumMayBeZero = true;
  }

  /** How long the value of one more chunk in the present packet may be; may be negative. */
  int room() {
    return packet.remaining() - CHUNK_HEADER_LENGTH;
  }

  boolean isEmpty() {
    return packet.position() == PACKET_HEADER_LENGTH;
  }

  /**
   * Begins a chunk, in the next packet if this one has no room for it. The value is to be put into
   * the buffer returned, and then {@link #endChunk} to be called.
   */
  ByteBuffer beginChunk(int type, int flags, int valueLength) {
    if (valueLength > room()) {
      flush();
    }
    needsChecksum |= type == ChunkType.INIT || type == ChunkType.COOKIE_ECHO;
    return packet
        .put((byte) type)
        .put((byte) flags)
        .putShort((short) (CHUNK_HEADER_LENGTH + valueLength));
  }

  /** Fills the chunk up to whole words. */
  void endChunk() {
    while ((packet.position() & 3) != 0) {
      packet.put((byte) 0);
    }
  }

  /** Writes a chunk that has only a header. */
  void chunk(int type, int flags) {
    beginChunk(type, flags, 0);
  }

  /** Sends what is written, if anything is. */
  void flush() {
    if (isEmpty()) {
      return;
    }
    packet.flip();
    packet.putShort(0, (short) localPort);
    packet.putShort(2, (short) remotePort);
    packet.putInt(4, verificationTag);
    packet.putInt(CHECKSUM_OFFSET, 0);
    if (needsChecksum || !checksumMayBeZero) {
      crc.reset();
      crc.update(packet.array(), 0, packet.limit());
      // RFC 9260 appendix A: the one number that is written with its lowest octet first.
      packet
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(CHECKSUM_OFFSET, (int) crc.getValue())
          .order(ByteOrder.BIG_ENDIAN);
    }
    needsChecksum = false;
    output.accept(packet);
    packet.clear().position(PACKET_HEADER_LENGTH);
  }

  /**
   * Whether a packet's checksum is right; its checksum field is zero afterwards.
   *
   * @param packet position to limit, in an accessible array
   */
  static boolean hasRightChecksum(ByteBuffer packet) {
    int at = packet.position() + CHECKSUM_OFFSET;
    int checksum = Integer.reverseBytes(packet.getInt(at));
    packet.putInt(at, 0);
    CRC32C crc = new CRC32C();
    crc.update(packet.array(), packet.arrayOffset() + packet.position(), packet.remaining());
    return checksum == (int) crc.getValue();
  }
}
