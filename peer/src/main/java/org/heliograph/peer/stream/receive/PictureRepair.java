package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Queue;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpExtensionMap;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.FecBitString;

/**
 * Makes lost packets good out of those that came and the sums that forward error correction has
 * sent (RFC 5109). A packet that was recovered can help to recover the next one. Bounded: the last
 * packets, and the sums that speak of them.
 */
public final class PictureRepair {
  /** How many packets are kept; a power of two. */
  private static final int CAPACITY = 256;

  private static final int MAX_SUMS = 128;

  /** Below all numbers, and far from overflow. */
  private static final long NOTHING = Long.MIN_VALUE / 2;

  /** A sum of packets. */
  private static final class Sum {
    private final FecBitString bits = new FecBitString();
    private long base;
    private long mask;
  }

  private final long[] numbers = new long[CAPACITY];
  private final FecBitString[] packets = new FecBitString[CAPACITY];
  private final Queue<Sum> sums = new ArrayDeque<>();
  private final Queue<Sum> spare = new ArrayDeque<>();
  private long newest = NOTHING;
  private long recoveredNumber;
  private long received;
  private long bytesReceived;
  private long used;

  public PictureRepair() {
    forgetAll();
  }

  /** The source has started anew. */
  void forgetAll() {
    Arrays.fill(numbers, NOTHING);
    spare.addAll(sums);
    sums.clear();
    newest = NOTHING;
  }

  /**
   * A packet has come that may be in sums.
   *
   * @param packet a view of what was wrapped
   */
  public void onPacket(long number, RtpPacket packet, RtpExtensionMap extensions) {
    if (newest - number < CAPACITY) {
      newest = Math.max(newest, number);
      place(number).set(packet, extensions);
    }
  }

  private FecBitString place(long number) {
    int index = (int) number & CAPACITY - 1;
    numbers[index] = number;
    if (packets[index] == null) {
      packets[index] = new FecBitString();
    }
    return packets[index];
  }

  private boolean has(long number) {
    return numbers[(int) number & CAPACITY - 1] == number;
  }

  /**
   * A sum has come.
   *
   * @param number the number of the packet that carried it
   * @throws MalformedPacketException if it is none
   */
  public void onSum(long number, ByteBuffer buffer, int offset, int length)
      throws MalformedPacketException {
    Sum sum = spare.isEmpty() ? new Sum() : spare.remove();
    sum.mask = sum.bits.readPayload(buffer, offset, length);
    sum.base = number - ((number - FecBitString.base(buffer, offset)) & 0xffff);
    newest = Math.max(newest, number);
    received++;
    bytesReceived += length;
    sums.add(sum);
    if (sums.size() > MAX_SUMS) {
      spare.add(sums.remove());
    }
  }

  /** Whether {@link #recover} may find something. */
  boolean hasSums() {
    return !sums.isEmpty();
  }

  /**
   * The next packet that can be recovered, or null.
   *
   * @param ssrc its source
   */
  public RtpPacket recover(long ssrc) {
    for (Iterator<Sum> all = sums.iterator(); all.hasNext(); ) {
      Sum sum = all.next();
      long missing = missing(sum);
      boolean single = (missing & missing - 1) == 0;
      boolean old = newest - sum.base >= CAPACITY;
      if (!single && !old) {
        continue;
      }
      all.remove();
      spare.add(sum);
      if (single && missing != 0 && !old) {
        try {
          return recover(sum, sum.base + Long.numberOfTrailingZeros(missing), ssrc);
        } catch (MalformedPacketException unusable) {
          // What was in it is not what was received: nothing can be made of it.
        }
      }
    }
    return null;
  }

  /** Which of a sum's packets have not come. */
  private long missing(Sum sum) {
    long missing = 0;
    for (long rest = sum.mask; rest != 0; rest &= rest - 1) {
      if (!has(sum.base + Long.numberOfTrailingZeros(rest))) {
        missing |= rest & -rest;
      }
    }
    return missing;
  }

  private RtpPacket recover(Sum sum, long number, long ssrc) throws MalformedPacketException {
    for (long rest = sum.mask; rest != 0; rest &= rest - 1) {
      long other = sum.base + Long.numberOfTrailingZeros(rest);
      if (other != number) {
        sum.bits.add(packets[(int) other & CAPACITY - 1]);
      }
    }
    RtpPacket packet = sum.bits.toPacket((int) number & 0xffff, ssrc);
    place(number).set(sum.bits);
    recoveredNumber = number;
    used++;
    return packet;
  }

  /** The unwrapped number of the packet that {@link #recover} gave last. */
  public long recoveredNumber() {
    return recoveredNumber;
  }

  /** Packets that brought sums. */
  long received() {
    return received;
  }

  /** Their payload bytes. */
  long bytesReceived() {
    return bytesReceived;
  }

  /** How many of them were of no use, because nothing was missing or too much. */
  long discarded() {
    return received - used - sums.size();
  }
}
