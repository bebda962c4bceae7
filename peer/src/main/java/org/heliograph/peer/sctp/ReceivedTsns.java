package org.heliograph.peer.sctp;

import java.nio.ByteBuffer;
import java.util.BitSet;

/** Which chunks have come, and the SACK that says so (RFC 9260 6.2, 3.3.4). */
final class ReceivedTsns {
  /** How far ahead of the first missing one a chunk is taken. */
  static final int MAX_AHEAD = 16_384;

  private static final int MAX_GAP_BLOCKS = 128;
  private static final int MAX_DUPLICATES = 16;
  private static final int SACK_FIELDS_LENGTH = 12;

  /** Bit i is {@code firstTsn + i}; those up to the cumulative one may be set or not. */
  private BitSet received = new BitSet();

  private long firstTsn;
  private long cumulativeTsn;
  private final int[] duplicates = new int[MAX_DUPLICATES];
  private int duplicateCount;

  ReceivedTsns(int initialTsn) {
    firstTsn = Integer.toUnsignedLong(initialTsn);
    cumulativeTsn = firstTsn - 1;
  }

  /** The last TSN with which all before it have come. */
  long cumulativeTsn() {
    return cumulativeTsn;
  }

  /** The TSN that a value on the wire stands for. */
  long unwrap(int tsn) {
    return Serial.unwrap32(tsn, cumulativeTsn);
  }

  boolean isTooFarAhead(long tsn) {
    return tsn > cumulativeTsn + MAX_AHEAD;
  }

  boolean contains(long tsn) {
    return tsn <= cumulativeTsn || received.get((int) (tsn - firstTsn));
  }

  /** Whether something is missing. */
  boolean hasGap() {
    return firstTsn + received.length() > cumulativeTsn + 1;
  }

  void add(long tsn) {
    received.set((int) (tsn - firstTsn));
    if (tsn == cumulativeTsn + 1) {
      advance();
    }
  }

  /** Whatever is missing up to a TSN will not come (RFC 3758 3.6). */
  void skipTo(long tsn) {
    if (tsn - firstTsn < MAX_AHEAD) {
      received.set((int) (cumulativeTsn + 1 - firstTsn), (int) (tsn + 1 - firstTsn));
    } else {
      int dropped = (int) Math.min(tsn + 1 - firstTsn, received.length());
      received = received.get(dropped, Math.max(dropped, received.length()));
      firstTsn = tsn + 1;
    }
    cumulativeTsn = tsn;
    advance();
  }

  private void advance() {
    cumulativeTsn = firstTsn + received.nextClearBit((int) (cumulativeTsn + 1 - firstTsn)) - 1;
    int past = (int) (cumulativeTsn + 1 - firstTsn);
    if (past >= MAX_AHEAD / 2) {
      received = received.get(past, Math.max(past, received.length()));
      firstTsn += past;
    }
  }

  void addDuplicate(long tsn) {
    if (duplicateCount < MAX_DUPLICATES) {
      duplicates[duplicateCount++] = (int) tsn;
    }
  }

  /** Writes a SACK. */
  void write(PacketWriter writer, long receiverWindow) {
    int from = (int) (cumulativeTsn + 1 - firstTsn);
    int blocks = 0;
    for (int start = received.nextSetBit(from);
        start >= 0 && blocks < MAX_GAP_BLOCKS;
        start = received.nextSetBit(received.nextClearBit(start))) {
      blocks++;
    }
    ByteBuffer value =
        writer.beginChunk(
            ChunkType.SACK, 0, SACK_FIELDS_LENGTH + Integer.BYTES * (blocks + duplicateCount));
    value
        .putInt((int) cumulativeTsn)
        .putInt((int) receiverWindow)
        .putShort((short) blocks)
        .putShort((short) duplicateCount);
    int start = received.nextSetBit(from);
    for (int block = 0; block < blocks; block++) {
      int end = received.nextClearBit(start);
      value.putShort((short) (start - from + 1)).putShort((short) (end - from));
      start = received.nextSetBit(end);
    }
    for (int i = 0; i < duplicateCount; i++) {
      value.putInt(duplicates[i]);
    }
    duplicateCount = 0;
    writer.endChunk();
  }
}
