package org.heliograph.peer.net;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks once a second whether the machine still has the addresses whose sockets a connection holds.
 *
 * <p>It asks instead of listening to netlink: a look costs a tenth of a millisecond, needs no
 * native code and no permission in a sandbox, and misses nothing, where a netlink socket that
 * overruns does. An address that cannot be bound yet (IPv6 duplicate address detection) is simply
 * tried again.
 */
final class AddressWatch implements AutoCloseable {
  /** Where the addresses come from. */
  interface Source {
    /**
     * The addresses that a connection may use now.
     *
     * @throws IOException if the interfaces cannot be listed
     */
    List<InetAddress> addresses() throws IOException;
  }

  private static final Logger LOGGER = System.getLogger(AddressWatch.class.getName());
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Source source;
  private final Supplier<Set<InetAddress>> held;
  private final Consumer<List<InetAddress>> changed;
  private final Thread thread;

  /**
   * Begins to watch.
   *
   * @param held the addresses that have sockets now; asked on the watch's own thread
   * @param changed told which addresses there are when they are others, on the watch's own thread
   */
  AddressWatch(
      String name,
      Source source,
      Supplier<Set<InetAddress>> held,
      Consumer<List<InetAddress>> changed) {
    this.source = source;
    this.held = held;
    this.changed = changed;
    this.thread = Thread.ofVirtual().name(name).start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        look();
      }
    } catch (InterruptedException closed) {
      // The connection has ended.
    }
  }

  private void look() {
    try {
      List<InetAddress> addresses = source.addresses();
      if (!held.get().equals(Set.copyOf(addresses))) {
        changed.accept(addresses);
      }
    } catch (IOException e) {
      LOGGER.log(Level.DEBUG, "the network interfaces cannot be listed now", e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
