package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Receives VP8 (RFC 7741) and VP9 (RFC 9628): assembles frames out of packets. A frame with a
 * missing packet is never handed on, and neither is one that may need it ({@link
 * PictureReferences}); then everything up to the next key frame is dropped.
 */
final class VideoFrameReceiver implements FrameReceiver {
  /**
   * Spans the largest frame, over a megabyte, and half a second of 1200-byte packets at 20 Mbit/s.
   */
  private static final int CAPACITY = 1024;

  /** A key frame's first packet may come so many packets after its others. */
  private static final int START_SLACK = 32;

  private static final long NO_FRAME = Long.MIN_VALUE;

  /**
   * The time stamp of what is no media says nothing of its place: forward error correction for a
   * picture comes behind later pictures too.
   */
  private static final long NO_PLACE = Long.MAX_VALUE;

  /**
   * A hole of more packets than this, after a pause that was longer than that, is an outage: a key
   * frame costs less than all that was lost in it.
   */
  private static final int MAX_GAP = 128;

  private static final long OUTAGE_NANOS = 200_000_000;

  /** After a pause as long as this, so few are enough: what was in them nobody wants to see now. */
  private static final int MAX_GAP_AFTER_LONG_OUTAGE = 16;

  private static final long LONG_OUTAGE_NANOS = 750_000_000;

  private final ReorderBuffer buffer;
  private final VideoPayload payload;
  private final PictureReferences references = new PictureReferences();
  private final Patience patience;
  private final SuperframeIndex layers = new SuperframeIndex();
  private final Output output;

  /** Where the first key frame starts that has come, while one is needed. */
  private long keyFrameStart = NO_FRAME;

  /** Where the newest key frame starts. */
  private long newestKeyFrameStart = NO_FRAME;

  private final FrameScan headScan = new FrameScan();
  private final FrameScan keyFrameScan = new FrameScan();

  /** The time stamp of the frame that ends where the window begins. */
  private long endedTimestamp = NO_FRAME;

  private long lastPacketNanos;
  private long droppedTimestamp = NO_FRAME;
  private long framesDropped;
  private int frameOffset = MediaPacket.NO_FRAME;

  VideoFrameReceiver(VideoPayload payload, Patience patience, Output output) {
    this.payload = payload;
    this.patience = patience;
    this.output = output;
    buffer = new ReorderBuffer(CAPACITY, patience);
  }

  @Override
  public boolean receive(
      RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos)
      throws MalformedPacketException {
    boolean empty = !ours || packet.payloadLength() == 0;
    frameOffset = MediaPacket.NO_FRAME;
    if (!empty) {
      payload.parse(packet);
      frameOffset = payload.startsFrame() ? payload.descriptorLength() : MediaPacket.NO_FRAME;
    }
    if (!buffer.started()) {
      buffer.start(number, START_SLACK);
    } else if (isBehindOutage(number, nowNanos)) {
      startBehindOutage(number, nowNanos);
    } else if (number - buffer.next() >= CAPACITY) {
      makeRoomFor(number, nowNanos);
    }
    lastPacketNanos = nowNanos;
    int skip = empty ? 0 : payload.descriptorLength();
    int length = empty ? 0 : packet.payloadLength() - skip;
    long time = ours ? rtpTimestamp : NO_PLACE;
    ReorderBuffer.Slot slot = buffer.put(packet, number, time, skip, length, nowNanos);
    if (slot == null) {
      return false;
    }
    if (!empty) {
      PictureHeader header = payload.header();
      slot.describe(header);
      if (header.key()) {
        newestKeyFrameStart = Math.max(newestKeyFrameStart, number);
        if (references.needsKeyFrame() && (keyFrameStart == NO_FRAME || number < keyFrameStart)) {
          keyFrameStart = number;
        }
      }
    }
    handOn(nowNanos);
    return true;
  }

  @Override
  public int frameOffset() {
    return frameOffset;
  }

  @Override
  public void handleTimeout(long nowNanos) {
    buffer.giveUpMissingSince(nowNanos - patience.breakingNanos());
    handOn(nowNanos);
  }

  @Override
  public long nextTimeoutNanos() {
    MissingPackets missing = buffer.missing();
    if (missing.isEmpty()) {
      return Long.MAX_VALUE;
    }
    boolean dispensable = dispensableUpTo() != NO_FRAME;
    return missing.firstDetectedNanos()
        + (dispensable ? patience.dispensableNanos() : patience.breakingNanos());
  }

