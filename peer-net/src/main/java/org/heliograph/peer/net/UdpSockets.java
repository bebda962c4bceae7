package org.heliograph.peer.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A connection's UDP sockets, one for each local address, waited for together. For one thread; only
 * {@link #wakeUp} may be called on any.
 */
final class UdpSockets implements AutoCloseable {
  /** Takes what comes. */
  interface Receiver {
    /** A datagram came; the buffer is used again after the call. */
    void onDatagram(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram);

    /** A socket can receive no more, because its network has gone. */
    void onLost(InetSocketAddress local);
  }

  private static final int MAX_DATAGRAM = 65_536;

  /** Room for a burst (a large key frame) that arrives while this thread is not running. */
  private static final int RECEIVE_BUFFER = 1 << 20;

  /** How many datagrams of one socket are read before the others get their turn. */
  private static final int MAX_BURST = 64;

  private final Selector selector;
  private final Map<InetSocketAddress, DatagramChannel> channels = new LinkedHashMap<>();
  private volatile Set<InetAddress> held = Set.of();

  // The SRTP transforms want an array; the channel copies through a direct buffer that it keeps.
  private final ByteBuffer buffer = ByteBuffer.allocate(MAX_DATAGRAM);

  private UdpSockets(Selector selector) {
    this.selector = selector;
  }

  /**
   * Binds a socket to a free port of each address; one that cannot be bound is passed over.
   *
   * @throws IOException if none can be bound
   */
  static UdpSockets bind(List<InetAddress> addresses) throws IOException {
    UdpSockets sockets = new UdpSockets(Selector.open());
    IOException problem = new IOException("no network interface is up");
    for (InetAddress address : addresses) {
      try {
        sockets.bind(address);
      } catch (IOException e) {
        problem = new IOException("no UDP socket can be bound: " + e.getMessage(), e);
      }
    }
    if (sockets.channels.isEmpty()) {
      sockets.close();
      throw problem;
    }
    return sockets;
  }

  /**
   * Binds a socket to a free port of an address.
   *
   * @throws IOException if the address cannot be bound
   */
  InetSocketAddress bind(InetAddress address) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
      // The system knows the broadcast address of every network, and sends nothing there without.
      channel.setOption(StandardSocketOptions.SO_BROADCAST, false);
      channel.bind(new InetSocketAddress(address, 0));
      channel.configureBlocking(false);
      InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
      channel.register(selector, SelectionKey.OP_READ, local);
      channels.put(local, channel);
      updateHeld();
      return local;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Closes a socket whose address has gone. */
  void close(InetSocketAddress local) {
    DatagramChannel channel = channels.remove(local);
    if (channel != null) {
      close(channel);
      updateHeld();
    }
  }

  /** The addresses that have a socket; for any thread. */
  Set<InetAddress> held() {
    return held;
  }

  private void updateHeld() {
    held =
        channels.keySet().stream()
            .map(InetSocketAddress::getAddress)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** The sockets' addresses, in the order in which they were bound. */
  List<InetSocketAddress> addresses() {
    return new ArrayList<>(channels.keySet());
  }

  /** Sends a datagram, which is lost when it cannot be sent. */
  void send(InetSocketAddress local, InetSocketAddress remote, ByteBuffer datagram) {
    DatagramChannel channel = channels.get(local);
    if (channel == null) {
      return;
    }
    try {
      // A full socket buffer sends nothing: the datagram is lost, as it would be further on.
      channel.send(datagram, remote);
    } catch (IOException unreachable) {
      // No route, a network that is down, a firewall: ICE finds out by what is not answered.
    }
  }

  /**
   * Waits for datagrams and hands over what came.
   *
   * @param timeoutMillis how long at most; 0 for not at all, negative for ever
   */
  void receive(long timeoutMillis, Receiver receiver) throws IOException {
    if (timeoutMillis == 0) {
      selector.selectNow(key -> ready(key, receiver));
    } else {
      selector.select(key -> ready(key, receiver), Math.max(0, timeoutMillis));
    }
  }

  private void ready(SelectionKey key, Receiver receiver) {
    if (key.attachment() instanceof Runnable stream) {
      stream.run();
    } else {
      read(key, receiver);
    }
  }

  /** What waits for datagrams; other channels, whose attachments are run, may wait with it. */
  Selector selector() {
    return selector;
  }

  private void read(SelectionKey key, Receiver receiver) {
    DatagramChannel channel = (DatagramChannel) key.channel();
    InetSocketAddress local = (InetSocketAddress) key.attachment();
    try {
      for (int i = 0; i < MAX_BURST; i++) {
        buffer.clear();
        InetSocketAddress remote = (InetSocketAddress) channel.receive(buffer);
        if (remote == null) {
          return;
        }
        receiver.onDatagram(local, remote, buffer.flip());
      }
    } catch (IOException networkGone) {
      close(local);
      receiver.onLost(local);
    }
  }

  /** Ends a {@link #receive} that waits. */
  void wakeUp() {
    selector.wakeup();
  }

  @Override
  public void close() {
    channels.values().forEach(UdpSockets::close);
    channels.clear();
    try {
      selector.close();
    } catch (IOException e) {
      throw new IllegalStateException("a selector cannot be closed", e);
    }
  }

  private static void close(DatagramChannel channel) {
    try {
      channel.close();
    } catch (IOException alreadyGone) {
      // There is nothing left to close.
    }
  }
}
