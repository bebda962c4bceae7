package org.heliograph.peer.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.DatagramPacket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;

/**
 * Finds the addresses of a name of the local network ({@code .local}, RFC 6762) by asking that
 * network, because the system's resolver knows such names only where it was set up to. Browsers
 * hide their addresses behind these names. Names of other kinds are no candidates of anybody.
 */
final class NameLookup {
  private static final Logger LOGGER = System.getLogger(NameLookup.class.getName());

  private static final int PORT = 5353;
  private static final InetAddress IPV4_GROUP = InetAddress.ofLiteral("224.0.0.251");
  private static final InetAddress IPV6_GROUP = InetAddress.ofLiteral("ff02::fb");

  /** When the question is asked: some of the packets are lost in a wireless network. */
  private static final List<Duration> ASKED =
      List.of(Duration.ZERO, Duration.ofMillis(300), Duration.ofMillis(1000));

  private static final Duration LIMIT = Duration.ofMillis(2500);
  private static final int MAX_MESSAGE = 9000;

  private final String name;

  NameLookup(String name) {
    this.name = name;
  }

  /**
   * Begins, on a thread of its own.
   *
   * @param from addresses of the interfaces to ask on
   * @param result takes the name and what was found, nothing at the latest after 2.5 seconds
   */
  void start(
      String threadName,
      Collection<InetAddress> from,
      BiConsumer<String, List<InetAddress>> result) {
    List<InetAddress> addresses = List.copyOf(from);
    Thread.ofVirtual()
        .name(threadName + "-names")
        .start(() -> result.accept(name, find(addresses)));
  }

  List<InetAddress> find(Collection<InetAddress> from) {
    if (!name.toLowerCase(Locale.ROOT).endsWith(".local")) {
      return List.of();
    }
    // Answers come to the port of multicast DNS, which its users share; without it, they may come
    // to the port that was asked from (RFC 6762 6.7).
    try (MulticastSocket socket = open()) {
      return ask(socket, from);
    } catch (IOException | IllegalArgumentException e) {
      LOGGER.log(Level.DEBUG, "a .local name cannot be looked up", e);
      return List.of();
    }
  }

  private static MulticastSocket open() throws IOException {
    try {
      return new MulticastSocket(PORT);
    } catch (IOException taken) {
      return new MulticastSocket(0);
    }
  }

  private List<InetAddress> ask(MulticastSocket socket, Collection<InetAddress> from)
      throws IOException {
    byte[] query = MdnsMessage.query(name);
    for (InetAddress address : from) {
      join(socket, address);
    }
    long startNanos = System.nanoTime();
    int asked = 0;
    DatagramPacket packet = new DatagramPacket(new byte[MAX_MESSAGE], MAX_MESSAGE);
    while (true) {
      long elapsed = System.nanoTime() - startNanos;
      if (asked < ASKED.size() && elapsed >= ASKED.get(asked).toNanos()) {
        asked++;
        for (InetAddress address : from) {
          send(socket, address, query);
        }
      }
      long next = asked < ASKED.size() ? ASKED.get(asked).toNanos() : LIMIT.toNanos();
      long left = Math.min(next, LIMIT.toNanos()) - elapsed;
      if (elapsed >= LIMIT.toNanos()) {
        return List.of();
      }
      socket.setSoTimeout((int) Math.max(1, Duration.ofNanos(left).toMillis()));
      try {
        packet.setLength(MAX_MESSAGE);
        socket.receive(packet);
        List<InetAddress> found =
            MdnsMessage.addresses(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), name);
        if (!found.isEmpty()) {
          return found;
        }
      } catch (SocketTimeoutException nothingYet) {
        // Ask again, or give up.
      }
    }
  }

  private static InetAddress group(InetAddress address) {
    return address instanceof Inet4Address ? IPV4_GROUP : IPV6_GROUP;
  }

  private static void join(MulticastSocket socket, InetAddress address) {
    try {
      socket.joinGroup(
          new InetSocketAddress(group(address), PORT), NetworkInterface.getByInetAddress(address));
    } catch (IOException | RuntimeException e) {
      LOGGER.log(Level.DEBUG, "multicast DNS is not heard on " + address, e);
    }
  }

  private static void send(MulticastSocket socket, InetAddress address, byte[] query) {
    try {
      socket.setNetworkInterface(NetworkInterface.getByInetAddress(address));
      socket.send(new DatagramPacket(query, query.length, group(address), PORT));
    } catch (IOException | RuntimeException e) {
      LOGGER.log(Level.DEBUG, "multicast DNS cannot be asked on " + address, e);
    }
  }
}
