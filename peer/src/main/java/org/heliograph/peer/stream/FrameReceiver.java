package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import org.heliograph.peer.rtp.MalformedPacketException;
import org.heliograph.peer.rtp.RtpPacket;

/**
 * Makes one source's packets its frames, in order: takes packets with unwrapped numbers, waits for
 * the missing ones within bounds, hands whole frames on.
 */
sealed interface FrameReceiver permits VideoFrameReceiver, AudioFrameReceiver {
  /** What takes the frames. */
  interface Output {
    /**
     * A frame in order.
     *
     * @param rtpTimestamp its time stamp, unwrapped
     * @param arrivalNanos when its first packet came
     */
    void onFrame(long rtpTimestamp, long arrivalNanos, boolean key, ByteBuffer payload);
  }

  /**
   * Takes a packet.
   *
   * @param number its unwrapped sequence number
   * @param rtpTimestamp its unwrapped time stamp
   * @param ours whether the payload is of the stream's format; what is not only fills its number
   * @return whether it was new and in time
   * @throws MalformedPacketException if its payload breaks its format
   */
  boolean receive(RtpPacket packet, long number, long rtpTimestamp, boolean ours, long nowNanos)
      throws MalformedPacketException;

  /** Gives up what has been missing for longer than that, and hands on what that frees. */
  void giveUp(long nowNanos, long maxWaitNanos);

  /** What is missing, to be asked for. */
  MissingPackets missing();

  /** Whether nothing can be handed on before a key frame, and none is on its way. */
  boolean wantsKeyFrame();

  /** Whether nothing can be handed on before a key frame, and one has begun to come. */
  boolean keyFrameIsComing();

  /** Frames of which a packet was lost, or which needed a lost one. */
  long framesDropped();

  /** Starts anew with the next packet: the source has changed or has restarted. */
  void reset();
}