  @Override
  public long keyFrameWantedNanos() {
    if (!buffer.started()) {
      return Long.MAX_VALUE;
    }
    if (references.needsKeyFrame() && keyFrameStart == NO_FRAME) {
      return Long.MIN_VALUE;
    }
    long neededFrom = Math.max(buffer.next(), newestKeyFrameStart);
    long since = buffer.missing().detectedNanosFrom(neededFrom);
    return since == MissingPackets.NONE
            || firstPresentFrom(buffer.next()) == null // no picture shows that one is missing
            || dispensableUpTo() != NO_FRAME
        ? Long.MAX_VALUE
        : since + patience.keyFrameNanos();
  }

  @Override
  public void onGoodbye(long nowNanos) {
    buffer.giveUpMissingSince(Long.MAX_VALUE);
    handOn(nowNanos);
  }

  /** Hands on or drops everything that needs no more waiting. */
  private void handOn(long nowNanos) {
    while (!references.needsKeyFrame() || skipToKeyFrame()) {
      ReorderBuffer.Slot first = buffer.at(buffer.next());
      boolean moved;
      if (first == null) {
        moved = skipPadding() || giveUpWhatIsDispensable(nowNanos);
      } else if (first.lost() || first.empty() || !first.picture().startsFrame()) {
        skip(first);
        moved = true;
      } else {
        long end = headScan.endOfFrame(first.sequenceNumber());
        moved = end != NO_FRAME ? finish(first, end) : giveUpWhatIsDispensable(nowNanos);
      }
      if (!moved) {
        return;
      }
      findKeyFrameIfNeeded();
    }
  }

  /** Leaves a packet behind with which no frame starts. */
  private void skip(ReorderBuffer.Slot slot) {
    if (slot.lost()) {
      references.onPacketLost();
    } else if (!slot.empty()) {
      drop(slot);
    }
    buffer.advanceTo(slot.sequenceNumber() + 1);
  }

  /** Hands a frame on, or drops it: it has ended, or one of its packets is lost. */
  private boolean finish(ReorderBuffer.Slot first, long end) {
    boolean broken = buffer.at(end - 1).lost();
    if (broken) {
      drop(first);
    } else if (references.admit(picture(first, end))) {
      assemble(first, end);
    } else {
      countDropped(first);
    }
    endedTimestamp = broken ? NO_FRAME : first.timestamp();
    buffer.advanceTo(broken ? end - 1 : end);
    return true;
  }

  /**
   * Goes over missing packets in which no picture can have been: the next one's number tells, or a
   * packet without a picture that is still of the one before.
   */
  private boolean skipPadding() {
    ReorderBuffer.Slot slot = firstPresentFrom(buffer.next());
    long end = slot == null ? buffer.highest() + 1 : slot.sequenceNumber();
    for (long number = end - 1; number > buffer.next(); number--) {
      ReorderBuffer.Slot empty = buffer.at(number);
      if (empty != null && empty.empty() && empty.timestamp() == endedTimestamp) {
        buffer.advanceTo(number);
        return true;
      }
    }
    if (slot == null
        || !slot.picture().startsFrame()
        || !references.continuesWith(slot.picture(), slot.sequenceNumber() - buffer.next())) {
      return false;
    }
    buffer.advanceTo(slot.sequenceNumber());
    return true;
  }

  /** Gives up what is missing at the window's lower end if it has been waited for long enough. */
  private boolean giveUpWhatIsDispensable(long nowNanos) {
    long end = dispensableUpTo();
    if (end == NO_FRAME
        || buffer.missing().firstDetectedNanos() + patience.dispensableNanos() > nowNanos) {
      return false;
    }
    buffer.giveUpMissingBelow(end);
    return true;
  }

  /**
   * The number up to which what is missing at the window's lower end can be given up so that
   * decoding goes on behind it, or NO_FRAME if it cannot or that is not known yet. What comes
   * before a whole key frame is dispensable too: a picture that moves on is worth more.
   */
  private long dispensableUpTo() {
    if (buffer.missing().isEmpty()) {
      return NO_FRAME;
    }
    if (newestKeyFrameStart > buffer.next()) {
      long end = keyFrameScan.endOfFrame(newestKeyFrameStart);
      if (end != NO_FRAME && !buffer.at(end - 1).lost()) {
        return newestKeyFrameStart;
      }
    }
    PictureHeader partial = null;
    long missing = 0;
    for (long number = buffer.next(); number <= buffer.highest(); number++) {
      ReorderBuffer.Slot slot = buffer.at(number);
      if (slot == null) {
        missing++;
      } else if (!slot.lost() && !slot.empty()) {
        PictureHeader header = slot.picture();
        if (header.startsFrame() && number > buffer.next()) {
          return references.goesOnWithout(partial, missing, header) ? number : NO_FRAME;
        }
        if (partial != null && !partial.samePicture(header)) {
          return NO_FRAME;
        }
        partial = header;
      }
    }
    return NO_FRAME;
  }

