package org.heliograph.peer.rtcp;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.heliograph.peer.rtp.MalformedPacketException;

/**
 * Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 3.1): which packets
 * of the transport arrived, and when. Immutable.
 */
public final class TransportFeedback implements RtcpPacket {
  static final int FORMAT = 15;

  /** The unit of an arrival time. */
  public static final long TICK_NANOS = 250_000;

  /** The unit of the reference time, in ticks: 64 ms. */
  public static final int TICKS_PER_REFERENCE = 256;

  /** An arrival time that says that the packet has not arrived. */
  public static final long NOT_RECEIVED = Long.MIN_VALUE;

  private static final int FIXED_LENGTH = 16;
  private static final int SYMBOL_NOT_RECEIVED = 0;
  private static final int SYMBOL_SMALL_DELTA = 1;
  private static final int SYMBOL_LARGE_DELTA = 2;
  private static final int MAX_RUN = 0x1fff;

  private final long senderSsrc;
  private final long mediaSsrc;
  private final int baseSequenceNumber;
  private final int referenceTime;
  private final int feedbackCount;
  private final long[] arrivalTicks;

  private TransportFeedback(
      long senderSsrc,
      long mediaSsrc,
      int baseSequenceNumber,
      int referenceTime,
      int feedbackCount,
      long[] arrivalTicks) {
    this.senderSsrc = senderSsrc;
    this.mediaSsrc = mediaSsrc;
    this.baseSequenceNumber = baseSequenceNumber;
    this.referenceTime = referenceTime;
    this.feedbackCount = feedbackCount;
    this.arrivalTicks = arrivalTicks;
  }

  /**
   * A feedback packet to be written.
   *
   * @param senderSsrc who received
   * @param mediaSsrc any source of the transport
   * @param baseSequenceNumber the transport-wide number of the first packet, 0 to 65535
   * @param referenceTime the origin of the arrival times, signed 24 bits in units of 64 ms
   * @param feedbackCount the number of this feedback packet, 0 to 255
   * @param arrivalTicks for each packet from the base on its arrival after the reference time in
   *     {@link #TICK_NANOS}, or {@link #NOT_RECEIVED}; the first and the last have arrived, and two
   *     that follow each other are at most {@link Short#MAX_VALUE} ticks apart, the first one from
   *     the reference time too
   * @throws IllegalArgumentException if the arrival times break this
   */
  public static TransportFeedback of(
      long senderSsrc,
      long mediaSsrc,
      int baseSequenceNumber,
      int referenceTime,
      int feedbackCount,
      long[] arrivalTicks) {
    if (arrivalTicks.length == 0
        || arrivalTicks.length > 0xffff
        || arrivalTicks[0] == NOT_RECEIVED
        || arrivalTicks[arrivalTicks.length - 1] == NOT_RECEIVED) {
      throw new IllegalArgumentException("feedback must start and end with a received packet");
    }
    long previous = 0;
    for (long ticks : arrivalTicks) {
      if (ticks != NOT_RECEIVED) {
        if (ticks - previous != (short) (ticks - previous)) {
          throw new IllegalArgumentException("arrivals are too far apart for one packet");
        }
        previous = ticks;
      }
    }
    return new TransportFeedback(
        senderSsrc,
        mediaSsrc,
        baseSequenceNumber & 0xffff,
        referenceTime << 8 >> 8,
        feedbackCount & 0xff,
        arrivalTicks.clone());
  }

  /** Who received the packets. */
  public long senderSsrc() {
    return senderSsrc;
  }

  /** A source of the transport that the feedback is about. */
  public long mediaSsrc() {
    return mediaSsrc;
  }

  /** The transport-wide number of packet 0, 0 to 65535. */
  public int baseSequenceNumber() {
    return baseSequenceNumber;
  }

  /** The receiver's clock when the arrival times are 0: signed 24 bits in units of 64 ms. */
  public int referenceTime() {
    return referenceTime;
  }

  /** The number of this feedback packet, 0 to 255. */
  public int feedbackCount() {
    return feedbackCount;
  }

  /** How many packets, from the base on, this speaks of. */
  public int packetCount() {
    return arrivalTicks.length;
  }

  /**
   * When a packet arrived, in {@link #TICK_NANOS} after the reference time, or {@link
   * #NOT_RECEIVED}.
   *
   * @param index 0 to {@link #packetCount()} - 1
   */
  public long arrivalTicks(int index) {
    return arrivalTicks[index];
  }

  static TransportFeedback parse(ByteBuffer in) throws MalformedPacketException {
    Wire.need(in, FIXED_LENGTH + 2, "RTCP transport feedback");
    long senderSsrc = Wire.unsignedInt(in);
    long mediaSsrc = Wire.unsignedInt(in);
    int baseSequenceNumber = in.getShort() & 0xffff;
    int count = in.getShort() & 0xffff;
    int referenceAndCount = in.getInt();
    if (count == 0) {
      throw new MalformedPacketException("RTCP transport feedback of no packet");
    }
    byte[] symbols = parseChunks(in, count);
    long[] arrivals = new long[count];
    long ticks = 0;
    for (int i = 0; i < count; i++) {
      switch (symbols[i]) {
        case SYMBOL_NOT_RECEIVED -> arrivals[i] = NOT_RECEIVED;
        case SYMBOL_SMALL_DELTA -> {
          Wire.need(in, 1, "RTCP transport feedback");
          ticks += in.get() & 0xff;
          arrivals[i] = ticks;
        }
        case SYMBOL_LARGE_DELTA -> {
          Wire.need(in, 2, "RTCP transport feedback");
          ticks += in.getShort();
          arrivals[i] = ticks;
        }
        default -> throw new MalformedPacketException("RTCP transport feedback: reserved symbol");
      }
    }
    return new TransportFeedback(
        senderSsrc,
        mediaSsrc,
        baseSequenceNumber,
        referenceAndCount >> 8,
        referenceAndCount & 0xff,
        arrivals);
  }

