package org.heliograph.peer;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Sees every RTP packet and RTCP compound of a {@link PeerConnection} in the clear: what is
 * received after SRTP has accepted and decrypted it, what is sent before it is encrypted. For
 * debugging; {@link org.heliograph.peer.pcap.PcapFile} writes them to a file.
 */
@FunctionalInterface
public interface PacketObserver {
  /** Which way a packet goes. */
  enum Direction {
    /** From the other side. */
    RECEIVED,
    /** To the other side. */
    SENT
  }

  /**
   * A packet, on the connection's thread, in the way of the media: nothing here may block, throw or
   * call the connection.
   *
   * @param nowNanos when, on the driver's clock
   * @param rtcp whether it is RTCP; else RTP
   * @param local the address on this side of the path
   * @param remote the address on the other side
   * @param packet position to limit; only for the length of the call, and neither its bytes nor its
   *     position and limit may be changed
   */
  void onPacket(
      long nowNanos,
      Direction direction,
      boolean rtcp,
      InetSocketAddress local,
      InetSocketAddress remote,
      ByteBuffer packet);
}
