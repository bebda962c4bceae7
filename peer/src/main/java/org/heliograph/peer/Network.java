package org.heliograph.peer;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What a {@link PeerConnection} asks of its driver: to send datagrams, to open TCP connections, to
 * look names up. Nothing here may call the connection back. A driver that only sends datagrams is
 * enough for everything but TURN servers over TCP and TLS, TCP candidates, and names.
 */
@FunctionalInterface
public interface Network {
  /**
   * Sends a datagram, position to limit. The buffer is used again after this call. A datagram that
   * cannot be sent is lost like any other: nothing is thrown.
   *
   * @param local the address to send from, one of those that {@link PeerConnection#addLocalAddress}
   *     was given, as the same object
   */
  void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram);

  /**
   * Begins to open a TCP connection. {@link PeerConnection#handleStreamConnected} or {@link
   * PeerConnection#handleStreamClosed} follows, after this call.
   *
   * @param stream a number that names the connection from now on, never used before
   * @param tlsServerName where TLS is spoken: the name that the server's certificate must have
   * @return whether connections can be opened at all; if not, nothing follows
   */
  default boolean connect(int stream, InetSocketAddress remote, Optional<String> tlsServerName) {
    return false;
  }

  /**
   * Sends a message over a connection that is open, position to limit, wholly or (when too much
   * waits to be sent) not at all. The buffer is used again after this call.
   */
  default void sendToStream(int stream, ByteBuffer message) {}

  /** Ends a connection, open or not; {@link PeerConnection#handleStreamClosed} does not follow. */
  default void disconnect(int stream) {}

  /**
   * Begins to look a name up. {@link PeerConnection#handleAddressesFound} follows, after this call,
   * and in a few seconds.
   *
   * @return whether names can be looked up at all; if not, nothing follows
   */
  default boolean lookUp(String name) {
    return false;
  }
}
