package org.heliograph.peer.netem;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A host with addresses, UDP sockets, and one link in each direction. */
public final class Host {
  private final NetworkEmulator.Segment segment;
  private final Link uplink;
  private final Link downlink;
  private final List<InetAddress> addresses = new ArrayList<>();
  private final Map<InetSocketAddress, VirtualSocket> sockets = new HashMap<>();
  private int nextPort = 50_000;

  Host(VirtualClock clock, Random seeds, NetworkEmulator.Segment segment) {
    this.segment = segment;
    uplink = new Link(clock, new Random(seeds.nextLong()), LinkConditions.perfect(), null);
    downlink = new Link(clock, new Random(seeds.nextLong()), LinkConditions.perfect(), null);
  }

  /** What this host sends goes through here. */
  public Link uplink() {
    return uplink;
  }

  /** What this host receives comes through here. */
  public Link downlink() {
    return downlink;
  }

  /** One of the host's addresses, with a port. */
  public InetSocketAddress address(int index, int port) {
    return new InetSocketAddress(addresses.get(index), port);
  }

  /** Gives the host one more address. */
  public void addAddress(String address) {
    InetAddress literal = NetworkEmulator.literal(address);
    segment.attach(literal, this::arrive);
    addresses.add(literal);
  }

  /** Takes an address away: its sockets neither send nor receive any more. */
  public void removeAddress(String address) {
    InetAddress literal = NetworkEmulator.literal(address);
    if (addresses.remove(literal)) {
      segment.detach(literal);
    }
  }

  /**
   * Opens a socket.
   *
   * @param port 0 for a free one
   */
  public VirtualSocket bind(String address, int port, VirtualSocket.Receiver receiver) {
    InetSocketAddress local =
        new InetSocketAddress(NetworkEmulator.literal(address), port == 0 ? nextPort++ : port);
    if (!addresses.contains(local.getAddress())) {
      throw new IllegalArgumentException("the host does not have " + address);
    }
    VirtualSocket socket = new VirtualSocket(this, local, receiver);
    if (sockets.putIfAbsent(local, socket) != null) {
      throw new IllegalArgumentException(local + " is taken");
    }
    return socket;
  }

  void unbind(VirtualSocket socket) {
    sockets.remove(socket.local(), socket);
  }

  void send(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet) {
    if (addresses.contains(from.getAddress())) {
      uplink.transmit(Link.copy(packet), sent -> segment.route(from, to, sent));
    }
  }

  private void arrive(InetSocketAddress from, InetSocketAddress to, ByteBuffer packet) {
    downlink.transmit(
        packet,
        received -> {
          VirtualSocket socket = sockets.get(to);
          if (socket != null && addresses.contains(to.getAddress())) {
            socket.receiver().receive(to, from, received);
          }
        });
  }
}
