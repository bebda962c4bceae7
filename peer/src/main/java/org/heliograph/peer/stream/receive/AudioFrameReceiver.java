package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.peer.rtp.RedPayload;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Receives Opus (RFC 7587): each packet is a frame and needs no other, so a gap costs only itself.
 * The frames are handed on undecoded; where one is lost and the next carries it as in-band FEC,
 * passing that next one on unchanged is all there is to do, and it is counted.
 */
final class AudioFrameReceiver implements FrameReceiver {
  /** Is told of each packet that redundant audio has brought. */
  interface Taken {
    /**
     * A packet that was new and in time.
     *
     * @param offset where its payload is in the buffer of the packet that has brought it
     */
    void onTaken(long number, long rtpTimestamp, int offset, int length);
  }

  private static final int CAPACITY = 128;

  private final ReorderBuffer buffer;
  private final Patience patience;
  private final Output output;
  private boolean gap;
  private long framesDropped;
  private long gapsBeforeFec;
  private long framesRecovered;
  private long copiesReceived;
  private long copiedBytesReceived;
  private boolean handedOn;
  private long lastTimestamp;

  AudioFrameReceiver(Patience patience, Output output) {
    this.patience = patience;
    this.output = output;
    buffer = new ReorderBuffer(CAPACITY, patience);
  }

  @Override
  public boolean receive(
      RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos) {
    makeRoomFor(number, nowNanos);
    int length = ours ? packet.payloadLength() : 0;
    boolean taken = buffer.put(packet, number, rtpTimestamp, 0, length, nowNanos) != null;
    handOn();
    return taken;
  }

  /**
   * Takes a packet of redundant audio: its own frame, and the copies of earlier ones where those
   * are missing. The copies are taken to be of the packets right before it, as all senders have it;
   * one whose time does not fit between its neighbours' is left out.
   *
   * @param packet its payload is its own frame
   * @param payloadType the payload type of the stream's format
   * @param output is told of what was new and in time
   * @return whether any of it was new and in time
   */
  boolean receiveRedundant(
      RtpPacket packet,
      RedPayload red,
      int payloadType,
      long number,
      long rtpTimestamp,
      long nowNanos,
      Taken output) {
    makeRoomFor(number, nowNanos);
    boolean taken = false;
    int own = red.blocks() - 1;
    long after = handedOn ? lastTimestamp : Long.MIN_VALUE;
    for (int i = 0; i < own; i++) {
      long copied = number - own + i;
      long time = rtpTimestamp - red.timestampOffset(i);
      copiesReceived++;
      copiedBytesReceived += red.length(i);
      boolean fits = red.payloadType(i) == payloadType && time > after && time < rtpTimestamp;
      if (fits && red.length(i) > 0 && copied >= buffer.next() && !buffer.has(copied)) {
        int skip = red.offset(i) - packet.payloadOffset();
        buffer.put(packet, copied, time, skip, red.length(i), nowNanos);
        output.onTaken(copied, time, red.offset(i), red.length(i));
        framesRecovered++;
        taken = true;
      }
      after = Math.max(after, time);
    }
    int length = red.payloadType(own) == payloadType ? red.length(own) : 0;
    if (buffer.put(packet, number, rtpTimestamp, 0, length, nowNanos) != null) {
      output.onTaken(number, rtpTimestamp, packet.payloadOffset(), length);
      taken = true;
    }
    handOn();
    return taken;
  }

  private void makeRoomFor(long number, long nowNanos) {
    if (!buffer.started()) {
      buffer.start(number, 0);
    } else if (number - buffer.next() >= CAPACITY) {
      // A hole larger than any wait: what is behind it is all that counts.
      buffer.giveUpMissingSince(nowNanos);
      handOn();
      framesDropped += number - buffer.next();
      buffer.clear();
      buffer.start(number, 0);
      gap = true;
    }
  }

  @Override
  public void handleTimeout(long nowNanos) {
    buffer.giveUpMissingSince(nowNanos - patience.audioNanos());
    handOn();
  }

  @Override
  public long nextTimeoutNanos() {
    MissingPackets missing = buffer.missing();
    return missing.isEmpty()
        ? Long.MAX_VALUE
        : missing.firstDetectedNanos() + patience.audioNanos();
  }

  @Override
  public void onGoodbye(long nowNanos) {
    buffer.giveUpMissingSince(Long.MAX_VALUE);
    handOn();
  }

  private void handOn() {
    for (ReorderBuffer.Slot slot = buffer.at(buffer.next());
        slot != null;
        slot = buffer.at(buffer.next())) {
      if (slot.lost()) {
        framesDropped++;
        gap = true;
      } else if (!slot.empty()) {
        ByteBuffer payload = ByteBuffer.allocate(slot.payloadLength());
        slot.copyPayloadTo(payload);
        payload.flip();
        gapsBeforeFec += gap && OpusPacket.carriesFec(payload) ? 1 : 0;
        gap = false;
        handedOn = true;
        lastTimestamp = slot.timestamp();
        output.onFrame(slot.timestamp(), slot.arrivalNanos(), true, payload.asReadOnlyBuffer());
      }
      buffer.advanceTo(slot.sequenceNumber() + 1);
    }
  }

  /** Gaps of which the packet behind carried the lost sound too. */
  long gapsBeforeFec() {
    return gapsBeforeFec;
  }

  /** Lost frames that copies in later packets have replaced. */
  long framesRecovered() {
    return framesRecovered;
  }

  /** Copies of earlier frames that packets have brought. */
  long copiesReceived() {
    return copiesReceived;
  }

  /** Their bytes. */
  long copiedBytesReceived() {
    return copiedBytesReceived;
  }

  @Override
  public MissingPackets missing() {
    return buffer.missing();
  }

  @Override
  public long keyFrameWantedNanos() {
    return Long.MAX_VALUE;
  }

  @Override
  public long framesDropped() {
    return framesDropped;
  }

  @Override
  public void reset() {
    buffer.clear();
    gap = false;
    handedOn = false;
  }
}
