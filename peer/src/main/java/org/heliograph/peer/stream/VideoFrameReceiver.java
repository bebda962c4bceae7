package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;
import org.heliograph.peer.rtp.Vp8PayloadDescriptor;

/**
 * Receives VP8 (RFC 7741): assembles frames out of packets. A frame with a missing packet is never
 * handed on, and neither is one that may need it ({@link Vp8References}); then everything up to the
 * next key frame is dropped.
 */
final class VideoFrameReceiver implements FrameReceiver {
  /**
   * Spans the largest frame, over a megabyte, and half a second of 1200-byte packets at 20 Mbit/s.
   */
  private static final int CAPACITY = 1024;

  /** A key frame's first packet may come so many packets after its others. */
  private static final int START_SLACK = 32;

  private static final long NO_FRAME = Long.MIN_VALUE;

  private final ReorderBuffer buffer = new ReorderBuffer(CAPACITY);
  private final Vp8PayloadDescriptor descriptor = new Vp8PayloadDescriptor();
  private final Vp8References references = new Vp8References();
  private final Output output;

  /** Where the first key frame starts that has come, while one is needed. */
  private long keyFrameStart = NO_FRAME;

  /** Up to here the frame at the window's lower end has been looked through. */
  private long scannedTo = NO_FRAME;

  private long droppedTimestamp = NO_FRAME;
  private long framesDropped;

  VideoFrameReceiver(Output output) {
    this.output = output;
  }

  @Override
  public boolean receive(
      RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos)
      throws MalformedPacketException {
    boolean empty = !ours || packet.payloadLength() == 0;
    if (!empty) {
      descriptor.parse(packet.buffer(), packet.payloadOffset(), packet.payloadLength());
    }
    if (!buffer.started()) {
      buffer.start(number, START_SLACK);
    } else if (number - buffer.next() >= CAPACITY) {
      makeRoomFor(number);
    }
    int skip = empty ? 0 : descriptor.length();
    int length = empty ? 0 : packet.payloadLength() - skip;
    ReorderBuffer.Slot slot = buffer.put(packet, number, rtpTimestamp, skip, length, nowNanos);
    if (slot == null) {
      return false;
    }
    if (!empty) {
      slot.describe(Vp8FrameHeader.of(descriptor));
      if (descriptor.startsKeyFrame() && (keyFrameStart == NO_FRAME || number < keyFrameStart)) {
        keyFrameStart = references.needsKeyFrame() ? number : NO_FRAME;
      }
    }
    handOn();
    return true;
  }

  @Override
  public void giveUp(long nowNanos, long maxWaitNanos) {
    buffer.giveUpMissingSince(nowNanos - maxWaitNanos);
    handOn();
  }

  /** Hands on or drops everything that needs no more waiting. */
  private void handOn() {
    while (true) {
      if (references.needsKeyFrame() && !skipToKeyFrame()) {
        return;
      }
      ReorderBuffer.Slot first = buffer.at(buffer.next());
      if (first == null) {
        return;
      }
      if (first.lost()) {
        references.onPacketLost();
        advanceTo(buffer.next() + 1);
      } else if (first.empty()) {
        advanceTo(buffer.next() + 1);
      } else if (!first.vp8().startsFrame()) {
        drop(first);
        advanceTo(buffer.next() + 1);
      } else {
        long end = endOfFrame(first);
        if (end == NO_FRAME) {
          return;
        }
        ReorderBuffer.Slot last = buffer.at(end - 1);
        if (last.lost()) {
          drop(first);
        } else if (references.admit(first.vp8())) {
          assemble(first, end);
        } else {
          countDropped(first);
        }
        advanceTo(last.lost() ? end - 1 : end);
      }
      findKeyFrameIfNeeded();
    }
  }

  private void advanceTo(long number) {
    buffer.advanceTo(number);
    scannedTo = NO_FRAME;
  }

