package org.heliograph.peer.rtp;

import java.nio.ByteBuffer;

/**
 * The payload of redundant audio (RFC 2198 3): a frame, and before it copies of earlier ones, each
 * a block with its own payload type and, as a distance, its own time. A view that is used for
 * packet after packet.
 *
 * <p>Blocks are in the order of the wire: the oldest first, the packet's own frame last.
 */
public final class RedPayload {
  /** More blocks than any sender has use for. */
  public static final int MAX_BLOCKS = 8;

  /** The longest block that a copy may be. */
  public static final int MAX_COPY_LENGTH = (1 << 10) - 1;

  /** The largest distance in RTP time that a copy may have from the packet. */
  public static final int MAX_TIMESTAMP_OFFSET = (1 << 14) - 1;

  /** How much a copy adds to its own length. */
  public static final int COPY_HEADER_LENGTH = 4;

  /** How much the packet's own frame adds to its own length. */
  public static final int HEADER_LENGTH = 1;

  private static final int FOLLOWED = 0x80;

  private final int[] payloadTypes = new int[MAX_BLOCKS];
  private final int[] timestampOffsets = new int[MAX_BLOCKS];
  private final int[] offsets = new int[MAX_BLOCKS];
  private final int[] lengths = new int[MAX_BLOCKS];
  private int blocks;

  /**
   * Reads the headers of a payload.
   *
   * @param buffer what the payload is in
   * @param offset the payload's first byte, an absolute index
   * @param payloadLength the payload's length
   * @throws MalformedPacketException if headers or blocks are cut off, or are too many
   */
  public void parse(ByteBuffer buffer, int offset, int payloadLength)
      throws MalformedPacketException {
    int end = offset + payloadLength;
    int at = offset;
    int copies = 0;
    int copiedLength = 0;
    while (true) {
      if (at >= end) {
        throw new MalformedPacketException("RED headers are cut off");
      }
      int first = buffer.get(at) & 0xff;
      payloadTypes[copies] = first & 0x7f;
      if ((first & FOLLOWED) == 0) {
        at += HEADER_LENGTH;
        break;
      }
      if (end - at < COPY_HEADER_LENGTH) {
        throw new MalformedPacketException("RED headers are cut off");
      }
      int rest = buffer.getInt(at) & 0xffffff;
      timestampOffsets[copies] = rest >>> 10;
      lengths[copies] = rest & MAX_COPY_LENGTH;
      copiedLength += lengths[copies];
      at += COPY_HEADER_LENGTH;
      if (++copies == MAX_BLOCKS) {
        throw new MalformedPacketException("more than " + MAX_BLOCKS + " RED blocks");
      }
    }
    if (copiedLength > end - at) {
      throw new MalformedPacketException("RED blocks are cut off");
    }
    timestampOffsets[copies] = 0;
    lengths[copies] = end - at - copiedLength;
    blocks = copies + 1;
    for (int i = 0; i < blocks; i++) {
      offsets[i] = at;
      at += lengths[i];
    }
  }

  /** How many blocks there are; the last one is the packet's own frame. */
  public int blocks() {
    return blocks;
  }

  /** A block's payload type. */
  public int payloadType(int block) {
    return payloadTypes[block];
  }

  /** How much earlier than the packet a block's frame is, in RTP time. */
  public int timestampOffset(int block) {
    return timestampOffsets[block];
  }

  /** Where a block starts in the buffer, as an absolute index. */
  public int offset(int block) {
    return offsets[block];
  }

  /** A block's length. */
  public int length(int block) {
    return lengths[block];
  }

  /**
   * Writes the header of a copy; headers come before all blocks, in their order.
   *
   * @param timestampOffset 0 to {@link #MAX_TIMESTAMP_OFFSET}
   * @param length 0 to {@link #MAX_COPY_LENGTH}
   */
  public static void writeCopyHeader(
      ByteBuffer out, int payloadType, int timestampOffset, int length) {
    out.putInt((FOLLOWED | payloadType) << 24 | timestampOffset << 10 | length);
  }

  /** Writes the header of the packet's own frame, the last one. */
  public static void writeHeader(ByteBuffer out, int payloadType) {
    out.put((byte) payloadType);
  }
}
