package org.heliograph.interop.bench;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Puts an {@link EmulatedPath} between the two sides of a call: each is shown the path's address in
 * place of the other's. Each side's first candidate of IPv4 and UDP is used, all others are left
 * out, so that there is one way between them.
 */
public final class PathBetween implements AutoCloseable {
  private final long seed;

  // Guarded by this.
  private EmulatedPath path;
  private boolean senderKnown;
  private boolean receiverKnown;

  /**
   * @param seed of all that is random on the path
   */
  public PathBetween(long seed) {
    this.seed = seed;
  }

  /**
   * What the other side is to be shown of a candidate; empty where it is left out.
   *
   * @param candidate a line such as {@code candidate:1 1 udp 2130706431 127.0.0.1 5000 typ host}
   */
  public synchronized Optional<String> showSenders(String candidate) throws IOException {
    InetSocketAddress address = address(candidate);
    if (address == null || senderKnown) {
      return Optional.empty();
    }
    senderKnown = true;
    open(address).setSender(address);
    return Optional.of(replace(candidate, address, path.facingReceiver()));
  }

  /** The same of a candidate of the receiver. */
  public synchronized Optional<String> showReceivers(String candidate) throws IOException {
    InetSocketAddress address = address(candidate);
    if (address == null || receiverKnown) {
      return Optional.empty();
    }
    receiverKnown = true;
    open(address).setReceiver(address);
    return Optional.of(replace(candidate, address, path.facingSender()));
  }

  private EmulatedPath open(InetSocketAddress first) throws IOException {
    if (path == null) {
      path = new EmulatedPath(first.getAddress(), seed);
    }
    return path;
  }

  /** The address of a host candidate of IPv4 and UDP; null for all others. */
  private static InetSocketAddress address(String candidate) throws IOException {
    String[] words = candidate.split(" ", -1);
    if (words.length < 8
        || !words[1].equals("1")
        || !words[2].equalsIgnoreCase("udp")
        || !words[7].equals("host")
        || !words[4].matches("[0-9.]+")) {
      return null;
    }
    InetAddress address = InetAddress.getByName(words[4]);
    return address instanceof Inet4Address
        ? new InetSocketAddress(address, Integer.parseInt(words[5]))
        : null;
  }

  private static String replace(String candidate, InetSocketAddress own, InetSocketAddress shown) {
    return candidate.replace(
        own.getAddress().getHostAddress() + " " + own.getPort(),
        shown.getAddress().getHostAddress() + " " + shown.getPort());
  }

  /** The network between the two; null until a side has told its candidate. */
  public synchronized EmulatedPath path() {
    return path;
  }

  @Override
  public synchronized void close() throws IOException {
    if (path != null) {
      path.close();
    }
  }
}