  private static byte[] parseChunks(ByteBuffer in, int count) throws MalformedPacketException {
    byte[] symbols = new byte[count];
    int filled = 0;
    while (filled < count) {
      Wire.need(in, 2, "RTCP transport feedback");
      int chunk = in.getShort() & 0xffff;
      if ((chunk & 0x8000) == 0) {
        int run = Math.min(chunk & MAX_RUN, count - filled);
        if (run == 0) {
          throw new MalformedPacketException("RTCP transport feedback: run of no packet");
        }
        Arrays.fill(symbols, filled, filled + run, (byte) (chunk >>> 13 & 3));
        filled += run;
      } else {
        int bits = (chunk & 0x4000) == 0 ? 1 : 2;
        for (int shift = 14 - bits; shift >= 0 && filled < count; shift -= bits) {
          symbols[filled++] = (byte) (chunk >>> shift & ((1 << bits) - 1));
        }
      }
    }
    return symbols;
  }

  private int symbol(int index, long previousTicks) {
    if (arrivalTicks[index] == NOT_RECEIVED) {
      return SYMBOL_NOT_RECEIVED;
    }
    long delta = arrivalTicks[index] - previousTicks;
    return delta >= 0 && delta <= 0xff ? SYMBOL_SMALL_DELTA : SYMBOL_LARGE_DELTA;
  }

  private byte[] symbols() {
    byte[] symbols = new byte[arrivalTicks.length];
    long previous = 0;
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) symbol(i, previous);
      previous = symbols[i] == SYMBOL_NOT_RECEIVED ? previous : arrivalTicks[i];
    }
    return symbols;
  }

  /** Status chunks (3.1.2 to 3.1.4): long runs as runs, else the vector that holds most. */
  private static int writeChunks(byte[] symbols, ByteBuffer out) {
    int chunks = 0;
    for (int i = 0; i < symbols.length; chunks++) {
      int run = 1;
      while (i + run < symbols.length && symbols[i + run] == symbols[i] && run < MAX_RUN) {
        run++;
      }
      int covered;
      int chunk;
      if (run >= 14) {
        covered = run;
        chunk = symbols[i] << 13 | run;
      } else {
        boolean large = false;
        for (int j = i; j < Math.min(i + 14, symbols.length); j++) {
          large |= symbols[j] == SYMBOL_LARGE_DELTA;
        }
        int bits = large ? 2 : 1;
        covered = Math.min(14 / bits, symbols.length - i);
        chunk = large ? 0xc000 : 0x8000;
        for (int j = 0; j < covered; j++) {
          chunk |= symbols[i + j] << (14 - bits * (j + 1));
        }
      }
      if (out != null) {
        out.putShort((short) chunk);
      }
      i += covered;
    }
    return chunks;
  }

  private int unpaddedLength(byte[] symbols) {
    int length = Wire.HEADER_LENGTH + FIXED_LENGTH + 2 * writeChunks(symbols, null);
    for (byte symbol : symbols) {
      length += symbol; // a small delta takes one byte, a large one two
    }
    return length;
  }

  @Override
  public int length() {
    return (unpaddedLength(symbols()) + 3) / 4 * 4;
  }

  @Override
  public void write(ByteBuffer out) {
    byte[] symbols = symbols();
    int unpadded = unpaddedLength(symbols);
    int padding = -unpadded & 3;
    int start = out.position();
    Wire.putHeader(out, FORMAT, Wire.TRANSPORT_FEEDBACK, unpadded + padding);
    Wire.putUnsignedInt(out, senderSsrc);
    Wire.putUnsignedInt(out, mediaSsrc);
    out.putShort((short) baseSequenceNumber);
    out.putShort((short) arrivalTicks.length);
    out.putInt(referenceTime << 8 | feedbackCount);
    writeChunks(symbols, out);
    long previous = 0;
    for (int i = 0; i < symbols.length; i++) {
      if (symbols[i] == SYMBOL_SMALL_DELTA) {
        out.put((byte) (arrivalTicks[i] - previous));
      } else if (symbols[i] == SYMBOL_LARGE_DELTA) {
        out.putShort((short) (arrivalTicks[i] - previous));
      }
      previous = symbols[i] == SYMBOL_NOT_RECEIVED ? previous : arrivalTicks[i];
    }
    if (padding > 0) {
      for (int i = 1; i < padding; i++) {
        out.put((byte) 0);
      }
      out.put((byte) padding);
      out.put(start, (byte) (out.get(start) | 0x20));
    }
  }
}
