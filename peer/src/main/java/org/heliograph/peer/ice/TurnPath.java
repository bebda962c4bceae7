package org.heliograph.peer.ice;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The way from this side to a TURN server: a local address, or a connection of its own. */
interface TurnPath {
  /** The server's end. */
  InetSocketAddress server();

  /** Whether it is the one between these two sockets; never for a stream. */
  boolean isBetween(InetSocketAddress local, InetSocketAddress remote);

  /** Whether it is a stream: what is sent arrives, and ChannelData is padded. */
  boolean isStream();

  /** Sends a message to the server; the buffer is used again after this call. */
  void send(ByteBuffer message);
}
