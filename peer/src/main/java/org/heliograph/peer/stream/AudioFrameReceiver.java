package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.OpusPacket;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Receives Opus (RFC 7587): each packet is a frame and needs no other, so a gap costs only itself.
 * The frames are handed on undecoded; where one is lost and the next carries it as in-band FEC,
 * passing that next one on unchanged is all there is to do, and it is counted.
 */
final class AudioFrameReceiver implements FrameReceiver {
  private static final int CAPACITY = 128;

  private final ReorderBuffer buffer;
  private final Patience patience;
  private final Output output;
  private boolean gap;
  private long framesDropped;
  private long gapsBeforeFec;

  AudioFrameReceiver(Patience patience, Output output) {
    this.patience = patience;
    this.output = output;
    buffer = new ReorderBuffer(CAPACITY, patience);
  }

  @Override
  public boolean receive(
      RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos) {
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
    int length = ours ? packet.payloadLength() : 0;
    if (buffer.put(packet, number, rtpTimestamp, 0, length, nowNanos) == null) {
      return false;
    }
    handOn();
    return true;
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
      buffer.advanceTo(buffer.next() + 1);
      if (slot.lost()) {
        framesDropped++;
        gap = true;
      } else if (!slot.empty()) {
        ByteBuffer payload = ByteBuffer.allocate(slot.payloadLength());
        slot.copyPayloadTo(payload);
        payload.flip();
        gapsBeforeFec += gap && OpusPacket.carriesFec(payload) ? 1 : 0;
        gap = false;
        output.onFrame(slot.timestamp(), slot.arrivalNanos(), true, payload.asReadOnlyBuffer());
      }
    }
  }

  /** Gaps of which the packet behind carried the lost sound too. */
  long gapsBeforeFec() {
    return gapsBeforeFec;
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
  }
}
