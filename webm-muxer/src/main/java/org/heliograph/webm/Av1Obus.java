package org.heliograph.webm;

import java.nio.ByteBuffer;

/**
 * The open bitstream units of an AV1 temporal unit in the low-overhead format (AV1 specification
 * 5.2), and those of them that belong into a Matroska block.
 */
final class Av1Obus {
  static final int SEQUENCE_HEADER = 1;
  private static final int TEMPORAL_DELIMITER = 2;
  private static final int TILE_LIST = 8;
  private static final int PADDING = 15;

  private final ByteBuffer unit;
  private int start;
  private int payload;
  private int end;

  /** Starts before the first unit in the buffer, whose position will not move. */
  Av1Obus(ByteBuffer unit) {
    this.unit = unit;
    this.end = unit.position();
  }

  /**
   * Moves to the next unit.
   *
   * @return false at the end
   * @throws MalformedFrameException if the unit is cut off or has a forbidden bit set
   */
  boolean next() {
    start = end;
    if (start == unit.limit()) {
      return false;
    }
    int header = byteAt(start);
    if ((header & 0x80) != 0) {
      throw new MalformedFrameException("AV1 OBU has its forbidden bit set");
    }
    boolean extended = (header & 4) != 0;
    boolean sized = (header & 2) != 0;
    payload = start + (extended ? 2 : 1);
    if (payload > unit.limit()) {
      throw new MalformedFrameException("AV1 OBU header ends too early");
    }
    end = sized ? sizedEnd() : unit.limit();
    return true;
  }

  int type() {
    return byteAt(start) >> 3 & 15;
  }

  /** Whether the unit has a size of its own. */
  boolean sized() {
    return (byteAt(start) & 2) != 0;
  }

  /** The unit with its header. */
  ByteBuffer whole() {
    return unit.slice(start, end - start);
  }

  /** The unit without its header. */
  ByteBuffer payload() {
    return unit.slice(payload, end - payload);
  }

  /**
   * How many bytes {@link #putForBlock} writes; the frame's own position does not move.
   *
   * @throws MalformedFrameException if nothing is left
   */
  static int sizeForBlock(ByteBuffer frame) {
    Av1Obus obus = new Av1Obus(frame);
    int size = 0;
    while (obus.next()) {
      if (obus.belongsIntoBlock()) {
        size += obus.end - obus.start;
      }
    }
    if (size == 0) {
      throw new MalformedFrameException("AV1 temporal unit has no frame in it");
    }
    return size;
  }

  /** Writes the units that belong into a Matroska block. */
  static void putForBlock(ByteBuffer frame, ByteBuffer target) {
    Av1Obus obus = new Av1Obus(frame);
    while (obus.next()) {
      if (obus.belongsIntoBlock()) {
        int size = obus.end - obus.start;
        target.put(target.position(), frame, obus.start, size);
        target.position(target.position() + size);
      }
    }
  }

  // The Matroska mapping of AV1: these are "SHOULD be removed", and Chromium refuses the first.
  private boolean belongsIntoBlock() {
    return type() != TEMPORAL_DELIMITER && type() != TILE_LIST && type() != PADDING;
  }

  private int sizedEnd() {
    long size = 0;
    for (int i = 0; i < 8; i++) {
      if (payload == unit.limit()) {
        throw new MalformedFrameException("AV1 OBU size ends too early");
      }
      int next = byteAt(payload++);
      size |= (long) (next & 0x7f) << (7 * i);
      if ((next & 0x80) == 0) {
        if (size > unit.limit() - payload) {
          throw new MalformedFrameException("AV1 OBU is longer than what holds it");
        }
        return payload + (int) size;
      }
    }
    throw new MalformedFrameException("AV1 OBU size is longer than 8 bytes");
  }

  private int byteAt(int index) {
    return unit.get(index) & 0xff;
  }
}