  private void drop(ReorderBuffer.Slot slot) {
    references.onPartialFrame(slot.vp8());
    countDropped(slot);
  }

  private void countDropped(ReorderBuffer.Slot slot) {
    if (slot.timestamp() != droppedTimestamp) {
      droppedTimestamp = slot.timestamp();
      framesDropped++;
    }
  }

  /** Moves up to the next key frame that has begun to come; false if there is none. */
  private boolean skipToKeyFrame() {
    if (keyFrameStart == NO_FRAME) {
      return false;
    }
    if (keyFrameStart > buffer.next()) {
      advanceTo(keyFrameStart);
    }
    return true;
  }

  /**
   * Looks for a key frame that had come before it was needed; and forgets the one that was waited
   * for when the window has gone past it.
   */
  private void findKeyFrameIfNeeded() {
    if (!references.needsKeyFrame()) {
      keyFrameStart = NO_FRAME;
    } else if (keyFrameStart == NO_FRAME || keyFrameStart < buffer.next()) {
      keyFrameStart = NO_FRAME;
      for (long n = buffer.next(); n <= buffer.highest() && keyFrameStart == NO_FRAME; n++) {
        ReorderBuffer.Slot slot = buffer.at(n);
        keyFrameStart = slot != null && slot.vp8().key() ? n : NO_FRAME;
      }
    }
  }

  /**
   * The number behind the frame's last packet (its marker, or the next one starts another frame),
   * or behind the first of its packets that is lost; NO_FRAME while it may still become whole.
   */
  private long endOfFrame(ReorderBuffer.Slot first) {
    long number = scannedTo == NO_FRAME ? first.sequenceNumber() : scannedTo;
    while (true) {
      ReorderBuffer.Slot slot = buffer.at(number);
      if (slot == null) {
        scannedTo = number;
        return NO_FRAME;
      }
      if (slot.lost()) {
        return number + 1;
      }
      boolean another =
          slot.timestamp() != first.timestamp() || (slot != first && slot.vp8().startsFrame());
      if (!slot.empty() && another) {
        return number;
      }
      if (slot.marker()) {
        return number + 1;
      }
      number++;
    }
  }

  private void assemble(ReorderBuffer.Slot first, long end) {
    int length = 0;
    for (long n = first.sequenceNumber(); n < end; n++) {
      length += buffer.at(n).payloadLength();
    }
    ByteBuffer payload = ByteBuffer.allocate(length);
    for (long n = first.sequenceNumber(); n < end; n++) {
      buffer.at(n).copyPayloadTo(payload);
    }
    payload.flip();
    output.onFrame(
        first.timestamp(), first.arrivalNanos(), first.vp8().key(), payload.asReadOnlyBuffer());
  }

  /** The window is full: what is waited for is given up, and so is the older half of the rest. */
  private void makeRoomFor(long number) {
    buffer.giveUpMissingSince(Long.MAX_VALUE);
    handOn();
    if (number - buffer.next() >= CAPACITY) {
      references.breakOff();
      if (number - buffer.highest() >= CAPACITY) {
        buffer.clear();
        buffer.start(number, START_SLACK);
        scannedTo = NO_FRAME;
      } else {
        advanceTo(number - CAPACITY / 2);
      }
      findKeyFrameIfNeeded();
    }
  }

  @Override
  public MissingPackets missing() {
    return buffer.missing();
  }

  @Override
  public boolean wantsKeyFrame() {
    return buffer.started() && references.needsKeyFrame() && keyFrameStart == NO_FRAME;
  }

  @Override
  public boolean keyFrameIsComing() {
    return references.needsKeyFrame() && keyFrameStart != NO_FRAME;
  }

  @Override
  public long framesDropped() {
    return framesDropped;
  }

  @Override
  public void reset() {
    buffer.clear();
    references.breakOff();
    keyFrameStart = NO_FRAME;
    scannedTo = NO_FRAME;
  }
}