  /** The first packet with a payload that has come, from a number on, or null. */
  private ReorderBuffer.Slot firstPresentFrom(long from) {
    for (long number = from; number <= buffer.highest(); number++) {
      ReorderBuffer.Slot slot = buffer.at(number);
      if (slot != null && !slot.lost() && !slot.empty()) {
        return slot;
      }
    }
    return null;
  }

  private void drop(ReorderBuffer.Slot slot) {
    references.onPartialFrame(slot.picture());
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
      buffer.advanceTo(keyFrameStart);
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
        keyFrameStart = slot != null && slot.picture().key() ? n : NO_FRAME;
      }
    }
  }

  /** What the packets of a whole picture say of it, all its layers together. */
  private PictureHeader picture(ReorderBuffer.Slot first, long end) {
    PictureHeader picture = first.picture();
    for (long n = first.sequenceNumber() + 1; n < end; n++) {
      picture = picture.with(buffer.at(n).picture());
    }
    return picture;
  }

  private void assemble(ReorderBuffer.Slot first, long end) {
    int length = 0;
    int layerStart = 0;
    layers.clear();
    for (long n = first.sequenceNumber(); n < end; n++) {
      length += buffer.at(n).payloadLength();
      if (buffer.at(n).picture().layer().ends() || n == end - 1) {
        layers.add(length - layerStart);
        layerStart = length;
      }
    }
    ByteBuffer frame = ByteBuffer.allocate(length + layers.length());
    for (long n = first.sequenceNumber(); n < end; n++) {
      buffer.at(n).copyPayloadTo(frame);
    }
    layers.writeTo(frame);
    frame.flip();
    output.onFrame(
        first.timestamp(), first.arrivalNanos(), first.picture().key(), frame.asReadOnlyBuffer());
  }

  private boolean isBehindOutage(long number, long nowNanos) {
    long silence = nowNanos - lastPacketNanos;
    int most = silence > LONG_OUTAGE_NANOS ? MAX_GAP_AFTER_LONG_OUTAGE : MAX_GAP;
    return silence > OUTAGE_NANOS && number - buffer.highest() > most;
  }

  /** So much is missing that all of it is given up. */
  private void startBehindOutage(long number, long nowNanos) {
    buffer.giveUpMissingSince(Long.MAX_VALUE);
    handOn(nowNanos);
    startAt(number);
  }

  /** The window is full: what is waited for is given up, and so is the older half of the rest. */
  private void makeRoomFor(long number, long nowNanos) {
    buffer.giveUpMissingSince(Long.MAX_VALUE);
    handOn(nowNanos);
    if (number - buffer.highest() >= CAPACITY) {
      startAt(number);
    } else if (number - buffer.next() >= CAPACITY) {
      references.breakOff();
      buffer.advanceTo(number - CAPACITY / 2);
      findKeyFrameIfNeeded();
    }
  }

  private void startAt(long number) {
    reset();
    buffer.start(number, START_SLACK);
  }

  @Override
  public MissingPackets missing() {
    return buffer.missing();
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
    newestKeyFrameStart = NO_FRAME;
    endedTimestamp = NO_FRAME;
    headScan.clear();
    keyFrameScan.clear();
  }

  /** Looks for the end of a frame, and goes on where it stopped the last time. */
  private final class FrameScan {
    private long start = NO_FRAME;
    private long scannedTo;

    void clear() {
      start = NO_FRAME;
    }

    /**
     * The number behind the frame's last packet (its marker, or the next one starts another frame),
     * or behind the first of its packets that is lost; NO_FRAME while it may still become whole.
     */
    long endOfFrame(long frameStart) {
      if (start != frameStart) {
        start = frameStart;
        scannedTo = frameStart;
      }
      ReorderBuffer.Slot first = buffer.at(start);
      for (; ; scannedTo++) {
        ReorderBuffer.Slot slot = buffer.at(scannedTo);
        if (slot == null) {
          return NO_FRAME;
        }
        if (slot.lost()) {
          return scannedTo + 1;
        }
        boolean another =
            slot.timestamp() != first.timestamp()
                || (slot != first && slot.picture().startsFrame());
        if (!slot.empty() && another) {
          return scannedTo;
        }
        if (slot.marker()) {
          return scannedTo + 1;
        }
      }
    }
  }
}
