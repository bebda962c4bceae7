package org.heliograph.peer.stream;

import java.nio.ByteBuffer;
import org.heliograph.peer.media.MediaFrame;
import org.heliograph.peer.media.MediaPacket;
import org.heliograph.peer.stream.receive.ReceiveStream;
import org.heliograph.peer.stream.send.SendStream;

/** What an {@link RtpSession} gives back, during the calls that are made into it. */
public interface RtpSessionListener {
  /**
   * An RTP packet to be protected and sent: position to limit, in a buffer which the session uses
   * again after the call and which has {@link RtpSession#SRTP_OVERHEAD} bytes to spare behind its
   * limit.
   */
  void onRtpToSend(ByteBuffer packet);

  /** An RTCP compound to be protected and sent; the buffer is as of {@link #onRtpToSend}. */
  void onRtcpToSend(ByteBuffer compound);

  /** A whole frame, in order, decodable after the frames handed on before it. */
  void onFrame(ReceiveStream stream, MediaFrame frame);

  /** A packet, where {@link RtpSession#setHandsOnPackets} asks for them. */
  default void onPacket(ReceiveStream stream, MediaPacket packet) {}

  /** The other side cannot decode what it has and asks for a key frame; already rate-limited. */
  void onKeyFrameRequested(SendStream stream);

  /**
   * A report has come on sound that is sent: the share of packets, 0 to 1, whose loss its encoder
   * should prepare for. It rises with the first bad report and falls with several good ones.
   */
  default void onLossToPrepareFor(SendStream stream, double share) {}

  /** The rate at which this side should send now, all streams together. */
  void onBandwidthEstimate(long bitsPerSecond);
}
