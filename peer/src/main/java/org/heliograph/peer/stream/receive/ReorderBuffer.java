package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.stream.RtpSession;

/**
 * The window of packets that have come and are not yet handed on, by their unwrapped sequence
 * numbers. Its size is fixed and its storage is used again and again: as much of it as packets have
 * waited at a time, not as the window spans. A number in it stands for a packet that is there, one
 * that is given up ({@link Slot#lost()}), or one that may still come.
 */
final class ReorderBuffer {
  private static final byte[] NO_STORAGE = {};

  /** A place for one packet. */
  static final class Slot {
    private long sequenceNumber = Long.MIN_VALUE;
    private boolean lost;
    private long timestamp;
    private boolean marker;
    private long arrivalNanos;
    private byte[] payload = NO_STORAGE;
    private int payloadLength;
    private PictureHeader picture = PictureHeader.NONE;

    long sequenceNumber() {
      return sequenceNumber;
    }

    /** The packet has not come, and is no longer waited for. */
    boolean lost() {
      return lost;
    }

    /** Nothing but padding, or a payload that is not the stream's: it only fills its number. */
    boolean empty() {
      return !lost && payloadLength == 0;
    }

    /** The RTP time stamp, unwrapped. */
    long timestamp() {
      return timestamp;
    }

    boolean marker() {
      return marker;
    }

    long arrivalNanos() {
      return arrivalNanos;
    }

    int payloadLength() {
      return payloadLength;
    }

    /** What the payload descriptor says of the picture. */
    PictureHeader picture() {
      return picture;
    }

    void describe(PictureHeader header) {
      picture = header;
    }

    void copyPayloadTo(ByteBuffer out) {
      out.put(payload, 0, payloadLength);
    }

    private void fill(
        RtpPacket packet,
        long number,
        long time,
        int skip,
        int length,
        byte[] storage,
        long nowNanos) {
      sequenceNumber = number;
      lost = false;
      timestamp = time;
      marker = packet.marker();
      arrivalNanos = nowNanos;
      payloadLength = length;
      picture = PictureHeader.NONE;
      payload = storage;
      packet.buffer().get(packet.payloadOffset() + skip, payload, 0, length);
    }

    private void giveUp(long number) {
      sequenceNumber = number;
      lost = true;
      payloadLength = 0;
      picture = PictureHeader.NONE;
    }
  }

  private final Slot[] slots;
  private final Deque<byte[]> spares = new ArrayDeque<>();
  private final MissingPackets missing;
  private boolean started;
  private long next;
  private long highest;

  /**
   * @param capacity how many sequence numbers the window spans, a power of two
   * @param patience how long missing packets are waited for
   */
  ReorderBuffer(int capacity, Patience patience) {
    slots = new Slot[capacity];
    missing = new MissingPackets(patience);
  }

  /**
   * Starts the window.
   *
   * @param firstNumber the first packet's number
   * @param slack how many numbers below it may still come, though nobody waits for them
   */
  void start(long firstNumber, int slack) {
    started = true;
    next = firstNumber - slack;
    highest = firstNumber - 1;
  }

  /** Empties the window; it must be started again. */
  void clear() {
    started = false;
    missing.clear();
    for (Slot slot : slots) {
      if (slot != null) {
        slot.sequenceNumber = Long.MIN_VALUE;
        reclaim(slot);
      }
    }
  }

  boolean started() {
    return started;
  }

  /** The lowest number that is not handed on yet. */
  long next() {
    return next;
  }

  /** The highest number that has come. */
  long highest() {
    return highest;
  }

  int capacity() {
    return slots.length;
  }

  MissingPackets missing() {
    return missing;
  }

  /**
   * Takes a packet in.
   *
   * @param number its unwrapped sequence number; less than {@link #capacity} above {@link #next}
   * @param time its unwrapped time stamp
   * @param skip how many bytes of its payload to leave out
   * @param length how many bytes of its payload to take, behind those
   * @return where it is, or null if it came too late or is there already
   */
  Slot put(RtpPacket packet, long number, long time, int skip, int length, long nowNanos) {
    if (number < next || has(number)) {
      return null;
    }
    for (long gap = Math.max(next, highest + 1); gap < number; gap++) {
      long overflow = missing.add(gap, nowNanos);
      if (overflow != MissingPackets.NONE) {
        slot(overflow).giveUp(overflow);
      }
    }
    missing.remove(number);
    highest = Math.max(highest, number);
    Slot slot = slot(number);
    reclaim(slot);
    slot.fill(packet, number, time, skip, length, storage(length), nowNanos);
    return slot;
  }

  /** The packet of that number, or that it is given up; null if it may still come. */
  Slot at(long number) {
    Slot slot = slots[index(number)];
    return slot != null && slot.sequenceNumber == number ? slot : null;
  }

  /**
   * Moves the window's lower end: what is below is handed on or of no use, and is not read again.
   */
  void advanceTo(long number) {
    for (long passed = Math.max(next, number - slots.length); passed < number; passed++) {
      Slot slot = at(passed);
      if (slot != null) {
        reclaim(slot);
      }
    }
    next = number;
    highest = Math.max(highest, number - 1);
    missing.removeBelow(number);
  }

  /** Gives up what has been missing since before an instant. */
  void giveUpMissingSince(long nanos) {
    for (long number = missing.pollDetectedBy(nanos);
        number != MissingPackets.NONE;
        number = missing.pollDetectedBy(nanos)) {
      slot(number).giveUp(number);
    }
  }

  /** Gives up what is missing below a number. */
  void giveUpMissingBelow(long end) {
    for (long number = missing.pollBelow(end);
        number != MissingPackets.NONE;
        number = missing.pollBelow(end)) {
      slot(number).giveUp(number);
    }
  }

  /** Whether the packet of that number has come. */
  boolean has(long number) {
    Slot slot = at(number);
    return slot != null && !slot.lost;
  }

  /** Takes back what a place holds; a header that is kept would outlive every collection. */
  private void reclaim(Slot slot) {
    slot.picture = PictureHeader.NONE;
    if (slot.payload.length > 0) {
      spares.push(slot.payload);
      slot.payload = NO_STORAGE;
    }
  }

  private byte[] storage(int length) {
    if (length == 0) {
      return NO_STORAGE;
    }
    byte[] spare = spares.poll();
    return spare != null && spare.length >= length
        ? spare
        : new byte[Math.max(length, RtpSession.MAX_DATAGRAM)];
  }

  private Slot slot(long number) {
    int index = index(number);
    if (slots[index] == null) {
      slots[index] = new Slot();
    }
    return slots[index];
  }

  private int index(long number) {
    return (int) number & (slots.length - 1);
  }
}
