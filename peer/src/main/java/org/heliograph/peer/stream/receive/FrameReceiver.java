package org.heliograph.peer.stream.receive;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaPacket;
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

  /**
   * Where in the payload of the packet that {@link #receive} took last a coded frame begins; {@link
   * MediaPacket#NO_FRAME} where none does.
   */
  default int frameOffset() {
    return MediaPacket.NO_FRAME;
  }

  /** Gives up what has been missing for too long, and hands on what that frees. */
  void handleTimeout(long nowNanos);

  /** When {@link #handleTimeout} has something to give up; {@link Long#MAX_VALUE} for never. */
  long nextTimeoutNanos();

  /** The source has left: gives up all that is missing, and hands on what that frees. */
  void onGoodbye(long nowNanos);

  /** What is missing, to be asked for. */
  MissingPackets missing();

  /**
   * From when on a key frame has to be asked for, if nothing else comes: it may be in the past;
   * {@link Long#MAX_VALUE} while none is needed or one is on its way.
   */
  long keyFrameWantedNanos();

  /** Frames of which a packet was lost, or which needed a lost one. */
  long framesDropped();

  /** Starts anew with the next packet: the source has changed or has restarted. */
  void reset();
}
