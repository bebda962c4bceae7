package org.heliograph.peer;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Takes the datagrams that a {@link PeerConnection} sends. */
@FunctionalInterface
public interface DatagramOutput {
  /**
   * Sends a datagram, position to limit. The buffer is used again after this call. A datagram that
   * cannot be sent is lost like any other: nothing is thrown.
   *
   * @param local the address to send from, one of those that {@link PeerConnection#addLocalAddress}
   *     was given, as the same object
   */
  void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram);
}
