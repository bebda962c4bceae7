package org.heliograph.peer.netem;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A bound UDP socket of a {@link Host}. */
public final class VirtualSocket implements AutoCloseable {
  /** Takes the packets that arrive at a socket; the buffer is its to change and keep. */
  @FunctionalInterface
  public interface Receiver {
    void receive(InetSocketAddress local, InetSocketAddress remote, ByteBuffer packet);
  }

  private final Host host;
  private final InetSocketAddress local;
  private final Receiver receiver;
  private boolean closed;

  VirtualSocket(Host host, InetSocketAddress local, Receiver receiver) {
    this.host = host;
    this.local = local;
    this.receiver = receiver;
  }

  /** The address and port that the socket is bound to. */
  public InetSocketAddress local() {
    return local;
  }

  Receiver receiver() {
    return receiver;
  }

  /** Sends a packet, from its position to its limit; it is copied and its position left alone. */
  public void send(InetSocketAddress remote, ByteBuffer packet) {
    if (!closed) {
      host.send(local, remote, packet);
    }
  }

  @Override
  public void close() {
    closed = true;
    host.unbind(this);
  }
}
