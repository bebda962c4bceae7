package org.heliograph.peer.net;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.heliograph.peer.IceUrl;
import org.heliograph.peer.PeerConfiguration;
import org.heliograph.peer.PeerConnection;

/**
 * Names the configured servers to a connection, as soon as each one's addresses are known: a name
 * server may take its time, and neither the connection's thread nor another server waits for it.
 */
final class IceServerLookup {
  /** After this gathering may end; a server that is found later is used all the same. */
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private static final Logger LOGGER = System.getLogger(IceServerLookup.class.getName());

  private record Server(IceUrl url, String username, String credential) {}

  private final List<Server> servers;
  private final Consumer<Consumer<PeerConnection>> connection;

  /**
   * A lookup that has not begun.
   *
   * @param connection runs a step on the connection's thread
   */
  IceServerLookup(PeerConfiguration configuration, Consumer<Consumer<PeerConnection>> connection) {
    this.servers =
        configuration.iceServers().stream()
            .flatMap(
                server ->
                    server.urls().stream()
                        .map(IceUrl::parse)
                        .map(url -> new Server(url, server.username(), server.credential())))
            .distinct()
            .toList();
    this.connection = connection;
  }

  /** Begins; the connection is told when all servers are named. */
  void start(String threadName) {
    CountDownLatch left = new CountDownLatch(servers.size());
    for (Server server : servers) {
      Thread.ofVirtual()
          .name(threadName + "-resolver")
          .start(
              () -> {
                try {
                  resolve(server);
                } finally {
                  left.countDown();
                }
              });
    }
    Thread.ofVirtual().name(threadName + "-gathering").start(() -> endAfter(left));
  }

  private void resolve(Server server) {
    List<InetAddress> addresses;
    try {
      addresses = List.of(InetAddress.getAllByName(server.url.host()));
    } catch (UnknownHostException e) {
      addresses = List.of(); // Which the connection tells its listener.
    }
    List<InetAddress> found = addresses;
    if (server.url.isTurn()) {
      connection.accept(
          peer ->
              peer.addTurnServer(
                  System.nanoTime(), server.url, server.username, server.credential, found));
    } else {
      connection.accept(peer -> peer.addStunServer(System.nanoTime(), server.url, found));
    }
  }

  private void endAfter(CountDownLatch left) {
    try {
      if (!left.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        LOGGER.log(Level.WARNING, "the addresses of some ICE servers are still being looked up");
      }
      connection.accept(peer -> peer.endOfLocalAddresses(System.nanoTime()));
      left.await();
      connection.accept(peer -> peer.endOfIceServers(System.nanoTime()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
